"""Bounces told in JSON."""

import pytest

from cmcdesk.mail.bounce.notification import read_notification

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


@pytest.mark.parametrize(
    ("text", "action"),
    [
        (
            '{"event-data":{"event":"failed","severity":"permanent","recipient":"a@b.example","delivery-status":'
            '{"code":550,"message":"5.1.1 user unknown"}}}',
            "failed",
        ),
        (
            '{"event-data":{"event":"failed","severity":"temporary","recipient":"a@b.example","delivery-status":'
            '{"code":550,"message":"5.1.1 user unknown"}}}',
            "delayed",
        ),
        (
            '{"RecordType":"Bounce","Type":"HardBounce","Email":"a@b.example","Details":"550 5.1.1 user unknown"}',
            "failed",
        ),
        ('[ {"email":"a@b.example","event":"bounce","reason":"550 5.1.1 user unknown"} ]', "failed"),
        (
            '[{"email":"a@b.example","event":"deferred","response":"450"}, {"email":"x@y.example","event":"open"}]',
            "",
        ),
        (
            '[{"msys":{"message_event":{"type":"bounce","rcpt_to":"a@b.example",'
            '"raw_reason":"550 5.1.1 user unknown"}}}]',
            "failed",
        ),
        ('{"event":"hard_bounce","email":"a@b.example","reason":"550 5.1.1 user unknown"}', "failed"),
        ('[{"event":"hard_bounce","msg":{"email":"a@b.example","diag":"550 5.1.1 user unknown"}}]', "failed"),
        ('{"event-data":{"event":"delivered","recipient":"a@b.example"}}', ""),
    ],
)
def test_the_web_hooks_of_other_services(text: str, action: str) -> None:
    found = read_notification(f"Passed on:\n\n{text}\n")
    assert [one.action for one in found or []] == ([action] if action else [])
    for report in found or []:
        assert (report.final_recipient, report.diagnostic_code) == ("a@b.example", "550 5.1.1 user unknown")


def test_other_json_is_no_notification() -> None:
    for text in ('{"a":1}', "[1, 2]", '["bounce"]', '{"name":{"first":"x"}}'):
        assert read_notification(text) is None
