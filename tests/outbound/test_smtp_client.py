from typing import Any

import pytest

from cmcdesk.outbound.smtp_client import Hangup, Letter, SmtpConnection, TimeOuts, read_smtp_answer
from cmcdesk.outbound.wire import write_wire

from .conftest import OFFERS, Scripted, accept_all

QUICK = TimeOuts(2.0, 2.0, 2.0, 2.0, 2.0)


def connect(server: Scripted) -> SmtpConnection:
    return SmtpConnection(server.connect(), "mta01.pro.smtps.jp", QUICK)


def letter(*recipients: str, octets: bytes = b"a\r\n", sender: str = "s@x.example") -> Letter:
    return Letter(sender, recipients or ("a@x.example",), write_wire(octets))


def refuse(*refused: bytes, reply: bytes, offers: bytes = OFFERS) -> Any:
    """A script that gives `reply` to lines that hold one of `refused`."""

    def script(line: bytes, server: Scripted) -> bytes | None:
        if line.startswith(b"EHLO"):
            return offers
        return reply if any(word in line for word in refused) else accept_all(line, server)

    return script


def test_a_mail_goes_in_two_round_trips_and_the_next_over_the_same_connection(scripted: Any) -> None:
    server = scripted()
    connection = connect(server)
    assert connection.offers == {"PIPELINING": "", "8BITMIME": "", "SMTPUTF8": "", "SIZE": "1000000"}
    for _ in range(2):
        answers = connection.send(letter("a@x.example", "b@x.example", octets=b".dot\r\n"))
        assert [(one.code, one.enhanced, one.text, one.command) for one in answers.values()] == [
            (250, "2.0.0", "ok", "end of DATA")
        ] * 2  # fmt: skip
    connection.quit()
    assert server.pieces[:5] == [1, 4, 2, 4, 2], "EHLO; MAIL, RCPT, RCPT and DATA together; the mail; again"
    assert server.lines[:5] == [
        b"EHLO mta01.pro.smtps.jp\r\n", b"MAIL FROM:<s@x.example> SIZE=6\r\n", b"RCPT TO:<a@x.example>\r\n",
        b"RCPT TO:<b@x.example>\r\n", b"DATA\r\n",
    ]  # fmt: skip
    assert server.mails == [b"..dot\r\n.\r\n"] * 2 and server.connections == 1


@pytest.mark.parametrize("offers", [OFFERS, b"250 test\r\n"])
def test_one_recipient_refused_leaves_the_others(scripted: Any, offers: bytes) -> None:
    refusal = b"550-5.1.1 <no@x.example>:\r\n550-5.1.1 User unknown\r\n550 5.1.1 see http://x.example/\r\n"
    server = scripted(refuse(b"no@", reply=refusal, offers=offers))
    answers = connect(server).send(letter("no@x.example", "a@x.example"))
    refused = answers["no@x.example"]
    assert (refused.code, refused.enhanced, refused.command) == (550, "5.1.1", "RCPT TO")
    assert refused.text == "<no@x.example>: User unknown see http://x.example/"
    assert answers["a@x.example"].outcome == "delivered" and len(server.mails) == 1


@pytest.mark.parametrize("offers", [OFFERS, b"250 test\r\n"])
@pytest.mark.parametrize("command", [b"MAIL", b"RCPT", b"DATA"])
def test_after_a_refusal_the_next_mail_begins_anew(scripted: Any, command: bytes, offers: bytes) -> None:
    seen: list[bytes] = []

    def script(line: bytes, server: Scripted) -> bytes | None:
        if line.startswith(b"EHLO"):
            return offers
        seen.append(line.split(b" ")[0].strip())
        is_first = seen.count(command) == 1
        if line.startswith(command) and is_first:
            return b"451 4.3.0 not now\r\n"
        if line.startswith((b"RCPT", b"DATA")) and b"RSET" not in seen:
            return b"503 5.5.1 no\r\n" if command != b"DATA" or line.startswith(b"DATA") else b"250 ok\r\n"
        return accept_all(line, server)

    connection = connect(scripted(script))
    (answer,) = connection.send(letter()).values()
    assert (answer.code, answer.text) == (451, "not now")
    assert [one.outcome for one in connection.send(letter()).values()] == ["delivered"]
    assert seen.count(b"RSET") == 1


def test_an_invitation_with_nobody_to_send_to_gets_the_dot_alone(scripted: Any) -> None:
    server = scripted(refuse(b"RCPT", reply=b"550 5.1.1 no\r\n"))
    connection = connect(server)
    assert [one.code for one in connection.send(letter()).values()] == [550]
    assert server.mails == [b".\r\n"] and connection.is_usable


def test_the_end_decides(scripted: Any) -> None:
    server = scripted(refuse(b".\r\n", reply=b"554 5.7.1 it is spam\r\n"))
    answers = connect(server).send(letter("a@x.example", "b@x.example"))
    assert [(one.code, one.command) for one in answers.values()] == [(554, "end of DATA")] * 2


@pytest.mark.parametrize(
    ("octets", "sender", "offers", "enhanced"),
    [
        (b"a" * 600 + b"\r\n", "s@x.example", b"250-test\r\n250 SIZE 500\r\n", "5.3.4"),
        (b"\xc3\xa9\r\n", "s@x.example", b"250 test\r\n", "5.6.3"),
        (b"a\r\n", "é@x.example", b"250-test\r\n250 8BITMIME\r\n", "5.6.7"),
    ],
)
def test_what_the_server_cannot_take_is_not_sent(
    scripted: Any, octets: bytes, sender: str, offers: bytes, enhanced: str
) -> None:
    server = scripted(refuse(reply=b"", offers=offers))
    (answer,) = connect(server).send(letter(octets=octets, sender=sender)).values()
    assert (answer.code, answer.enhanced, answer.outcome) == (None, enhanced, "permanent")
    assert len(server.lines) == 1


def test_what_it_offers_is_used(scripted: Any) -> None:
    server = scripted()
    connect(server).send(letter("é@x.example", octets=b"\xc3\xa9\r\n"))
    assert server.lines[1] == b"MAIL FROM:<s@x.example> SIZE=4 BODY=8BITMIME SMTPUTF8\r\n"


@pytest.mark.parametrize(
    ("octets", "offers", "parameters"),
    [
        ("Subject: é\r\n\r\n".encode(), OFFERS, b" SIZE=15 BODY=8BITMIME SMTPUTF8"),
        ("Subject: e\r\n\r\né\r\n".encode(), OFFERS, b" SIZE=18 BODY=8BITMIME"),
        (b"Subject: \xe9\r\n\r\n", OFFERS, b" SIZE=14 BODY=8BITMIME"),
        ("Subject: é\r\n\r\n".encode(), b"250-test\r\n250 8BITMIME\r\n", b" BODY=8BITMIME"),
    ],
)
def test_fields_in_utf8_are_declared_where_that_is_offered(
    scripted: Any, octets: bytes, offers: bytes, parameters: bytes
) -> None:
    server = scripted(refuse(b"nothing", reply=b"", offers=offers))
    connect(server).send(letter(octets=octets))
    assert server.lines[1] == b"MAIL FROM:<s@x.example>" + parameters + b"\r\n"


@pytest.mark.parametrize("limit", ["", "0", "ten", "²", "9" * 5000])
def test_a_size_that_says_nothing_limits_nothing(scripted: Any, limit: str) -> None:
    server = scripted(refuse(b"nothing", reply=b"", offers=f"250-test\r\n250 SIZE {limit}\r\n".encode()))
    assert [one.outcome for one in connect(server).send(letter()).values()] == ["delivered"]


def test_a_server_without_ehlo_is_greeted_the_old_way(scripted: Any) -> None:
    server = scripted(refuse(b"EHLO", reply=b"", offers=b"502 what?\r\n"))
    connection = connect(server)
    assert connection.offers == {}
    assert [one.outcome for one in connection.send(letter()).values()] == ["delivered"]
    assert server.lines[1].startswith(b"HELO ")


@pytest.mark.parametrize(
    ("greeting", "code"),
    [(b"421 4.3.2 busy\r\n", 421), (b"554 5.7.1 go away\r\n", 554), (b"hello\r\n", None), (b"220", None)],
)
def test_a_bad_greeting_hangs_up(scripted: Any, greeting: bytes, code: int | None) -> None:
    server = scripted(greeting=greeting)
    with pytest.raises(Hangup) as hangup:
        SmtpConnection(server.connect(), "x", TimeOuts(0.3, 2.0, 2.0, 2.0, 2.0))
    assert hangup.value.answer.code == code


def test_a_connection_that_breaks_after_the_mail_was_sent_leaves_it_open(scripted: Any) -> None:
    connection = connect(scripted(refuse(b".\r\n", reply=None)))  # type: ignore[arg-type]
    (answer,) = connection.send(letter()).values()
    assert (answer.code, answer.command, answer.outcome) == (None, "end of DATA", "transient")
    assert not connection.is_usable


@pytest.mark.parametrize(("said", "text"), [(b"ok\rmore", "ok more"), (b"ok\0", "ok"), (b"\tok\x1b[1m", "ok [1m")])
def test_control_characters_in_a_reply_leave_it_one_and_are_not_kept(scripted: Any, said: bytes, text: str) -> None:
    (answer,) = connect(scripted(refuse(b".\r\n", reply=b"250 2.0.0 " + said + b"\r\n"))).send(letter()).values()
    assert (answer.outcome, answer.text) == ("delivered", text)


@pytest.mark.parametrize("offers", [OFFERS, b"250 test\r\n"])
def test_a_kept_connection_on_which_too_much_was_said_is_given_up(scripted: Any, offers: bytes) -> None:
    """Else the reply to one recipient would be taken for that to the next."""
    server = scripted(refuse(b".\r\n", reply=b"250 ok\r\n250 ok\r\n", offers=offers))
    connection = connect(server)
    assert [one.outcome for one in connection.send(letter()).values()] == ["delivered"]
    with pytest.raises(Hangup):
        connection.send(letter())
    assert not connection.is_usable and len(server.mails) == 1


def test_421_at_a_recipient_answers_for_the_rest(scripted: Any) -> None:
    server = scripted(refuse(b"b@", reply=b"421 4.7.0 enough\r\n"))
    answers = connect(server).send(letter("a@x.example", "b@x.example", "c@x.example"))
    assert [one.code for one in answers.values()] == [421, 421, 421]


def test_a_kept_connection_that_ended_is_told_to_who_keeps_it(scripted: Any) -> None:
    def script(line: bytes, server: Scripted) -> bytes | None:
        return None if server.mails and line.startswith(b"MAIL") else accept_all(line, server)

    connection = connect(scripted(script))
    connection.send(letter())
    with pytest.raises(Hangup):
        connection.send(letter())


def test_a_slow_drip_does_not_hold_it(scripted: Any) -> None:
    server = scripted(greeting=b"220-a\r\n" * 3)
    with pytest.raises(Hangup, match="timed out"):
        SmtpConnection(server.connect(), "x", TimeOuts(0.2, 2.0, 2.0, 2.0, 2.0))


def test_time_outs_run_with_the_clock_and_leave_the_machine_its_time() -> None:
    assert TimeOuts.scaled(1.0) == TimeOuts()
    assert TimeOuts.scaled(60.0) == TimeOuts(5.0, 5.0, 2.0, 3.0, 10.0)


@pytest.mark.parametrize(
    ("code", "lines", "enhanced", "text"),
    [
        (550, ["5.1.1 no"], "5.1.1", "no"), (550, ["no 5.1.1"], "", "no 5.1.1"), (550, ["4.2.1 no"], "", "4.2.1 no"),
        (250, ["2.0.0"], "2.0.0", ""), (550, ["5.01.010 a", "b"], "5.1.10", "a b"),
    ],
)  # fmt: skip
def test_enhanced_codes_are_told_from_words(code: int, lines: list[str], enhanced: str, text: str) -> None:
    answer = read_smtp_answer(code, lines, "x")
    assert (answer.enhanced, answer.text) == (enhanced, text)
