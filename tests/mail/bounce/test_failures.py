"""Failures put together from report and text; from words and codes to CMC's error status."""

from pathlib import Path

import pytest

from cmcdesk.mail.bounce.codes import choose_reply, choose_status
from cmcdesk.mail.bounce.failures import classify, of_mention, of_nobody, of_report
from cmcdesk.mail.bounce.recipients import Mention
from cmcdesk.mail.bounce.verdict import RecipientReport

REPLIES = Path(__file__).resolve().parents[2] / "golden" / "replies.txt"
ANSWERS = [line.split("|", 1) for line in REPLIES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def test_the_report_and_the_text_complete_each_other() -> None:
    report = RecipientReport("a@x.example", action="failed", status="5.0.0")
    failure = of_report(report, Mention("a@x.example", ["<a@x.example>: 552 5.2.2 full"]), "Hello", alone=False)
    assert (failure.recipient, failure.status, failure.reply, failure.error_status) == (
        "a@x.example",
        "5.2.2",
        "552",
        5,
    )
    assert failure.diagnostic == "<a@x.example>: 552 5.2.2 full"


def test_another_domain_is_a_forward_error_and_a_host_of_the_same_is_none() -> None:
    def error_status(original: str, final: str) -> int:
        report = RecipientReport(final, original, action="failed", status="5.1.1")
        return of_report(report, None, "", alone=True).error_status

    assert error_status("a@dest.test", "a@far.example") == 6
    assert error_status("a@example.co.jp", "a@far.co.jp") == 6
    assert error_status("a@example.co.jp", "a@mail.example.co.jp") == 2
    assert error_status("", "a@far.example") == 2
    assert error_status("a@localhost", "a@far.example") == 2  # a bare host shows no other domain


def test_sendmail_tells_where_an_alias_led() -> None:
    report = RecipientReport("a@dest.test", "", "b@far.example", "failed", "5.1.1")
    failure = of_report(report, None, "", alone=True)
    assert (failure.recipient, failure.error_status, failure.evidence) == (
        "a@dest.test",
        6,
        "a@dest.test → b@far.example",
    )


def test_text_alone() -> None:
    failure = of_mention(
        Mention("a@x.example", ["<a@x.example>:"]), "<a@x.example>:\n550 5.1.1 User unknown", alone=True
    )
    assert (failure.status, failure.reply, failure.error_status) == ("5.1.1", "550", 2)
    other = of_mention(Mention("a@x.example", ["<a@x.example>: full"]), "550 5.1.1 for somebody else", alone=False)
    assert (other.status, other.reply) == (None, None)


def test_nobody_named_still_has_a_cause() -> None:
    failure = of_nobody("The message was infected by a virus")
    assert (failure.recipient, failure.error_status) == (None, 4)


@pytest.mark.parametrize(("error_status", "text"), ANSWERS, ids=[text[:50] for _, text in ANSWERS])
def test_a_receivers_answer_is_understood(error_status: str, text: str) -> None:
    status = choose_status(text, None, "")
    found = classify((text,), status, choose_reply((text,), status))
    assert found.error_status == int(error_status), found


def test_words_weigh_more_than_a_code_that_is_filled_in_by_habit() -> None:
    assert classify(("552 5.2.2 Over quota",), "5.1.1", "552").error_status == 5


def test_a_code_weighs_more_than_vague_words() -> None:
    assert classify(("550 5.2.3 rejected",), "5.2.3", "550").error_status == 8


def test_a_refusal_when_the_sender_was_named_is_one_of_the_sender() -> None:
    text = "SMTP error from remote mail server after MAIL FROM:<a@b.example>: 553 b.example does not exist"
    assert classify((text,), None, "553").error_status == 4
    assert classify((text.replace("MAIL FROM:<a@b.example>", "end of data"),), None, "553").error_status == 1


def test_the_evidence_is_the_line_that_decided() -> None:
    found = classify(("550 failed", "first line\n  552 mailbox is full\nlast line"), None, "550")
    assert (found.error_status, found.evidence) == (5, "552 mailbox is full")


def test_a_mailboxs_name_is_no_evidence() -> None:
    assert classify(("550 <mailbox-full@dest.example> user unknown",), None, "550").error_status == 2


def test_nothing_said_is_others() -> None:
    assert classify((), None, None).error_status == 99
    assert classify(("", ""), "5.0.0", "550").error_status == 99


def test_long_texts_take_no_long_time() -> None:
    assert classify(("mailbox " * 100_000,), None, None).error_status == 99


def test_the_words_of_every_notice_are_no_evidence() -> None:
    text = "could not be delivered to one or more recipients. It's attached below.\n<a@b.example>: Unknown error"
    assert classify((text,), None, None).error_status == 99
