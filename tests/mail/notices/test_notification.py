"""Bounces told by Amazon SNS."""

from cmcdesk.mail.notices.notification import read_notification

BOUNCED = (
    '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"a@b.example","status":"5.1.1",'
    '"diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}}'
)


def test_a_bounce() -> None:
    found = read_notification(f"{BOUNCED}\n\n--\nTo stop this, click")
    assert found is not None
    (report,) = found
    assert (report.final_recipient, report.action, report.status) == ("a@b.example", "failed", "5.1.1")
    assert report.diagnostic_code == "550 5.1.1 user unknown"


def test_other_notifications_name_nobody() -> None:
    assert read_notification('{"notificationType":"Delivery","delivery":{}}') == []
    assert read_notification('{"notificationType":"Bounce","bounce":{"bouncedRecipients":7}}') == []


def test_what_is_no_notification() -> None:
    assert read_notification("Hello") is None
    assert read_notification('{"notificationType":"Bounce"') is None
    assert read_notification('{"notificationType":' + "[" * 50_000) is None
