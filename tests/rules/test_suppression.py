"""Terms of 配信停止: what may be typed, when the batch runs, how addresses are compared."""

from datetime import datetime

import pytest

from cmcdesk.outbound.answer import SmtpAnswer
from cmcdesk.outbound.report import FailedRecipient, FailureReport, write_report
from cmcdesk.rules.received import TOKYO
from cmcdesk.rules.suppression import (
    BLOCK_REASONS,
    SUPPRESSED,
    BadTerms,
    BlockCondition,
    BlockTerms,
    find_next_run,
    fold_address,
    is_own_report,
    read_terms,
    write_refusal,
)


def test_the_initial_terms_suppress_addresses_that_do_not_exist_and_no_others() -> None:
    terms = BlockTerms()
    assert (terms.run_at, terms.watch_days) == ("00:00", None)
    assert [status for status, one in terms.conditions.items() if one.enabled] == [2]
    assert terms.conditions[2].occurrences == 1 and tuple(terms.conditions) == BLOCK_REASONS


def test_terms_are_read_as_typed() -> None:
    terms = read_terms("23:59", "30", {2: (True, "3"), 99: (True, "100")})
    assert (terms.run_at, terms.watch_days) == ("23:59", 30)
    assert terms.conditions[2] == BlockCondition(True, 3) and terms.conditions[99] == BlockCondition(True, 100)
    assert read_terms("00:00", "", {}).watch_days is None


def test_all_that_is_wrong_is_told_at_once_with_field_given_and_allowed() -> None:
    with pytest.raises(BadTerms) as bad:
        read_terms("24:00", "0", {2: (True, "many"), 10: (True, "1")})
    assert [(one.field, one.given) for one in bad.value.errors] == [
        ("run_at", "24:00"), ("watch_days", "0"), ("conditions.2.occurrences", "many"), ("conditions.10", "10"),
    ]  # fmt: skip
    assert "00:00 to 23:59" in bad.value.errors[0].message["en"] and "1 to 3650" in bad.value.errors[1].message["en"]


@pytest.mark.parametrize("run_at", ["", "0:00", "00:60", "00:00:00", "０0:00", "noon"])
def test_a_time_is_hours_and_minutes(run_at: str) -> None:
    with pytest.raises(BadTerms):
        read_terms(run_at, "", {})


def test_reasons_that_were_unticked_are_named() -> None:
    before = read_terms("00:00", "", {2: (True, "1"), 5: (True, "1")})
    assert read_terms("00:00", "", {2: (True, "1"), 5: (False, "1")}).list_unticked(before) == [5]


def test_the_next_run_is_by_the_clock_of_tokyo_and_never_now() -> None:
    noon = datetime(2026, 11, 30, 12, 0, tzinfo=TOKYO).timestamp()
    midnight = datetime(2026, 12, 1, 0, 0, tzinfo=TOKYO).timestamp()
    assert find_next_run("00:00", noon) == midnight and find_next_run("00:00", midnight) == midnight + 86400
    assert find_next_run("12:30", noon) == noon + 1800


@pytest.mark.parametrize(
    ("address", "folded"),
    [
        ("User@Example.COM", "user@example.com"),
        (" <a@例え.jp> ", "a@xn--r8jz45g.jp"),
        ("a@b@c.example", "a@b@c.example"),
        ("nobody", ""),
        ("@example.com", ""),
        ("", ""),
        ("a@not a domain", "a@not a domain"),
    ],
)
def test_addresses_are_compared_folded(address: str, folded: str) -> None:
    assert fold_address(address) == folded == (fold_address(folded) if folded else "")


def test_the_own_report_is_known_by_its_message_id_and_null_sender() -> None:
    failed = FailedRecipient("b@x.example", SmtpAnswer(550, "5.1.1", "no"), 2)
    report = write_report(FailureReport("a@x.example", "mta01.pro.smtps.jp", "0f" * 10, 0.0, 0.0, [failed], b""))
    written = next(line for line in report.decode().split("\r\n") if line.startswith("Message-ID: "))
    message_id = written.removeprefix("Message-ID: ")
    assert is_own_report(message_id, "")
    assert not is_own_report(message_id, "a@x.example") and not is_own_report("<1@mx.x.example>", "")


def test_the_refusal_is_worded_as_cmc_does() -> None:
    assert write_refusal("a@x.example") == "Recipient address <a@x.example> is suppressed to send mail."
    answer = SmtpAnswer(None, "", write_refusal("a@x.example"), "RCPT TO", error_status=SUPPRESSED)
    assert answer.outcome == "permanent" and answer.reply_to == " (in reply to RCPT TO)"
