import pytest

from cmcdesk.mail.smtp.command_line import PlainCommand, read_plain


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (b"MAIL FROM:<a@client.example>", PlainCommand("MAIL", "a@client.example")),
        (b"mail from: <>", PlainCommand("MAIL")),
        (b"MAIL FROM:<a@b.c> size=100", PlainCommand("MAIL", "a@b.c", {"SIZE": "100"})),
        (b"MAIL FROM:<a@b.c> BODY=8bitmime", PlainCommand("MAIL", "a@b.c", {"BODY": "8bitmime"})),
        (b"Rcpt To:<b@in.example>", PlainCommand("RCPT", "b@in.example")),
        (b"ehlo client.example", PlainCommand("EHLO", "client.example")),
        (b"HELO [192.0.2.1]", PlainCommand("HELO", "[192.0.2.1]")),
        (b"data", PlainCommand("DATA")),
        (b"RSET", PlainCommand("RSET")),
        (b"NOOP", PlainCommand("NOOP")),
        (b"Quit", PlainCommand("QUIT")),
    ],
)
def test_usual_lines(line: bytes, command: PlainCommand) -> None:
    assert read_plain(line) == command == read_plain(line)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"MAIL", b"MAIL FROM:<a@b", b"MAIL FROM:<a@b.c> SIZE=8BITMIME", b"MAIL FROM:<a@b.c> BODY=7",
        b"MAIL FROM:<a@b.c> SIZE=1 BODY=8BITMIME", b"MAIL FROM:<a@b.c> SMTPUTF8", b'RCPT TO:<"a b"@c.d>',
        b"RCPT TO:<a@b> X=1", b"RCPT TO:<>", b"RCPT TO:<@a,@b:c@d>", b"VRFY a", b"HELP", b"\xff", b"DATA x", b"DATA\r",
        b"NOOP\n", b" RSET", b"EHLO", b"EHLO two words", "MAIL FROM:<\u3042@b.c>".encode(), "QU\u0131T".encode(),
    ],
)  # fmt: skip
def test_odd_lines_are_left_alone(line: bytes) -> None:
    assert read_plain(line) is None
