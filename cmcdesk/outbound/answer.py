"""What became of one recipient in one attempt, and what that makes of its row: pure."""

from dataclasses import dataclass

from cmcdesk.mail.bounce.failures import classify
from cmcdesk.rules.retry import Outcome
from cmcdesk.rules.suppression import RCPT
from cmcdesk.store.desk.outbound import OTHER_CAUSE, OutboundState

UNKNOWN_HOST, TIMED_OUT, TOO_LARGE, RECEIVER_FAULT, BAD_ADDRESS = 1, 3, 8, 7, 9  # CMC's error statuses
MINUTE = 60.0
CONNECTION = "connection"  # what the greeting answers, and what could not be made


@dataclass(frozen=True, slots=True)
class SmtpAnswer:
    """code: of the reply (RFC 5321 §4.2), None where there was none, then `text` says why; enhanced: "x.y.z", of the
    reply or ours where it is of our own finding; command: what the reply answered; host, address: whose it was;
    error_status: CMC's, where it is known without words."""

    code: int | None
    enhanced: str
    text: str
    command: str = ""
    host: str = ""
    address: str = ""
    error_status: int | None = None
    sender_ip: str = ""  # where a mail that was delivered was sent from

    @property
    def outcome(self) -> Outcome:
        """Without a reply, what our own enhanced code says: its class (RFC 3463 §3); what has its error status is
        final. A server that greets with 5yz speaks of itself, not of the mail: another one may take it, or itself
        later."""
        if self.code is None and self.error_status is not None:
            return "permanent"
        if (self.code or 0) >= 500 and self.command == CONNECTION:
            return "transient"
        first = str(self.code)[0] if self.code is not None else self.enhanced[:1]
        return "delivered" if first == "2" else "permanent" if first == "5" else "transient"

    @property
    def line(self) -> str:
        """The reply as one line, without the host's name."""
        return " ".join(filter(None, (str(self.code or ""), self.enhanced, self.text)))

    @property
    def reply_to(self) -> str:
        """What the line answers, as it is told behind it."""
        return f" (in reply to {self.command})" if self.command and (self.code or self.command == RCPT) else ""


@dataclass(frozen=True, slots=True)
class Resending:
    """再送: for how long and how often, in seconds of the machine's clock."""

    period: float
    interval: float


@dataclass(frozen=True, slots=True)
class OutboundVerdict:
    """What becomes of a row; due_at: unix seconds, None once it has ended; error_status: of one that failed."""

    state: OutboundState
    due_at: float | None
    error_status: int | None = None


def judge_answer(
    answer: SmtpAnswer, recipient: str, queued_at: float, now: float, resending: Resending
) -> OutboundVerdict:
    """queued_at, now: unix seconds. A mail that could not be tried again within its period has timed out, CMC's 3."""
    if answer.outcome == "delivered":
        return OutboundVerdict("succeeded", None)
    if answer.outcome == "permanent":
        return OutboundVerdict("failed", None, answer.error_status or find_error_status(answer, recipient))
    due_at = now + resending.interval
    if due_at > queued_at + resending.period:
        return OutboundVerdict("failed", None, TIMED_OUT)
    return OutboundVerdict("deferred", due_at)


def find_error_status(answer: SmtpAnswer, recipient: str) -> int:
    """CMC's error status of a permanent refusal, as bounces are judged."""
    words = answer.line + (f" (in reply to {answer.command})" if answer.command else "")
    found = classify([words], answer.enhanced or None, str(answer.code) if answer.code else None, recipient)
    return found.error_status or OTHER_CAUSE
