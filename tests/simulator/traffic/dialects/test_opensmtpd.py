"""OpenSMTPD: bounce.c."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Report = Callable[[Mail], list[dict[str, str]]]
Text = Callable[[Mail], str]


def test_it_is_multipart_mixed_with_a_report_inside(bounce: Bounce, parse: Parse) -> None:
    message = parse(bounce("opensmtpd/unknown-user"))
    assert message.get_content_type() == "multipart/mixed"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "message/delivery-status", "text/rfc822-headers"]


def test_recipient_and_reason_share_a_line_and_the_report_has_no_diagnostic(
    bounce: Bounce, text_of: Text, report_of: Report
) -> None:
    mail = bounce("opensmtpd/unknown-user", failed=("a@b.example",))
    assert "\na@b.example: 550 5.1.1 <a@b.example>: User unknown\n" in text_of(mail)
    assert list(report_of(mail)[1]) == ["final-recipient", "action", "status"]


def test_a_delay_says_how_long_the_mail_is_kept(bounce: Bounce, text_of: Text) -> None:
    assert "    The message is kept in the queue for up to 4 days.\n" in text_of(bounce("opensmtpd/delayed"))
