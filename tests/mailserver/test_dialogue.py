"""What a session's recorder keeps, and what a refusal gets of it over a real connection, on both paths."""

import smtplib
import socket
import time
from collections.abc import Callable

import pytest

from cmcdesk.mail.smtp.dialogue import EXCHANGES, Dialogue, DialoguePart, decode_lines
from cmcdesk.mailserver.dialogue import OCTETS_KEPT, Recorder
from cmcdesk.mailserver.patience import TURNED_AWAY_LIMIT
from cmcdesk.store.maillog.dialogues import read_dialogue, read_mail_dialogue
from cmcdesk.store.maillog.log import MailLog, RefusalRow
from tests.mailserver.conftest import MailServerProcess, StartMailServer, pro_settings
from tests.mailserver.test_session import Client, begin_mail

GREETING = b"220 x ESMTP\r\n"
BAD = b"RCPT TO:<b@out.example>\r\n"
NO = b"550 5.7.1 no\r\n"


def say(recorder: Recorder, *commands: bytes) -> None:
    """One read of good commands, each answered."""
    recorder.hear(b"".join(commands)).extend([b"250 ok\r\n"] * len(commands))


def said(part: DialoguePart) -> list[str | int]:
    return [line.said for line in decode_lines(part.lines)]


def test_the_latest_is_when_something_was_heard_or_said_and_a_refusal_counts_too() -> None:
    recorder = Recorder(1000.0, GREETING)
    for speak in (
        lambda: say(recorder, b"EHLO x\r\n"),
        lambda: recorder.hear_octets(2048),
        lambda: recorder.take_part(NO),
        lambda: recorder.say(NO),
        lambda: recorder.say(b"250 ok\r\n"),
    ):
        before = recorder.latest
        speak()
        assert before <= recorder.latest <= time.monotonic()


def test_a_part_is_what_is_new_and_ends_with_the_reply_that_refuses() -> None:
    recorder = Recorder(1000.0, GREETING)
    say(recorder, b"EHLO x\r\n")
    recorder.hear(b"RCPT TO:<b@out.example>\r\nNOOP later\r\n")
    first = recorder.take_part(NO)
    assert (first.began, first.number, first.is_cut) == (1000.0, 1, False)
    assert said(first) == ["220 x ESMTP", "EHLO x", "250 ok", "RCPT TO:<b@out.example>", "550 5.7.1 no"]
    say(recorder, b"NOOP\r\n")
    recorder.hear_octets(2048)
    second = recorder.take_part(NO)
    assert (second.number, second.is_cut, said(second)) == (2, False, ["NOOP", "250 ok", 2048, "550 5.7.1 no"])
    recorder.say(NO)
    say(recorder, b"RSET\r\n")
    recorder.hear_octets(1)
    assert said(recorder.take_part(NO)) == ["RSET", "250 ok", 1, "550 5.7.1 no"]


def test_of_a_mail_is_told_what_was_said_since_the_mail_before() -> None:
    recorder = Recorder(1000.0, GREETING)
    for _mail in range(3):
        say(recorder, b"MAIL FROM:<a@b.example>\r\n", b"DATA\r\n")
        recorder.hear_octets(7)
        recorder.say(b"250 stored\r\n")
    say(recorder, b"NOOP\r\n", b"DATA\r\n")
    recorder.hear_octets(9)
    part = recorder.take_mail(b"250 stored\r\n")
    assert (part.number, part.is_cut) == (1, True)
    assert said(part) == ["NOOP", "250 ok", "DATA", "250 ok", 9, "250 stored"]
    recorder.say(b"250 stored\r\n")
    recorder.hear_octets(11)
    assert said(recorder.take_mail(b"250 stored\r\n")) == [11, "250 stored"]


def test_several_refusals_in_one_read() -> None:
    recorder = Recorder(1000.0, GREETING)
    data = b"NOOP 1\r\n" + BAD + b"NOOP 2\r\n" + BAD + b"DATA\r\nsecret octets of a mail"
    replies = recorder.hear(data)
    parts = []
    for line in data.split(b"\r\n")[:4]:
        if line.startswith(b"RCPT"):
            parts.append(said(recorder.take_part(NO)))
        replies.append(NO if line.startswith(b"RCPT") else b"250 ok\r\n")
    replies.append(b"354 go\r\n")
    recorder.shorten(data.index(b"secret"))
    recorder.hear_octets(24)
    parts.append(said(recorder.take_part(NO)))
    refused = ["RCPT TO:<b@out.example>", "550 5.7.1 no"]
    assert parts == [
        ["220 x ESMTP", "NOOP 1", "250 ok", *refused],
        ["NOOP 2", "250 ok", *refused],
        ["DATA", "354 go", 24, "550 5.7.1 no"],
    ]


def test_what_is_held_is_bounded() -> None:
    recorder = Recorder(1000.0, GREETING)
    for number in range(1000):
        say(recorder, b"NOOP %d\r\n" % number)
    recorder.hear(BAD)
    part = recorder.take_part(NO)
    assert part.is_cut
    assert said(part)[0::2][-2:] == ["NOOP 999", "RCPT TO:<b@out.example>"]
    assert len(said(part)) == 2 * EXCHANGES


def test_of_a_read_with_very_many_commands_the_last_are_kept() -> None:
    recorder = Recorder(1000.0, GREETING)
    commands = [b"NOOP %d\r\n" % number for number in range(OCTETS_KEPT)]
    say(recorder, *commands)
    recorder.shorten(sum(map(len, commands)))
    assert sum(len(heard) for _at, heard, _replies, _told in recorder._entries if isinstance(heard, bytes)) < 1000
    recorder.hear_line(b"FOO\r\n")
    part = recorder.take_part(NO)
    assert part.is_cut
    assert said(part)[-4:] == [f"NOOP {OCTETS_KEPT - 1}", "250 ok", "FOO", "550 5.7.1 no"]


def test_what_follows_a_command_after_auth_is_shown() -> None:
    recorder = Recorder(1000.0, GREETING)
    for line in (b"AUTH LOGIN\r\n", b"secret\r\n"):
        recorder.hear_line(line)
        recorder.say(b"500 5.5.1 no\r\n")
    say(recorder, b"NOOP\r\n")
    recorder.hear_line(b"FOO\r\n")
    told = said(recorder.take_part(NO))
    assert "secret" not in told and told[-2:] == ["FOO", "550 5.7.1 no"]


# -- over real connections ---------------------------------------------------------------------------------------


def read_refusals(server: MailServerProcess) -> list[tuple[RefusalRow, Dialogue | None]]:
    """Oldest first, once the server has written all."""
    server.stop()
    with MailLog(server.mail_db) as log:
        return [(row, read_dialogue(log, row)) for row in reversed(log.list_refusals(limit=500))]


def tell(dialogue: Dialogue | None) -> list[str]:
    assert dialogue
    return [f"{line.by[0].upper()} {line.said}" for line in dialogue.lines]


@pytest.mark.parametrize("spelling", [bytes, lambda line: line.replace(b":<", b":  <")], ids=["plain", "stock"])
def test_a_refused_recipient_has_the_whole_session_up_to_its_reply(
    start_mail_server: StartMailServer, spelling: Callable[[bytes], bytes]
) -> None:
    """Two spaces after the colon are left to aiosmtpd's loop."""
    server = start_mail_server()
    client = Client(server.apply(pro_settings()))
    greeting = client.hear()
    bad = spelling(b"RCPT TO:<b@out.example>")
    assert client.ask(b"HELO me", b"MAIL FROM:<a@b.c>", bad, b"RCPT TO:<a@return.example.com>", b"DATA") == [
        b"250", b"250", b"550", b"250", b"354",
    ]  # fmt: skip
    client.say(b"x" * 99_998 + b"\r\n.\r\n")
    assert client.hear().startswith(b"552")
    client.close()
    (_, at_rcpt), (_, at_size) = read_refusals(server)
    assert tell(at_rcpt) == [
        f"S {greeting.decode().strip()}", "C HELO me", "S 250 pro.smtps.jp", "C MAIL FROM:<a@b.c>",
        "S 250 2.1.0 Sender ok", f"C {bad.decode()}",
        "S 550 5.7.1 Recipient domain is not in the list of acceptable domains",
    ]  # fmt: skip
    assert tell(at_size)[:7] == tell(at_rcpt)
    assert tell(at_size)[7:] == [
        "C RCPT TO:<a@return.example.com>", "S 250 2.1.5 Recipient ok", "C DATA",
        "S 354 End data with <CR><LF>.<CR><LF>", "C 100000",
        "S 552 5.3.4 Message size exceeds the receiving size limit",
    ]  # fmt: skip
    assert at_size and not at_size.is_cut
    times = [line.at for line in at_size.lines]
    assert times == sorted(times) and 0 <= times[0] < times[-1] < 10


def test_a_refused_connection_has_its_reply_alone(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    address = server.apply(pro_settings(max_sessions=1))
    first = Client(address)
    assert first.hear().startswith(b"220")
    second = Client(address)
    assert second.hear().startswith(b"421 4.7.0")
    first.close()
    second.close()
    [(row, dialogue)] = read_refusals(server)
    assert row.gate == "sessions"
    assert tell(dialogue) == ["S 421 4.7.0 Too many sessions, try again later"]


def test_credentials_and_octets_of_mails_are_nowhere_in_the_log(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    client = Client(server.apply(pro_settings()))
    begin_mail(client)
    client.say(b"Subject: c2VjcmV0\r\n\r\n.\r\n")
    assert client.hear().startswith(b"250")
    secrets = (b"AUTH PLAIN c2VjcmV0", b"AUTH LOGIN", b"c2VjcmV0", b"AUTH PLAIN " + b"c2VjcmV0" * 500)
    assert client.ask(*secrets, b"MAIL FROM:<a@b.c>", b"RCPT TO:<b@out.example>") == [b"500"] * 4 + [b"250", b"550"]
    client.close()
    refusals = read_refusals(server)
    assert [row.gate for row, _ in refusals] == ["auth", "auth", "domain"]
    told = [line for _, dialogue in refusals for line in tell(dialogue)]
    assert not any("c2VjcmV0" in line for line in told)
    assert {line for line in told if "***" in line} == {"C AUTH PLAIN ***", "C ***"}
    assert "C 21" in told


def test_a_line_that_is_too_long_is_cut_with_a_mark(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    client = Client(server.apply(pro_settings()))
    client.hear()
    long = b"NOOP " + b"x" * 5000
    assert client.ask(b"HELO me", long, b"MAIL FROM:<>", b"RCPT TO:<b@out.example>") == [b"250", b"500", b"250", b"550"]
    client.close()
    [(_, dialogue)] = read_refusals(server)
    [line] = [line for line in tell(dialogue) if "NOOP" in line]
    assert line.startswith("C NOOP xxx") and line.endswith("x …") and len(line) < 310


def test_a_flood_of_refusals_in_a_session_stores_each_line_at_most_once(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    with smtplib.SMTP(*server.apply(pro_settings()), timeout=30) as smtp:
        smtp.ehlo("me")
        smtp.mail("a@b.c")
        assert smtp.sock
        for _ in range(TURNED_AWAY_LIMIT // 100):
            smtp.sock.sendall(BAD * 100)
            for _ in range(100):
                assert smtp.getreply()[0] == 550
    server.stop()
    with MailLog(server.mail_db) as log:
        rows = log.list_refusals(limit=500)
        lines = [decode_lines(text) for (text,) in log.connection.execute("SELECT lines FROM dialogue")]
        dialogues = [read_dialogue(log, row) for row in rows]
    assert sum(row.count for row in rows) == TURNED_AWAY_LIMIT
    assert len(lines) == len(rows)
    new = [len(part) for part in lines]
    assert sum(new) <= 2 * len(rows) + 2 * EXCHANGES * (len(rows) // 50 + 1) + 20
    assert all(tell(dialogue)[-2:] == [f"C {BAD.decode().strip()}", tell(dialogue)[-1]] for dialogue in dialogues)
    assert len(tell(dialogues[0])) > EXCHANGES


def test_many_reads_do_not_hold_the_octets_of_a_mail(start_mail_server: StartMailServer) -> None:
    """A mail in pieces, after its DATA in the same read, counts as one line."""
    server = start_mail_server()
    address = server.apply(pro_settings())
    with socket.create_connection(address, timeout=10) as connection:
        stream = connection.makefile("rb")
        connection.sendall(b"HELO me\r\nMAIL FROM:<>\r\nRCPT TO:<a@mailform.example.com>\r\nDATA\r\nFrom: a@b.c\r\n")
        for _ in range(5):
            stream.readline()
        connection.sendall(b"To: a@b.c\r\n\r\n" + b"y" * 1000)
        connection.sendall(b"\r\n.\r\nQUIT\r\n")
        assert stream.readline().startswith(b"550 5.7.1")
        stream.close()
    [(row, dialogue)] = read_refusals(server)
    assert row.gate == "spam"
    assert tell(dialogue)[-2:] == ["C 1028", "S 550 5.7.1 Message judged as spam"]


def test_what_was_said_for_a_mail_is_kept_up_to_its_250_and_joined_with_what_was_refused(
    start_mail_server: StartMailServer,
) -> None:
    server = start_mail_server()
    client = Client(server.apply(pro_settings()))
    client.hear()
    envelope = (b"MAIL FROM:<a@b.c>", b"RCPT TO:<a@return.example.com>")
    assert client.ask(b"HELO me", *envelope, b"RCPT TO:<b@out.example>", b"DATA")[-2:] == [b"550", b"354"]
    client.say(b"Subject: one\r\n\r\n.\r\n")
    assert client.hear().startswith(b"250")
    client.ask(*envelope, b"DATA")
    client.say(b"Subject: two\r\n\r\nx\r\n.\r\n")
    assert client.hear().startswith(b"250")
    client.close()
    server.stop()
    with MailLog(server.mail_db) as log:
        first, second = (tell(read_mail_dialogue(log, mail_id)) for mail_id in (1, 2))
        [refusal] = log.list_refusals()
        refused = tell(read_dialogue(log, refusal))
    assert first[0].startswith("S 220 ") and first[-2:] == ["C 16", "S 250 2.0.0 Message stored"]
    assert refused == first[: len(refused)] and refused[-2].endswith("<b@out.example>")
    assert second[: len(first)] == first and second[-2:] == ["C 19", "S 250 2.0.0 Message stored"]
    assert [line[:6] for line in second[len(first) : -2]] == [
        "C MAIL", "S 250 ", "C RCPT", "S 250 ", "C DATA", "S 354 ",
    ]  # fmt: skip


def test_the_dialogue_of_a_lone_mail_is_there_soon(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    client = Client(server.apply(pro_settings()))
    begin_mail(client)
    client.say(b"Subject: one\r\n\r\n.\r\n")
    assert client.hear().startswith(b"250")
    with MailLog(server.mail_db) as log:
        deadline = time.monotonic() + 10
        while read_mail_dialogue(log, 1) is None:
            assert time.monotonic() < deadline, "nothing else comes that it could go to disk with"
            time.sleep(0.01)
    client.close()
