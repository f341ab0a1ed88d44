"""Postfix: bounce(5)."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Report = Callable[[Mail], list[dict[str, str]]]
Text = Callable[[Mail], str]


def test_the_boundary_is_the_failed_mails_queue_id_the_time_and_the_host(
    bounce: Bounce, parse: Parse, report_of: Report
) -> None:
    mail = bounce("postfix/unknown-user")
    message, failed_id = parse(mail), report_of(mail)[0]["x-postfix-queue-id"]
    seconds = int(message["Date"].datetime.timestamp())
    assert message.get_boundary() == f"{failed_id}.{seconds}/mta03.example.jp"
    assert failed_id not in str(message["Received"])


def test_a_remote_reply_is_smtp_and_a_local_reason_is_x_postfix(bounce: Bounce, report_of: Report) -> None:
    refused, unresolved = (report_of(bounce(kind))[1] for kind in ("postfix/unknown-user", "postfix/unknown-host"))
    assert refused["diagnostic-code"].startswith("smtp; 550 5.1.1 <")
    assert refused["remote-mta"].startswith("dns; mx")
    assert unresolved["diagnostic-code"].startswith("X-Postfix; Host or domain name not found.")
    assert "remote-mta" not in unresolved


def test_a_warning_returns_the_header_only_and_says_until_when(bounce: Bounce, parse: Parse, report_of: Report) -> None:
    mail = bounce("postfix/delayed")
    assert [part.get_content_type() for part in parse(mail).iter_parts()][-1] == "text/rfc822-headers"
    assert report_of(mail)[1]["will-retry-until"] > ""
    assert b"# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #" in mail.octets


def test_reasons_are_folded_at_79_columns(bounce: Bounce, text_of: Text) -> None:
    assert max(map(len, text_of(bounce("postfix/policy")).split("\n"))) <= 79
