"""Automatic replies and complaints."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Text = Callable[[Mail], str]


def test_automatic_replies_say_so_and_answer_the_mail(bounce: Bounce, parse: Parse) -> None:
    """RFC 3834 §3.1.7, §3.1.4."""
    for kind in ("auto-reply", "auto-reply-ja", "out-of-office", "out-of-office-ja"):
        message = parse(bounce(f"replies/{kind}", message_id="<7@x.example>"))
        assert (message["Auto-Submitted"], message["In-Reply-To"]) == ("auto-replied", "<7@x.example>")


def test_japanese_replies_are_iso_2022_jp(bounce: Bounce, text_of: Text) -> None:
    assert "休暇中のため不在" in text_of(bounce("replies/out-of-office-ja"))


def test_a_complaint_is_a_feedback_report(bounce: Bounce, parse: Parse) -> None:
    """RFC 5965 §2, §3.1."""
    message = parse(bounce("replies/complaint"))
    assert message.get_param("report-type") == "feedback-report"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "message/feedback-report", "message/rfc822"]
    assert b"Feedback-Type: abuse\r\n" in bounce("replies/complaint").octets
