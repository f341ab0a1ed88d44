"""Domino: delivery failure reports."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Report = Callable[[Mail], list[dict[str, str]]]
Text = Callable[[Mail], str]


def test_the_reason_is_in_subject_text_and_report_alike(
    bounce: Bounce, parse: Parse, text_of: Text, report_of: Report
) -> None:
    mail = bounce("domino/unknown-user", failed=("taro@b.example",), subject="Hello")
    reason = "User taro (taro@b.example) not listed in Domino Directory"
    assert str(parse(mail)["Subject"]) == f"DELIVERY FAILURE: {reason}"
    assert report_of(mail)[1]["diagnostic-code"] == f"X-Notes; {reason}"
    assert text_of(mail).startswith(
        "Your message\n\n  Subject: Hello\n\nwas not delivered to:\n\n  taro@b.example\n\nbecause:\n\n"
    )
