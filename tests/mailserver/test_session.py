"""SMTP as a client meets it: dialogues over real connections."""

import re
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.store.maillog.log import MailLog
from tests.mailserver.conftest import StartMailServer, pro_settings

DIALOGUES = Path(__file__).parent.parent / "dialogues"
CONVERSATIONS = sorted(path.stem for path in DIALOGUES.glob("*.txt") if path.stem != "README")


class Client:
    """A client that says octets and hears lines."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.connection = socket.create_connection(address, timeout=10)
        self.stream = self.connection.makefile("rb")

    def say(self, octets: bytes) -> None:
        self.connection.sendall(octets)

    def hear(self) -> bytes:
        return self.stream.readline()

    def ask(self, *lines: bytes) -> list[bytes]:
        """Say each line, hear one reply for each; the codes."""
        codes = []
        for line in lines:
            self.say(line + b"\r\n")
            codes.append(self.hear()[:3])
        return codes

    def close(self) -> None:
        self.stream.close()
        self.connection.close()


def unescape(text: str) -> bytes:
    octets = text.encode("utf-8")
    return re.sub(
        rb"\\(x..|.)",
        lambda found: {b"r": b"\r", b"n": b"\n", b"0": b"\0"}.get(found[1]) or bytes.fromhex(found[1][1:].decode()),
        octets,
    )


def play(path: Path, client: Client) -> None:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("->"):
            text = line[3:]
            is_whole = not text.endswith(r"\c")
            client.say(unescape(text.removesuffix(r"\c")) + (b"\r\n" if is_whole else b""))
        elif line.startswith("<- "):
            heard = client.hear().decode()
            assert heard.startswith(line[3:]), f"{path.name}:{number}: wanted {line[3:]!r}, heard {heard!r}"
        elif line == "<closed>":
            assert client.hear() == b"", f"{path.name}:{number}: not closed"


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_dialogue(name: str, start_mail_server: StartMailServer) -> None:
    client = Client(start_mail_server().apply(pro_settings()))
    play(DIALOGUES / f"{name}.txt", client)
    client.close()


@pytest.fixture
def server(start_mail_server: StartMailServer) -> Any:
    return start_mail_server()


def begin_mail(client: Client, recipient: bytes = b"a@return.example.com") -> None:
    client.hear()
    assert client.ask(b"HELO x", b"MAIL FROM:<>", b"RCPT TO:<" + recipient + b">", b"DATA") == [
        b"250", b"250", b"250", b"354",
    ]  # fmt: skip


def test_long_lines_and_eight_bit_octets_are_stored_as_they_came(server: Any) -> None:
    client = Client(server.apply(pro_settings()))
    begin_mail(client)
    octets = b"Subject: x\r\n\r\n" + b"y" * 5000 + b"\r\n\xff\xfe\x00\x80\r\n"
    client.say(octets + b".\r\n")
    assert client.hear().startswith(b"250 2.0.0")
    client.close()
    with MailLog(server.mail_db) as log:
        assert log.get_octets(log.newest_mail()) == octets


@pytest.mark.parametrize(("size", "reply"), [(65536, b"250 2.0.0"), (65537, b"552 5.3.4")])
def test_the_size_limit_is_exact_and_the_session_goes_on(server: Any, size: int, reply: bytes) -> None:
    client = Client(server.apply(pro_settings()))
    begin_mail(client)
    body = b"..\r\n" * 1000  # dot-stuffed: 3 octets each in the mail
    client.say(body + b"x" * (size - 3000 - 2) + b"\r\n.\r\n")
    assert client.hear().startswith(reply)
    assert client.ask(b"NOOP") == [b"250"]
    client.close()


def test_a_client_that_closes_its_side_still_gets_its_250(server: Any) -> None:
    client = Client(server.apply(pro_settings(interval_ms=300)))
    begin_mail(client)
    client.say(b"x\r\n.\r\n")
    client.connection.shutdown(socket.SHUT_WR)
    assert client.hear().startswith(b"250 2.0.0")
    assert client.hear() == b""
    client.close()


def test_all_that_came_before_a_half_close_is_answered(server: Any) -> None:
    client = Client(server.apply(pro_settings()))
    odd = b"MAIL FROM:<> SIZE=5 BODY=8BITMIME\r\nRCPT TO:<a@return.example.com>\r\nDATA\r\nx\r\n.\r\n"
    plain = b"MAIL FROM:<>\r\nRCPT TO:<a@return.example.com>\r\nDATA\r\nx\r\n.\r\n"
    client.say(b"HELO x\r\n" + plain + odd + b"QUIT\r\n")
    client.connection.shutdown(socket.SHUT_WR)
    replies = client.stream.read().splitlines()
    assert [one[:9] for one in replies if b"stored" in one] == [b"250 2.0.0"] * 2
    assert replies[-1].startswith(b"221")
    client.close()


@pytest.mark.parametrize("words", [b"QUIT\r\n", b"QUIT \r\n", b"NOOP x\r\nQUIT\r\n", b"x\r\n" * 5])
def test_nothing_is_done_behind_the_end_of_a_session(words: bytes, server: Any) -> None:
    client = Client(server.apply(pro_settings()))
    mail = b"MAIL FROM:<> BODY=7BIT\r\nRCPT TO:<a@return.example.com>\r\nDATA\r\nx\r\n.\r\n"
    client.say(b"HELO x\r\n" + words + mail)
    assert client.stream.read().splitlines()[-1][:3] in (b"221", b"421")
    client.close()
    assert server.stop() == 0
    with MailLog(server.mail_db) as log:
        assert log.count_mails() == 0


@pytest.mark.parametrize("begun", [b"QUI", b"x" * 1500])
def test_a_line_that_was_only_begun_keeps_no_session_after_a_half_close(begun: bytes, server: Any) -> None:
    client = Client(server.apply(pro_settings()))
    client.say(b"NOOP x\r\n" + begun)
    client.connection.shutdown(socket.SHUT_WR)
    assert [one[:3] for one in client.stream.read().splitlines()] == [b"220", b"250"]
    client.close()


def test_octets_keep_their_order_when_the_replies_are_not_read(server: Any) -> None:
    client = Client(server.apply(pro_settings()))
    client.say(b"HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@return.example.com>\r\n" + b"NOOP x\r\n" * 9000)
    client.say(b"DATA \r\nFIRST\r\n")
    client.say(b"SECOND\r\n.\r\nQUIT\r\n")
    assert client.stream.read().splitlines()[-2].startswith(b"250 2.0.0")
    client.close()
    with MailLog(server.mail_db) as log:
        assert log.get_octets(log.newest_mail()) == b"FIRST\r\nSECOND\r\n"


def test_a_session_keeps_its_settings_and_a_new_one_gets_the_new(server: Any) -> None:
    address = server.apply(pro_settings())
    old = Client(address)
    old.hear()
    server.apply(pro_settings(inbound_domains=["new.example.com"]), revision=2, port=address[1])
    new = Client(address)
    new.hear()
    rcpt_old, rcpt_new = b"RCPT TO:<a@mailform.example.com>", b"RCPT TO:<a@new.example.com>"
    assert old.ask(b"HELO x", b"MAIL FROM:<>", rcpt_old, rcpt_new) == [b"250", b"250", b"250", b"550"]
    assert new.ask(b"HELO x", b"MAIL FROM:<>", rcpt_old, rcpt_new) == [b"250", b"250", b"550", b"250"]
    old.close()
    new.close()


def test_a_new_session_for_every_mail_gains_nothing(server: Any) -> None:
    address = server.apply(pro_settings(interval_ms=200))
    for _ in range(2):
        begun = time.monotonic()
        client = Client(address)
        begin_mail(client)
        client.say(b"x\r\n.\r\n")
        assert client.hear().startswith(b"250")
        assert time.monotonic() - begun >= 0.199
        client.close()


def test_more_than_a_thousand_recipients_are_deferred(server: Any) -> None:
    client = Client(server.apply(pro_settings()))
    client.hear()
    client.ask(b"HELO x", b"MAIL FROM:<>")
    lines = [b"RCPT TO:<u%d@return.example.com>" % number for number in range(1001)]
    client.say(b"\r\n".join(lines) + b"\r\n")
    replies = [client.hear() for _ in lines]
    assert all(one.startswith(b"250 2.1.5") for one in replies[:1000])
    assert replies[1000].startswith(b"452 4.5.3")
    client.close()


def test_command_lines_have_a_limit_of_their_own_in_every_session(server: Any) -> None:
    address = server.apply(pro_settings())
    first, second = Client(address), Client(address)
    for client in (first, second):
        client.hear()
        client.ask(b"HELO x")
    assert first.ask(b"MAIL FROM:<" + b"a" * 600 + b"@x.example>") == [b"500"]
    assert second.ask(b"MAIL FROM:<" + b"a" * 480 + b"@x.example>") == [b"250"]
    first.say(b"NOOP " + b"x" * 100_000 + b"\r\n")
    assert first.hear().startswith(b"500 5.5.2")
    assert first.ask(b"NOOP") == [b"250"]
    first.close()
    second.close()


def test_unknown_commands_end_the_session_after_a_while(server: Any) -> None:
    client = Client(server.apply(pro_settings()))
    client.hear()
    heard = b""
    for _ in range(50):
        client.say(b"NONSENSE\r\n")
        heard = client.hear() or heard
        if heard.startswith(b"421"):
            break
    assert heard.startswith(b"421 4.7.0")
    assert client.hear() == b""
    client.close()


@pytest.mark.parametrize("useless", [b"EHLO x\r\n" * 101, b"VRFY x\r\n" * 101, b"x\r\n" * 5])
def test_a_client_that_talks_on_still_reads_why_its_session_ends(useless: bytes, server: Any, wait_for: Any) -> None:
    client = Client(server.apply(pro_settings()))
    client.say(useless)
    assert wait_for(lambda: b"421 4.7.0 Too many" in client.connection.recv(65536, socket.MSG_PEEK))
    for _ in range(100):
        client.say(useless)
    client.connection.shutdown(socket.SHUT_WR)
    assert client.stream.read().splitlines()[-1].startswith(b"421 4.7.0 Too many")  # no reset, and nothing behind it
    client.close()
    assert server.stop() == 0


def test_a_stored_mail_is_answered_at_the_drain_however_long_the_interval(server: Any, wait_for: Any) -> None:
    client = Client(server.apply(pro_settings(interval_ms=10_000)))
    begin_mail(client)
    client.say(b"Subject: x\r\n\r\nx\r\n.\r\n")
    wait_for(server.mail_db.exists)
    with MailLog(server.mail_db) as log:
        wait_for(lambda: log.count_mails() == 1)
    assert server.stop() == 0
    assert client.hear().startswith(b"250 2.0.0")
    assert client.hear().startswith(b"421 4.3.2")
    client.close()
