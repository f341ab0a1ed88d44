"""The tables as a whole: no phrase may mean two things, and each must be able to decide."""

import pytest

from cmcdesk.mail.bounce.failures import classify
from cmcdesk.mail.bounce.phrases.phrases import find_cause, make_flat
from cmcdesk.mail.bounce.phrases.wording import faulty_rows, receiver_rows, telling_rows, vague_rows


def test_no_phrase_stands_for_two_error_statuses() -> None:
    for rows in (receiver_rows(), telling_rows(), faulty_rows(), vague_rows()):
        meanings: dict[tuple[str, ...], set[int]] = {}
        for _where, pieces, cause in rows.rows:
            meanings.setdefault(pieces, set()).add(cause.error_status)
        assert {pieces: found for pieces, found in meanings.items() if len(found) > 1} == {}


def test_every_phrase_is_decided_by_its_own_error_status_or_a_row_before_it() -> None:
    """A phrase alone must be found in its own table; that an earlier row may win is the order's purpose."""
    for rows in (receiver_rows(), telling_rows(), faulty_rows(), vague_rows()):
        for _where, pieces, _cause in rows.rows:
            assert find_cause(rows, make_flat(" x ".join(pieces))) is not None, pieces


def test_error_statuses_are_those_of_cmc() -> None:
    for rows in (receiver_rows(), telling_rows(), faulty_rows(), vague_rows()):
        assert {cause.error_status for _, _, cause in rows.rows} <= {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99}


@pytest.mark.parametrize(
    ("text", "error_status"),
    [
        ("550 Il dominio b.example non esiste", 1), ("550 O domínio b.example não existe", 1),
        ("550 Le domaine b.example n'existe pas", 1), ("550 domena nie istnieje", 1), ("550 domein bestaat niet", 1),
        ("550 Unbekannte Domain", 1), ("550 nel dominio b.example l'utente non esiste", 2),
        ("550 l'utilisateur n'existe pas dans le domaine b.example", 2), ("550 usuário não existe", 2),
        ("Die Domain existiert nicht.", 1), ("域名不存在", 1), ("550 RCPT (a@b.example) dosn't exist", 2),
        ("550 Postfach nicht vorhanden", 2), ("550 Unbekannter Empfaenger", 2), ("550 user dormant", 2),
        ("550 Konto gesperrt", 2), ("550 Compte desactive", 2), ("550 Conta desativada", 2), ("账号已被冻结", 2),
        ("550 Account disabilitato", 2), ("550 Destinatario nao encontrado", 2), ("ящик получателя заблокирован", 2),
        ("Ihre Nachricht wurde als Spam eingestuft", 4), ("被识别为垃圾邮件", 4), ("对方服务器拒绝", 4),
        ("554 Cannot send message due to possible abuse", 4), ("550 invalid DNS MX or A/AAAA resource record", 4),
        ("550 the user does not wish to receive mail from you", 4), ("550 you must be authenticated to send", 7),
        ("could not be delivered for the following reason: mail refused", 4), ("550 DNS problem: NXDOMAIN", 1),
        ("could not be delivered for more than 4 hour(s)", 3), ("550 5.7.1 POL-P6 http://postmaster.example", 4),
        ("could not be delivered: Invalid number", 99), ("unable to deliver. Internal error", 7),
        ("550 Sorry, I could not find that user here", 2), ("550 rejected: Account Unavailable", 2),
        ("553 5.5.4 Domain name required for sender address", 4), ("550 Mail size over limit (20971520)", 8),
        ("554 mail exchanger for domain points to local host", 7), ("550 Can't open mailbox", 7),
        ("550 Account blocked", 2), ("501 Invalid character in local part", 9), ("550 mailbox is restricted", 4),
        ("550 mail to you is not accepted at this site", 4),
        ("수신거부 설정으로 반송되었습니다", 4), ("받는 사람의 메일함 용량초과", 5), ("존재하지않는 계정입니다", 2),
        ("552 Benutzer hat zuviele Mails auf dem Server", 5), ("has been aborted after 4.2 hour(s)", 3),
    ],
)  # fmt: skip
def test_what_providers_say_in_their_own_words(text: str, error_status: int) -> None:
    assert classify([text], None, None).error_status == error_status


def test_a_size_that_a_code_tells_is_no_fault_of_the_server() -> None:
    assert classify(["No messages this big. Server error: 552 5.3.4"], "5.3.4", "552").error_status == 8
