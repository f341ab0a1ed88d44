"""Notices in words for people: notice or not."""

import pytest

from cmcdesk.mail.bounce.notice import Notice, build_notice
from cmcdesk.mail.bounce.parts import take_apart
from cmcdesk.mail.bounce.text import find_other_kind, read_text, recognise_text

OPENING = "This is the mail system at host mx.example.\nYour message could not be delivered."


def notice_of(mail: str) -> Notice:
    return build_notice(take_apart(mail.encode()), 0)


def decide(sender: str, subject: str, text: str, extra: str = "") -> tuple[bool, bool]:
    found = recognise_text(notice_of(f"From: {sender}\nSubject: {subject}\n{extra}\n{text}"))
    return found.is_notice, found.final


@pytest.mark.parametrize(
    ("sender", "subject"),
    [("MAILER-DAEMON@x.example", "Hello"), ("gw7@x.example", "Undelivered Mail"), ("Mail System <x@y>", "Re: Hello")],
)
def test_an_opening_and_a_mark_make_a_notice(sender: str, subject: str) -> None:
    assert decide(sender, subject, OPENING) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "A message that you sent was rejected by the local scanning code that\nchecks incoming messages here.",
        "A message that you sent was longer than the maximum size allowed on this\nsystem. It was not delivered.",
        "A message that you sent contained one or more recipient addresses that were\nincorrectly constructed:",
    ],
)
def test_exim_tells_what_it_did_not_take_at_all(text: str) -> None:
    assert decide("Mail Delivery System <Mailer-Daemon@x.example>", "Mail failure", text) == (True, True)


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        ("taro@x.example", "Hello", OPENING),
        ("taro@x.example", "Re: Undelivered Mail", OPENING),
        ("taro@x.example", "Mail delivery failed?", "My mail was not delivered, why?"),
        ("postmaster@x.example", "Maintenance on Sunday", "We shall be closed."),
    ],
)
def test_less_makes_none(sender: str, subject: str, text: str) -> None:
    assert decide(sender, subject, text)[0] is False


def test_a_delay_is_a_notice_that_is_not_final() -> None:
    assert decide("MAILER-DAEMON@x", "Warning", "Your message has not yet been delivered to <a@b>") == (True, False)
    assert decide("MAILER-DAEMON@x", "?", "I wasn't able to deliver it. I will keep trying.\n<a@b>") == (True, False)
    assert decide("MAILER-DAEMON@x", "x", "It has been delayed. Now I've given up.") == (True, True)


def test_success_is_none() -> None:
    assert decide("MAILER-DAEMON@x", "Delivery report", "Your mail was successfully delivered to <a@b>")[0] is False
    relayed = "次の受信者への配信は完了しましたが、配信先サーバーから配信通知は送信されませんでした:\n\na@b.example"
    assert decide("postmaster@x", "中継済み: x", relayed)[0] is False
    assert (
        decide("MAILER-DAEMON@x", "Delivery failed", "After unsuccessful delivery attempts: undeliverable")[0] is True
    )


@pytest.mark.parametrize(
    "head",
    [
        "Subject: Out of Office: x\n", "X-Autoreply: yes\n", "Precedence: auto_reply\n", "List-Id: <x.example>\n",
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n",
        "Content-Type: message/disposition-notification\n",
    ],
)  # fmt: skip
def test_other_kinds_are_known_by_their_header(head: str) -> None:
    assert find_other_kind(notice_of(f"From: a@b.example\n{head}\nHello\n")) is not None


def test_a_filters_rejection_in_the_form_of_a_receipt_is_a_notice() -> None:
    """RFC 5429 and Dovecot's quota answer."""
    head = "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
    assert find_other_kind(notice_of(f"{head}Your message was automatically rejected: full")) is None
    assert find_other_kind(notice_of(f"{head}Your message was displayed")) is not None


@pytest.mark.parametrize("subject", ["Postfix SMTP server: errors from unknown[192.0.2.9]", "Automatische Antwort: x"])
def test_other_kinds_are_known_by_their_subject(subject: str) -> None:
    assert (
        find_other_kind(notice_of(f"Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: {subject}\n\nx"))
        is not None
    )


def test_a_delay_that_tells_since_when_is_not_final() -> None:
    """Postfix's bounce(5) template for delays."""
    text = "Your message could not be delivered for more than 4 hour(s).\nIt will be retried until it is 5 day(s) old."
    assert decide("MAILER-DAEMON@x", "Delayed Mail (still being retried)", text) == (True, False)


@pytest.mark.parametrize(
    ("text", "is_notice"),
    [
        ("This is the mail system at host mx.example.\n<a@b.example>: 550 no", True),
        ("> This is the mail system at host mx.example.\n> <a@b.example>: 550 no", False),
        ("What does this mean?\n\nThis is the mail system at host mx.example.\n<a@b.example>: 550 no", False),
        ("原因を教えてください。\n\nThis is the mail system at host mx.example.\n<a@b.example>: 550 no", False),
    ],
)
def test_who_quotes_a_notice_or_asks_about_it_is_a_person(text: str, is_notice: bool) -> None:
    assert decide("Joe <joe@x.example>", "Undelivered Mail", text)[0] is is_notice
    assert decide("MAILER-DAEMON@x.example", "Undelivered Mail", text)[0] is True


@pytest.mark.parametrize(
    ("below", "causes"),
    [
        ("", [("5.2.2", 5), ("5.2.2", 5)]),
        (" [User unknown]", [(None, 99), (None, 2)]),  # one has a cause of its own: it is not known what is common
    ],
)
def test_one_cause_above_a_list_is_the_cause_of_each(below: str, causes: list[tuple[str | None, int]]) -> None:
    said = "Your message could not be delivered because of\n552 5.2.2 Mailbox full\n\nThe following were affected:\n"
    verdict = read_text(notice_of(f"From: MAILER-DAEMON@x.example\n\n{said} a@y.example\n b@y.example{below}\n"))
    assert [(failure.status, failure.error_status) for failure in verdict.failures] == causes


BAIT = "7 messages could not be delivered: your mailbox is full. Sign in to release them."


@pytest.mark.parametrize(
    ("return_path", "text", "is_notice"),
    [
        ("<x@evil.example>", BAIT, False),
        ("<x@evil.example>", "Quota exceeded. Sign in to keep your messages.", False),
        ("<x@evil.example>", f"{BAIT}\n\n<a@b.example>: 552 full", True),  # who names a recipient
        ("<list-admin@x.example>", OPENING, True),  # a system's own sentence, passed on by a list
        ("<>", BAIT, True),
        ("<MAILER-DAEMON@x.example>", BAIT, True),
    ],
)
def test_a_mail_systems_name_above_somebodys_return_path_needs_a_recipient(
    return_path: str, text: str, is_notice: bool
) -> None:
    extra = f"Return-Path: {return_path}\n"
    assert decide("Mail Delivery System <postmaster@x.example>", "Delivery failure", text, extra)[0] is is_notice


@pytest.mark.parametrize(
    ("text", "about_goods"),
    [
        (
            "Ihre Nachricht konnte an einen Empfänger nicht zugestellt werden.",
            "Ihr Paket konnte nicht zugestellt werden.",
        ),
        ("Votre message n'a pas pu être distribué.", "Votre colis n'a pas pu être remis."),
        ("Il messaggio non e' stato consegnato.", "Il pacco non è stato recapitato."),
        ("El mensaje no ha podido ser entregado.", "Su paquete no se pudo entregar."),
        ("Sua mensagem não foi entregue.", "Não foi possível entregar a encomenda."),
        ("К сожалению, письмо не может быть отправлено.", "Вашу посылку не удалось доставить."),
        ("很抱歉，您的邮件被退回。", "您的包裹投递失败。"),
        ("보내신 메일이 반송되었습니다.", "택배가 반송되었습니다."),
    ],
)
def test_other_languages_open_a_notice_that_a_mail_system_writes(text: str, about_goods: str) -> None:
    assert decide("MAILER-DAEMON@x.example", "?", f"{text}\n\n<a@b.example>", "Return-Path: <>\n") == (True, True)
    assert decide("Parcels <info@x.example>", "Zustellung", about_goods, "Return-Path: <>\n")[0] is False
    assert decide("gw7@x.example", "Zustellung", f"{text}\n\n<a@b.example>: 550 5.1.1 no\n") == (True, True)


@pytest.mark.parametrize(
    ("subject", "text", "is_notice"),
    [
        ("Domain renewal", "Your domain expires soon. Mail could not be delivered then.", False),
        ("パスワード変更のお願い", "変更しないとメールが届きません。", False),
        ("Hello", "Mail could not be delivered to a@b.example.", True),
        ("Hello", "Mail could not be delivered: 550 5.1.1 no", True),
        ("Undelivered mail", "Mail could not be delivered.", True),
        ("Hello", "Mail could not be delivered.\n\nOriginal message follows\nReceived: from x", True),
    ],
)
def test_what_a_postmaster_announces_to_his_own_people_is_none(subject: str, text: str, is_notice: bool) -> None:
    extra = "Return-Path: <>\nContent-Type: text/plain; charset=utf-8\n"
    assert decide("Postmaster <postmaster@x.example>", subject, text, extra)[0] is is_notice


@pytest.mark.parametrize(
    ("subject", "return_path", "text", "is_notice"),
    [
        ("Undeliverable: x", "<>", "Your message to <a@b.example> was not delivered.\n550 5.1.1 no", True),
        ("Undeliverable: x", "<>", "Your message to <a@b.example> was not delivered.", False),
        ("Undeliverable: x", "<gw@x.example>", "Your message to <a@b.example> was not delivered.\n550 5.1.1 no", False),
        ("Hello", "<>", "Your message to <a@b.example> was not delivered.\n550 5.1.1 no", False),
    ],
)
def test_a_notice_under_another_name_needs_a_code_and_the_null_path(
    subject: str, return_path: str, text: str, is_notice: bool
) -> None:
    assert decide("noreply@x.example", subject, text, f"Return-Path: {return_path}\n")[0] is is_notice


@pytest.mark.parametrize(
    "text",
    [
        "配信できませんでした。\na@x.example はメールボックスがいっぱいです。\nb@y.example は存在しません。",
        "Message undeliverable.\nThe mailbox of a@x.example is full.\nThe user b@y.example does not exist.",
    ],
)
def test_each_sentence_tells_the_cause_of_its_own_recipient(text: str) -> None:
    verdict = read_text(notice_of(f"From: MAILER-DAEMON@x.example\nSubject: Undeliverable mail\n\n{text}"))
    found = [(failure.recipient, failure.error_status) for failure in verdict.failures]
    assert found == [("a@x.example", 5), ("b@y.example", 2)]


def test_a_cause_behind_two_sentences_is_the_cause_of_both() -> None:
    text = "Your mail to a@x.example could not be sent, nor your mail to b@y.example.\n\nReason: mailbox full"
    verdict = read_text(notice_of(f"From: MAILER-DAEMON@x.example\nSubject: Undeliverable mail\n\n{text}"))
    assert [failure.error_status for failure in verdict.failures] == [5, 5]


@pytest.mark.parametrize(
    ("subject", "error_status"),
    [
        ("Returned mail: User unknown", 2),
        ("DELIVERY FAILURE: User a (a@x.example) not listed in Domino Directory", 2),
        ("配信エラー(宛先不明)", 2),
        ("Mailbox full", 5),
        # What may be the failed mail's own subject is no cause
        ("Undeliverable: Mailbox full of offers", 99),
        ('Undeliverable mail "User unknown"', 99),
        ("配信不能: 容量オーバー対策セミナー", 99),
        ("Undelivered Mail Returned to Sender", 99),
        ("Mail System Error - Returned Mail", 99),
    ],
)
def test_a_cause_may_stand_in_the_subject_alone(subject: str, error_status: int) -> None:
    mail = (
        f"From: MAILER-DAEMON@x.example\nSubject: {subject}\n\nYour message could not be delivered to:\n\na@x.example\n"
    )
    (failure,) = read_text(notice_of(mail)).failures
    assert failure.error_status == error_status


def test_the_failed_mails_subject_is_known_where_it_is_returned() -> None:
    mail = (
        "From: MAILER-DAEMON@x.example\nSubject: Undeliverable mail - Mailbox full of offers\n\n"
        "Your message could not be delivered to:\n\na@x.example\n\n--- Original message ---\n\n"
        "From: b@y.example\nSubject: Mailbox full of offers\nTo: a@x.example\n"
    )
    (failure,) = read_text(notice_of(mail)).failures
    assert failure.error_status == 99


@pytest.mark.parametrize(
    ("text", "is_notice"),
    [
        ("Daily mail statistics\n\nMessages delivered: 1,200\nMessages not delivered: 12\n", False),
        ("本日のメール配送状況\n\n配送成功: 1200件\n配送失敗: 12件\n", False),
        ("    12   undelivered messages\n     3   bounced\n", False),
        ("Messages not delivered: 1\n\n<a@x.example>: 550 User unknown\n", True),
    ],
)
def test_a_count_of_failures_is_no_notice(text: str, is_notice: bool) -> None:
    assert decide("postmaster@x.example", "Mail delivery report", text, "Return-Path: <>\n")[0] is is_notice


def test_listserv_names_the_list_in_the_subject() -> None:
    mail = (
        'Return-Path: <>\nFrom: "L-Soft list server at X.EXAMPLE (16.0)" <LISTSERV@X.EXAMPLE>\nTo: info@y.example\n'
        "Subject: Rejected posting to NEWS-L@X.EXAMPLE\n\nYou  are  not authorized  to  send  mail to  the NEWS-L  list"
        " from  your\ninfo@Y.EXAMPLE account. If you have any questions, please contact the list owners at:\n"
        "NEWS-L-request@X.EXAMPLE.\n"
    )
    (failure,) = read_text(notice_of(mail)).failures
    assert (failure.recipient, failure.error_status) == ("NEWS-L@X.EXAMPLE", 4)
