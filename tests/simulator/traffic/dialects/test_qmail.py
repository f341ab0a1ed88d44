"""qmail: QSBMF."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]


def test_it_is_no_mime_at_all(bounce: Bounce, parse: Parse) -> None:
    message = parse(bounce("qmail/unknown-user"))
    assert [name for name, _ in message.items() if name.lower().startswith(("mime", "content"))] == []


def test_the_body_is_of_qsbmf(bounce: Bounce) -> None:
    """QSBMF: an introduction "Hi. This is the", a paragraph "<…>:" for each recipient, a break "-…", the mail."""
    mail = bounce("qmail/three-recipients")
    body = mail.octets.partition(b"\r\n\r\n")[2]
    paragraphs = body.split(b"\r\n\r\n")
    assert paragraphs[0].startswith(b"Hi. This is the qmail-send program at ")
    assert [text.split(b"\r\n")[0] for text in paragraphs[1:4]] == [
        f"<{one.recipient}>:".encode() for one in mail.expectations
    ]
    assert paragraphs[4].startswith(b"-")
    assert paragraphs[5].startswith(b"Return-Path: <bounce@return.example.com>")


def test_codes_stand_in_parentheses(bounce: Bounce) -> None:
    assert b"Sorry, no mailbox here by that name. (#5.1.1)\r\n" in bounce("qmail/no-mailbox").octets


def test_dates_are_gmt(bounce: Bounce) -> None:
    assert b" -0000\r\nFrom: MAILER-DAEMON@" in bounce("qmail/looping").octets
