"""Notice or not."""

import pytest

from cmcdesk.mail.bounce.parts import read_parts
from cmcdesk.mail.bounce.recognising import find_other_kind, read_heading, recognise_text

OPENING = "This is the mail system at host mx.example.\nYour message could not be delivered."


def decide(sender: str, subject: str, text: str, extra: str = "") -> tuple[bool, bool]:
    parts = read_parts(f"From: {sender}\nSubject: {subject}\n{extra}\n{text}".encode())
    found = recognise_text(parts, read_heading(parts), text)
    return found.is_notice, found.final


@pytest.mark.parametrize(
    ("sender", "subject"),
    [("MAILER-DAEMON@x.example", "Hello"), ("gw7@x.example", "Undelivered Mail"), ("Mail System <x@y>", "Re: Hello")],
)
def test_an_opening_and_a_mark_make_a_notice(sender: str, subject: str) -> None:
    assert decide(sender, subject, OPENING) == (True, True)


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
    assert decide("MAILER-DAEMON@x", "x", "It has been delayed. Now I've given up.") == (True, True)


def test_success_is_none() -> None:
    assert decide("MAILER-DAEMON@x", "Delivery report", "Your mail was successfully delivered to <a@b>")[0] is False
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
    parts = read_parts(f"From: a@b.example\n{head}\nHello\n".encode())
    assert find_other_kind(parts, read_heading(parts), "Hello") is not None


def test_a_filters_rejection_in_the_form_of_a_receipt_is_a_notice() -> None:
    """RFC 5429 and Dovecot's quota answer."""
    parts = read_parts(b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\nx")
    assert find_other_kind(parts, read_heading(parts), "Your message was automatically rejected: full") is None


def test_a_persons_responder_is_no_mail_system_although_it_writes_from_nobody() -> None:
    """RFC 3834: answers are sent from the null address too; their Auto-Submitted says so."""
    head = b"Return-Path: <>\nFrom: Joe <joe@dest.example>\nSubject: On leave\n"
    assert read_heading(read_parts(head + b"\nx")).by_machine is True
    assert read_heading(read_parts(head + b"Auto-Submitted: auto-replied\n\nx")).by_machine is False


@pytest.mark.parametrize("subject", ["Postfix SMTP server: errors from unknown[192.0.2.9]", "Automatische Antwort: x"])
def test_other_kinds_are_known_by_their_subject(subject: str) -> None:
    parts = read_parts(f"Return-Path: <>\nFrom: MAILER-DAEMON@x.example\nSubject: {subject}\n\nx".encode())
    assert find_other_kind(parts, read_heading(parts), "Transcript of session follows") is not None


def test_a_delay_that_tells_since_when_is_not_final() -> None:
    """Postfix's bounce(5) template for delays."""
    text = "Your message could not be delivered for more than 4 hour(s).\nIt will be retried until it is 5 day(s) old."
    assert decide("MAILER-DAEMON@x", "Delayed Mail (still being retried)", text) == (True, False)
