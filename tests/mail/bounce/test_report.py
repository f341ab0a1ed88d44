"""RFC 3464 fields, as they are written in the world."""

import pytest

from cmcdesk.mail.bounce.report import has_report, read_address, read_report


def test_groups_are_told_apart_by_blank_lines() -> None:
    first, second = read_report(
        "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1 (no)\n"
        "Diagnostic-Code: smtp; 550 5.1.1\n    User unknown\n\n"
        "Final-Recipient: rfc822; b@x.example\nAction: delivered\n"
    )
    assert (first.final_recipient, first.action, first.status) == ("a@x.example", "failed", "5.1.1")
    assert first.diagnostic_code == "550 5.1.1 User unknown"
    assert (second.final_recipient, second.action, second.status) == ("b@x.example", "delivered", None)


def test_groups_without_blank_lines_and_in_any_order() -> None:
    first, second = read_report(
        "Action: failed\nFinal-Recipient: rfc822; a@x.example\nStatus: 5.1.1\n"
        "Action: failed\nFinal-Recipient: rfc822; b@x.example\nStatus: 5.2.2\n"
    )
    assert (first.recipient(), first.status) == ("a@x.example", "5.1.1")
    assert (second.recipient(), second.status) == ("b@x.example", "5.2.2")


def test_indented_fields_do_not_swallow_each_other() -> None:
    (found,) = read_report("   Final-Recipient: rfc822; a@x.example\n   Action: failed\n   Status: 5.3.4\n")
    assert (found.recipient(), found.action, found.status) == ("a@x.example", "failed", "5.3.4")


def test_a_file_is_no_recipient_if_an_address_is_known() -> None:
    (found,) = read_report(
        "Final-Recipient: rfc822;/var/mail/x\nOriginal-Recipient: rfc822;a@x.example\nAction: failed"
    )
    assert found.recipient() == "a@x.example"


def test_an_action_may_carry_a_comment() -> None:
    (found,) = read_report("Final-Recipient: a@x.example\nAction: Failed (bad mailbox)\n")
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
    assert read_address(value) == address


def test_only_recipient_fields_make_a_report() -> None:
    assert not has_report("Reporting-MTA: dns; x")
    assert read_report("Reporting-MTA: dns; x\n\nAction: failed\n") == []
