from typing import Any

import pytest

from cmcdesk.outbound.answer import OutboundVerdict, Resending, SmtpAnswer, judge_answer

RESENDING = Resending(period=600.0, interval=60.0)


def verdict(answer: SmtpAnswer, queued_at: float = 1000.0, now: float = 1000.0) -> OutboundVerdict:
    return judge_answer(answer, "b@dest.example", queued_at, now, RESENDING)


@pytest.mark.parametrize(
    ("code", "enhanced", "outcome"),
    [
        (250, "2.0.0", "delivered"), (251, "", "delivered"), (354, "", "transient"), (450, "4.2.0", "transient"),
        (550, "", "permanent"), (None, "5.1.2", "permanent"), (None, "4.4.1", "transient"), (None, "", "transient"),
    ],
)  # fmt: skip
def test_the_class_of_the_code_decides_and_without_a_reply_our_own(code: Any, enhanced: str, outcome: str) -> None:
    assert SmtpAnswer(code, enhanced, "x").outcome == outcome


def test_what_arrived_has_ended() -> None:
    assert verdict(SmtpAnswer(250, "2.0.0", "ok")) == OutboundVerdict("succeeded", None)


@pytest.mark.parametrize(
    ("answer", "error_status"),
    [
        (SmtpAnswer(550, "5.1.1", "<b@dest.example>: User unknown", "RCPT TO"), 2),
        (SmtpAnswer(550, "", "No such user here", "RCPT TO"), 2),
        (SmtpAnswer(552, "5.2.2", "Mailbox full", "RCPT TO"), 5),
        (SmtpAnswer(550, "5.7.1", "Message rejected due to local policy", "end of DATA"), 4),
        (SmtpAnswer(554, "", "it is not to be", "end of DATA"), 99),
        (SmtpAnswer(None, "5.1.2", "Host not found", "DNS", error_status=1), 1),
    ],
)
def test_a_refusal_is_judged_as_bounces_are(answer: SmtpAnswer, error_status: int) -> None:
    assert verdict(answer) == OutboundVerdict("failed", None, error_status)


def test_a_transient_answer_waits_for_the_interval_until_the_period_is_over() -> None:
    busy = SmtpAnswer(451, "4.7.1", "later")
    assert verdict(busy) == OutboundVerdict("deferred", 1060.0)
    assert verdict(busy, now=1540.0) == OutboundVerdict("deferred", 1600.0)
    assert verdict(busy, now=1541.0) == OutboundVerdict("failed", None, 3)
