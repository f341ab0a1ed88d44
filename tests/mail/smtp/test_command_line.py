import pytest

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.command_line import (
    PathArgument,
    PlainCommand,
    check_mail_parameters,
    parse_mail_argument,
    parse_rcpt_argument,
    read_plain,
)
from cmcdesk.mail.smtp.reply import Reply


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


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        ("FROM:<>", ""),
        ("FROM:<a@example.com>", "a@example.com"),
        ("from: <a@example.com>", "a@example.com"),
        ("FROM:a@example.com", "a@example.com"),
        ("FROM:<a..b.@docomo.ne.jp>", "a..b.@docomo.ne.jp"),
        ('FROM:<"a b>"@example.com>', '"a b>"@example.com'),
        (r'FROM:<"a\"b"@example.com>', r'"a\"b"@example.com'),
        ("FROM:<@relay.example,@other.example:a@example.com>", "a@example.com"),
        ("FROM:<a@[192.0.2.1]>", "a@[192.0.2.1]"),
        ("FROM:<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"),
        ("FROM:<日本@例え.jp>", "日本@例え.jp"),
    ],
)
def test_paths_are_read(argument: str, address: str) -> None:
    assert parse_mail_argument(argument) == PathArgument(address)


@pytest.mark.parametrize(
    ("argument", "refusal"),
    [
        ("", reply.MAIL_SYNTAX),
        ("a@example.com", reply.MAIL_SYNTAX),
        ("FROM:", reply.MAIL_SYNTAX),
        ("FROM:<a@example.com", reply.BAD_SENDER_SYNTAX),
        ("FROM:a@example.com>", reply.BAD_SENDER_SYNTAX),
        ("FROM:<a\0@example.com>", reply.BAD_SENDER_SYNTAX),
        ("FROM:<a b@example.com>", reply.BAD_SENDER_SYNTAX),
        ("FROM:<a@b@example.com>", reply.BAD_SENDER_SYNTAX),
        ("FROM:<a@>", reply.BAD_SENDER_SYNTAX),
        ("FROM:<@example.com>", reply.BAD_SENDER_SYNTAX),
        ("FROM:<a>", reply.BAD_SENDER_SYNTAX),
        ('FROM:<"a@example.com>', reply.BAD_SENDER_SYNTAX),
        ("FROM:<a@example.com>SIZE=1", reply.BAD_PARAMETER),
        ("FROM:<a@example.com> SIZE=1 SIZE=2", reply.BAD_PARAMETER),
        ("FROM:<a@example.com> =1", reply.BAD_PARAMETER),
        ("FROM:<a@example.com>\N{NO-BREAK SPACE}SIZE=1", reply.BAD_PARAMETER),
        ("FROM:<a@example.com> SIZE=1\N{IDEOGRAPHIC SPACE}BODY=7BIT", reply.BAD_PARAMETER),
        ("FROM:<a@example.com> SIZE=1\x0bBODY=7BIT", reply.BAD_PARAMETER),
    ],
)
def test_what_is_no_path_gets_its_reply(argument: str, refusal: Reply) -> None:
    assert parse_mail_argument(argument) is refusal


def test_parameters_are_read_without_regard_to_case() -> None:
    parsed = parse_mail_argument("FROM:<a@example.com> size=10 Body=8BITMIME SMTPUTF8")
    assert isinstance(parsed, PathArgument)
    assert parsed.parameters == {"SIZE": "10", "BODY": "8BITMIME", "SMTPUTF8": ""}


def test_only_a_recipient_may_be_postmaster_without_a_domain() -> None:
    assert parse_rcpt_argument("TO:<Postmaster>") == PathArgument("Postmaster")
    assert parse_mail_argument("FROM:<postmaster>") is reply.BAD_SENDER_SYNTAX
    assert parse_rcpt_argument("TO:<>") is reply.BAD_RECIPIENT_SYNTAX


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({}, None),
        ({"SIZE": "100"}, None),
        ({"SIZE": "101"}, reply.TOO_BIG),
        ({"SIZE": "9" * 20}, reply.TOO_BIG),
        ({"SIZE": ""}, reply.BAD_PARAMETER),
        ({"SIZE": "-1"}, reply.BAD_PARAMETER),
        ({"SIZE": "١"}, reply.BAD_PARAMETER),
        ({"BODY": "8bitmime"}, None),
        ({"BODY": "BINARYMIME"}, reply.BAD_PARAMETER),
        ({"SMTPUTF8": ""}, None),
        ({"SMTPUTF8": "yes"}, reply.BAD_PARAMETER),
        ({"AUTH": "<>"}, reply.UNKNOWN_PARAMETER),
    ],
)
def test_parameters_are_checked(parameters: dict[str, str], refusal: Reply | None) -> None:
    assert check_mail_parameters(parameters, limit=100) is refusal


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        ("<>", None),
        ("e+3Dmc2@example.com", None),
        ("a+b@example.com", reply.BAD_PARAMETER),
        ("a+3d", reply.BAD_PARAMETER),
        ("", reply.BAD_PARAMETER),
    ],
)
def test_auth_is_a_parameter_in_xtext_where_auth_is_offered(value: str, refusal: Reply | None) -> None:
    assert check_mail_parameters({"AUTH": value}, limit=100, has_auth=True) is refusal
