import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.mail.smtp.dialogue import (
    CHARACTERS,
    CUT,
    EXCHANGES,
    LINE_CHARACTERS,
    Line,
    decode_lines,
    encode_lines,
    hide_secret,
    keep_last,
    tell_command,
    tell_reply,
)


def test_a_command_is_a_line_without_its_end_and_cut_with_a_mark() -> None:
    assert tell_command(0.5, b"EHLO x\r\n") == Line(0.5, "client", "EHLO x")
    told = tell_command(0.5, b"RCPT TO:<" + b"x" * 999 + b">").said
    assert isinstance(told, str) and len(told) == LINE_CHARACTERS + len(CUT) and told.endswith(CUT)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("MAIL FROM:<あ@b.c>".encode(), "MAIL FROM:<あ@b.c>"),
        (b"MAIL FROM:<\xff@b.c>", r"MAIL FROM:<\xff@b.c>"),
        (b"NOOP \x1b[2J\x07\r", r"NOOP \x1b[2J\x07"),
        ("NOOP \u202etxt".encode(), r"NOOP \u202etxt"),
    ],
)
def test_what_cannot_be_printed_is_written_out(octets: bytes, text: str) -> None:
    assert tell_command(0.0, octets).said == text


def test_a_reply_of_several_lines() -> None:
    assert [line.said for line in tell_reply(0.0, b"250-a\r\n250 b\r\n")] == ["250-a", "250 b"]


def test_only_the_last_exchanges_are_kept() -> None:
    lines = [
        each
        for number in range(100)
        for each in (Line(0, "client", f"NOOP {number}"), Line(0, "server", "250-x"), Line(0, "server", "250 x"))
    ]
    kept = keep_last(lines)
    assert kept == lines[-3 * EXCHANGES :]
    assert keep_last(lines[:9]) == lines[:9]


def test_only_so_many_characters_are_kept_but_always_the_last_line() -> None:
    lines = [Line(0, "client", "x" * 1000)] * 20
    assert len(keep_last(lines)) == CHARACTERS // 1000
    assert keep_last([*lines, Line(0, "server", "y" * 9999)]) == [Line(0, "server", "y" * 9999)]


def test_lines_are_read_back() -> None:
    lines = [Line(0.0, "server", "220 x"), Line(0.123, "client", 2048), Line(0.5, "client", '"あ\\')]
    assert decode_lines(encode_lines(lines)) == lines


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"AUTH PLAIN AHVzZXIAc2VjcmV0\r\n", b"AUTH PLAIN ***"),
        (b"auth login c2VjcmV0", b"AUTH login ***"),
        (b"AUTH LOGIN\r\n", b"AUTH LOGIN"),
        (b"AUTH c2VjcmV0\r\n", b"AUTH ***"),
        (b"  AUTH\tPLAIN\tc2VjcmV0\r\n", b"AUTH PLAIN ***"),
        (b"AUTH PLAINc2VjcmV0", b"AUTH ***"),
        (b"AUTH\r\n", b"AUTH ***"),
        (b"AUTH=LOGIN c2VjcmV0", b"AUTH ***"),
        (b"AUTH:PLAIN c2VjcmV0", b"AUTH ***"),
    ],
)
def test_credentials_are_hidden(line: bytes, shown: bytes) -> None:
    assert hide_secret(line, False) == (shown, True)


def test_the_lines_after_auth_are_hidden_until_a_command_comes() -> None:
    assert hide_secret(b"dXNlcg==\r\n", True) == (b"***", True)
    assert hide_secret(b"DATAc2VjcmV0\r\n", True) == (b"***", True)
    assert hide_secret(b"data\r\n", True) == (b"data\r\n", False)
    assert hide_secret(b"mail FROM:<a@b.c>\r\n", True) == (b"mail FROM:<a@b.c>\r\n", False)
    assert hide_secret(b"AUTHOR x\r\n", False) == (b"AUTHOR x\r\n", False)


@given(st.binary(max_size=2000))
def test_any_octets_make_a_printable_line(octets: bytes) -> None:
    line = tell_command(0.0, octets)
    assert isinstance(line.said, str) and line.said.isprintable()
    assert decode_lines(encode_lines([line])) == [line]
