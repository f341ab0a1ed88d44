"""What a lane does with one due delivery: read the mail, write the payload, send it, and say what came of it."""

import logging
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from cmcdesk.rules.retry import Outcome, decide_next
from cmcdesk.store.desk.delivery_queue import AttemptRecord, DueDelivery
from cmcdesk.store.reading_guard import MailSetAside
from cmcdesk.webhook.courier import Attempted, Courier, describe_request, prepare_request
from cmcdesk.webhook.mails import MailGone, MailReader
from cmcdesk.webhook.payload import Addressing, Payload, build_event_payload, build_payload
from cmcdesk.webhook.target import Target

CREW_LIMIT = 4  # ours: attempts at one endpoint at the same time

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """One delivery and where it goes."""

    delivery: DueDelivery
    target: Target

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of its row."""
        return (self.delivery.number,)

    @property
    def lane(self) -> str:
        """Its endpoint."""
        return self.target.endpoint

    @property
    def place(self) -> tuple[str, str]:
        """Composition and filter."""
        return self.delivery.composition, self.delivery.filter

    @property
    def crew(self) -> int:
        """Threads for one endpoint."""
        return CREW_LIMIT


@dataclass(frozen=True, slots=True)
class RetryClock:
    """What an attempt takes from outside: the time (unix seconds) and a random number of 0 … 1."""

    now: Callable[[], float]
    draw: Callable[[], float]


def run_job(job: Job, reader: MailReader, courier: Courier, clock: RetryClock) -> AttemptRecord:
    """One attempt. Never raises: what fails on our side is an attempt that failed, and is told in the log."""
    begun = clock.now()
    try:
        attempted = send(job, reader, courier)
    except (MailGone, MailSetAside) as error:
        attempted = fail("permanent", str(error))
    except Exception as error:
        log.exception("delivery %s could not be sent", job.delivery.id)
        attempted = fail("transient", f"could not be sent: {type(error).__name__}: {error}")
    return record_attempt(job.delivery, attempted, begun, clock)


def send(job: Job, reader: MailReader, courier: Courier) -> Attempted:
    """Read the mail, write the payload, post it. Raises MailGone, and whatever fails on our own side."""
    with ExitStack() as stack:
        with reader.make_room(job.delivery.mail_id):
            payload = write_payload(job, reader)
            stack.enter_context(reader.make_room_to_send(len(payload.octets)))
        return courier.attempt(job.target, job.delivery.id, payload)


def preview(job: Job, reader: MailReader) -> str:
    """The request of the next attempt as the log would show it. Raises MailGone, MailLogMissing, and what `send` would
    be refused for: requests.RequestException or ValueError."""
    payload = write_payload(job, reader)
    return describe_request(prepare_request(job.target, job.delivery.id, payload), job.target, payload)


def write_payload(job: Job, reader: MailReader) -> Payload:
    """What one delivery posts: its events, or its mail."""
    delivery, target = job.delivery, job.target
    if delivery.kind == "event":
        return build_event_payload(target, delivery.composition, delivery.filter, delivery.payload or "{}")
    if delivery.mail_id is None:
        raise MailGone("the delivery names no mail")
    parts = reader.take(delivery.id, delivery.mail_id)
    addressing = Addressing(delivery.composition, delivery.filter, delivery.recipient, target.api_key)
    build = partial(build_payload, target.format, parts, addressing, boundary=secrets.token_hex(16))
    return reader.guard.read("webhooks", reader.open().log_id, delivery.mail_id, build)


def fail(outcome: Outcome, error: str) -> Attempted:
    """An attempt that ended before anything was sent."""
    return Attempted(outcome, None, error, 0, "", "")


def record_attempt(delivery: DueDelivery, attempted: Attempted, begun: float, clock: RetryClock) -> AttemptRecord:
    """The attempt and what it makes of its delivery, as the queue keeps them."""
    ended, number = clock.now(), delivery.attempts + 1
    verdict = decide_next(attempted.outcome, number, ended, clock.draw())
    return AttemptRecord(
        delivery_number=delivery.number,
        number=number,
        at=begun,
        milliseconds=attempted.milliseconds,
        outcome=attempted.outcome,
        status=attempted.status,
        error=attempted.error,
        request=attempted.request,
        answer=attempted.answer,
        answer_headers=attempted.answer_headers,
        state=verdict.state,
        due_at=verdict.due_at,
        ended_at=ended,
    )
