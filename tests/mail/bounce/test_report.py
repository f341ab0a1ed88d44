"""Reports for programs: RFC 3464 fields, and bounces told in JSON, as they are written in the world."""

import pytest

from cmcdesk.mail.bounce.reader import read_bounce
from cmcdesk.mail.bounce.report import has_report, read_events, read_groups, read_typed_address


def test_groups_are_told_apart_by_blank_lines() -> None:
    first, second = read_groups(
        "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1 (no)\n"
        "Diagnostic-Code: smtp; 550 5.1.1\n    User unknown\n\n"
        "Final-Recipient: rfc822; b@x.example\nAction: delivered\n"
    )
    assert (first.final_recipient, first.action, first.status) == ("a@x.example", "failed", "5.1.1")
    assert first.diagnostic_code == "550 5.1.1 User unknown"
    assert (second.final_recipient, second.action, second.status) == ("b@x.example", "delivered", None)


def test_groups_without_blank_lines_and_in_any_order() -> None:
    first, second = read_groups(
        "Action: failed\nFinal-Recipient: rfc822; a@x.example\nStatus: 5.1.1\n"
        "Action: failed\nFinal-Recipient: rfc822; b@x.example\nStatus: 5.2.2\n"
    )
    assert (first.recipient(), first.status) == ("a@x.example", "5.1.1")
    assert (second.recipient(), second.status) == ("b@x.example", "5.2.2")


def test_indented_fields_do_not_swallow_each_other() -> None:
    (found,) = read_groups("   Final-Recipient: rfc822; a@x.example\n   Action: failed\n   Status: 5.3.4\n")
    assert (found.recipient(), found.action, found.status) == ("a@x.example", "failed", "5.3.4")


def test_a_file_is_no_recipient_if_an_address_is_known() -> None:
    (found,) = read_groups(
        "Final-Recipient: rfc822;/var/mail/x\nOriginal-Recipient: rfc822;a@x.example\nAction: failed"
    )
    assert found.recipient() == "a@x.example"


def test_an_action_may_carry_a_comment() -> None:
    (found,) = read_groups("Final-Recipient: a@x.example\nAction: Failed (bad mailbox)\n")
    assert found.action == "failed"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("rfc822; a@x.example", "a@x.example"),
        ("RFC822;<a@x.example>", "a@x.example"),
        ("rfc822;a@x.example (comment)", "a@x.example"),
        ('rfc822;"a b"@x.example', '"a b"@x.example'),
        ("utf-8; \\x{7530}@x.example", "田@x.example"),
        ("utf-8; \\x{110000}@x.example", "\\x{110000}@x.example"),
        ("X400; /DD.RFC-822=a(a)x.example/C=de/", "a@x.example"),
        ("rfc822; nobody", "nobody"),
        ("", ""),
    ],
)
def test_addresses(value: str, address: str) -> None:
    assert read_typed_address(value) == address


def test_only_recipient_fields_make_a_report() -> None:
    assert not has_report("Reporting-MTA: dns; x")
    assert read_groups("Reporting-MTA: dns; x\n\nAction: failed\n") == []


BOUNCED = (
    '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"a@b.example","status":"5.1.1",'
    '"diagnosticCode":"smtp; 550 5.1.1 user unknown"}]}}'
)


def test_a_bounce_in_json() -> None:
    found = read_events(f"{BOUNCED}\n\n--\nTo stop this, click")
    assert found is not None
    (report,) = found
    assert (report.final_recipient, report.action, report.status) == ("a@b.example", "failed", "5.1.1")
    assert report.diagnostic_code == "550 5.1.1 user unknown"


def test_other_notifications_name_nobody() -> None:
    assert read_events('{"notificationType":"Delivery","delivery":{}}') == []
    assert read_events('{"notificationType":"Bounce","bounce":{"bouncedRecipients":7}}') == []


def test_what_is_no_notification() -> None:
    assert read_events("Hello") is None
    assert read_events('{"notificationType":"Bounce"') is None
    assert read_events('{"notificationType":' + "[" * 50_000) is None


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
        ('{"type":"email.failed","data":{"email":"a@b.example","reason":"550 5.1.1 user unknown"}}', "failed"),
        ('{"type":"payment.failed","email":"a@b.example","reason":"card declined"}', ""),
        ('{"event-data":{"event":"delivered","recipient":"a@b.example"}}', ""),
    ],
)
def test_the_web_hooks_of_other_services(text: str, action: str) -> None:
    found = read_events(f"Passed on:\n\n{text}\n")
    assert [one.action for one in found or []] == ([action] if action else [])
    for report in found or []:
        assert (report.final_recipient, report.diagnostic_code) == ("a@b.example", "550 5.1.1 user unknown")


def test_other_json_is_no_notification() -> None:
    for text in ('{"a":1}', "[1, 2]", '["bounce"]', '{"name":{"first":"x"}}'):
        assert read_events(text) is None


def test_a_delay_that_amazon_ses_tells() -> None:
    (report,) = read_events(
        '{"eventType":"DeliveryDelay","deliveryDelay":{"delayedRecipients":[{"emailAddress":"a@b.example",'
        '"status":"4.2.2","diagnosticCode":"smtp; 452 4.2.2 full"}]}}'
    ) or [None]
    assert report is not None and (report.action, report.diagnostic_code) == ("delayed", "452 4.2.2 full")


PROBE = (
    "From: MAILER-DAEMON@mx.example\nSubject: Mail Delivery Status Report\nMIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{fields}\n--b--\n"
)


def test_a_probe_of_postfix_that_found_the_mailbox_tells_no_failure() -> None:
    fields = "Final-Recipient: rfc822; a@b.example\nAction: deliverable\nStatus: 2.1.5\n"
    assert read_bounce(PROBE.format(fields=fields).encode()).is_bounce is False
    fields = "Final-Recipient: rfc822; a@b.example\nAction: undeliverable\nStatus: 5.1.1\n"
    assert [failure.status for failure in read_bounce(PROBE.format(fields=fields).encode()).failures] == ["5.1.1"]


def test_the_fields_of_a_receipt_in_the_text_are_no_report() -> None:
    fields = "Final-Recipient: rfc822;a@b.example\nDisposition: manual-action/MDN-sent-manually; displayed\n"
    assert has_report(fields) is False
    assert has_report(fields.replace("Disposition: ", "Action: failed\nX-Disposition: ")) is True


def test_what_is_said_of_another_recipient_is_no_cause() -> None:
    words = "--b\n\nThis is the mail system at host mx.example.\n\n<a@x.example>: 550 5.1.1 User unknown\n--b\n"
    fields = "Final-Recipient: rfc822; {}\nAction: failed\nStatus: {}\n"
    both = f"{fields.format('a@x.example', '5.1.1')}\n{fields.format('b@y.example', '5.2.2')}"
    verdict = read_bounce(PROBE.format(fields=both).replace("--b\n", words, 1).encode())
    assert [(one.recipient, one.error_status) for one in verdict.failures] == [("a@x.example", 2), ("b@y.example", 5)]
