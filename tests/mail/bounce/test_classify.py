"""From words and codes to CMC's error status."""

from pathlib import Path

import pytest

from cmcdesk.mail.bounce.classify import classify
from cmcdesk.mail.bounce.codes import choose_reply, choose_status

REPLIES = Path(__file__).resolve().parents[2] / "golden" / "replies.txt"
ANSWERS = [line.split("|", 1) for line in REPLIES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


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
