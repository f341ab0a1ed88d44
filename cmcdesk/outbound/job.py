"""What a lane does with one mail for one destination: read it, write it as it goes out, send it, and say what came of
each recipient."""

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from cmcdesk.outbound.answer import OutboundVerdict, SmtpAnswer, judge_answer
from cmcdesk.outbound.courier import OutboundCourier
from cmcdesk.outbound.follower import find_domain
from cmcdesk.outbound.network import Surroundings
from cmcdesk.outbound.report import FailedRecipient, FailureReport, write_report
from cmcdesk.outbound.routing import Router
from cmcdesk.outbound.smtp_client import Letter
from cmcdesk.outbound.terms import Terms
from cmcdesk.outbound.wire import MOST_HOPS, write_wire
from cmcdesk.rules.forwarding import mark_forwarded
from cmcdesk.rules.received import Hop, add_trace, name_server
from cmcdesk.rules.suppression import RCPT, SUPPRESSED, write_refusal
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.outbound import OTHER_CAUSE, DueOutbound, NewOutbound, OutboundRecord, OwnMail, read_own_octets
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.store.maillog.watch import CurrentMailLog
from cmcdesk.store.room import Room

HERE = "127.0.0.1"
OCTETS_AT_ONCE = 64 * 1024 * 1024  # ours: of large mails on their way at the same time

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutboundJob:
    """Rows of one mail for one domain; crew: connections that the destination may get. taken: the terms under which the
    mail was taken; now: those that are applied; suppressed: nobody is asked, they are turned away (配信停止)."""

    rows: tuple[DueOutbound, ...]
    taken: Terms
    now: Terms
    crew: int
    suppressed: bool = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of its rows."""
        return tuple(row.id for row in self.rows)

    @property
    def place(self) -> tuple[str, str]:
        """Composition and domain."""
        return self.rows[0].composition, self.rows[0].domain

    @property
    def lane(self) -> str:
        """The same: compositions are servers of their own. Who is turned away waits for no destination."""
        return f"{self.place[0]} (suppressed)" if self.suppressed else " ".join(self.place)


@dataclass(frozen=True, slots=True)
class OutboundResult:
    """What came of a job: a record a row, and the report to the sender where rows failed."""

    records: tuple[OutboundRecord, ...]
    report: OwnMail | None
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A mail as it is kept, and when it arrived (unix seconds)."""

    octets: bytes
    arrived_at: float


@dataclass(frozen=True, slots=True)
class Tried:
    """When an attempt began and ended (unix seconds), and how long it took."""

    at: float
    milliseconds: int
    ended_at: float


class OutboundMailGone(Exception):
    """The mail is no longer stored."""


class Outside:
    """What all lanes share: the world around and the router in it; replaced whole when the world changes."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.router = Router(surroundings)


class OutboundWork:
    """One lane thread's: its view of mail.db and its connection."""

    def __init__(
        self, engine: Engine, mail_db: Path, room: Room, ask_outside: Callable[[], Outside], now: Callable[[], float]
    ) -> None:
        self._engine = engine
        self._current = CurrentMailLog(mail_db)
        self._room = room
        self._ask_outside = ask_outside
        self._now = now
        self._outside: Outside | None = None
        self._courier: OutboundCourier | None = None

    def close(self) -> None:
        """End the session, let go of mail.db."""
        if self._courier:
            self._courier.close()
        self._current.close()

    def run(self, job: OutboundJob) -> OutboundResult:
        """One attempt. Never raises: what fails on our side is an attempt that failed, and is told in the log."""
        begun, clock = self._now(), time.monotonic()
        stored: Stored | None = None
        try:
            with ExitStack() as stack:
                stored = self._read(job, lambda size: stack.enter_context(self._room.take(size)))
                answers = turn_away(job) if job.suppressed else self._send(job, stored)
        except OutboundMailGone as gone:
            answers = self._answer_all(job, SmtpAnswer(None, "5.3.0", str(gone), error_status=OTHER_CAUSE))
        except Exception as fault:
            log.exception("outbound rows %s could not be sent", job.numbers)
            text = f"could not be sent: {type(fault).__name__}: {fault}"
            answers = self._answer_all(job, SmtpAnswer(None, "4.3.0", text))
        tried = Tried(begun, round((time.monotonic() - clock) * 1000), self._now())
        return self._conclude(job, answers, tried, stored)

    def _answer_all(self, job: OutboundJob, answer: SmtpAnswer) -> dict[str, SmtpAnswer]:
        return dict.fromkeys((row.recipient for row in job.rows), answer)

    def _read(self, job: OutboundJob, make_room: Callable[[int], object]) -> Stored:
        """make_room: waits until so many octets may be taken. Raises OutboundMailGone."""
        row = job.rows[0]
        if row.own_id is not None:
            with reading(self._engine) as session:
                octets = read_own_octets(session, row.own_id)
            if octets is None:
                raise OutboundMailGone("the report is no longer stored")
            return Stored(octets, row.queued_at)
        mail_log = self._open_log(row)
        mail = mail_log.get_mail(row.mail_id or 0)
        make_room(mail.size if mail else 0)
        octets = mail_log.get_octets(row.mail_id or 0)
        if mail is None or octets is None:
            raise OutboundMailGone(f"mail {row.mail_id} was deleted before it could be sent")
        composition = job.taken.composition
        server = name_server(composition)
        hop = Hop(mail_log.find_hello(mail.id), mail.peer, server, HERE, mail.received_at)
        octets = add_trace(octets, composition.advanced.received, hop)
        return Stored(mark_forwarded(octets, row.recipient) if row.forwarded_by else octets, mail.received_at)

    def _open_log(self, row: DueOutbound) -> MailLog:
        try:
            mail_log = self._current.open()
        except MailLogMissing as missing:
            raise OutboundMailGone(str(missing)) from None
        if mail_log.log_id != row.log_id:  # its number may name another mail now
            raise OutboundMailGone(f"mail {row.mail_id} was in a mail.db that has been replaced since")
        return mail_log

    def _send(self, job: OutboundJob, stored: Stored) -> dict[str, SmtpAnswer]:
        wire = write_wire(stored.octets)
        if wire.hops > MOST_HOPS:
            return self._answer_all(job, SmtpAnswer(None, "5.4.6", f"Too many hops: {wire.hops} Received fields"))
        outside = self._ask_outside()
        if self._courier is None or outside is not self._outside:
            if self._courier:
                self._courier.close()
            self._outside, self._courier = outside, OutboundCourier(outside.surroundings, outside.router)
        row = job.rows[0]
        letter = Letter(row.sender, tuple(row.recipient for row in job.rows), wire)
        find_speed = job.now.speeds.find
        name = name_server(job.taken.composition)
        return self._courier.attempt(row.domain, letter, name, lambda host: find_speed(row.recipient, host).interval)

    def _conclude(
        self, job: OutboundJob, answers: dict[str, SmtpAnswer], tried: Tried, stored: Stored | None
    ) -> OutboundResult:
        resending = job.now.resending(self._ask_outside().surroundings.speed)
        records = []
        failed: list[tuple[int, FailedRecipient]] = []
        for row in job.rows:
            answer = answers[row.recipient]
            verdict = judge_answer(answer, row.recipient, row.queued_at, tried.ended_at, resending)
            records.append(make_record(row, answer, verdict, tried))
            if verdict.error_status is not None:
                failed.append((row.id, FailedRecipient(row.recipient, answer, verdict.error_status)))
        is_told = failed and job.rows[0].sender  # the null sender is never told (RFC 5321 §4.5.5)
        return OutboundResult(
            tuple(records), make_report(job, failed, stored, tried.ended_at) if is_told else None, tried.milliseconds
        )


def turn_away(job: OutboundJob) -> dict[str, SmtpAnswer]:
    """The answers for suppressed recipients, as CMC's events word them; no server gave them."""
    return {
        row.recipient: SmtpAnswer(None, "", write_refusal(row.recipient), RCPT, error_status=SUPPRESSED)
        for row in job.rows
    }


def make_record(row: DueOutbound, answer: SmtpAnswer, verdict: OutboundVerdict, tried: Tried) -> OutboundRecord:
    """The attempt at one row and what it makes of it, as the queue keeps them."""
    return OutboundRecord(
        outbound_id=row.id,
        number=row.attempts + 1,
        at=tried.at,
        milliseconds=tried.milliseconds,
        host=answer.host,
        address=answer.address,
        code=answer.code,
        enhanced=answer.enhanced,
        text=answer.text,
        command=answer.command,
        outcome=answer.outcome,
        state=verdict.state,
        due_at=verdict.due_at,
        ended_at=None if verdict.state == "deferred" else tried.ended_at,
        error_status=verdict.error_status,
        sender_ip=answer.sender_ip,
    )


def make_report(
    job: OutboundJob, failed: Sequence[tuple[int, FailedRecipient]], stored: Stored | None, at: float
) -> OwnMail:
    """The report to the sender, and the row in which it goes out."""
    row, composition = job.rows[0], job.taken.composition
    octets = write_report(
        FailureReport(
            to=row.sender,
            server=name_server(composition),
            token=secrets.token_hex(10),
            arrived_at=stored.arrived_at if stored else row.queued_at,
            at=at,
            failed=[recipient for _, recipient in failed],
            head=stored.octets if stored else b"",
        )
    )
    home = NewOutbound("", None, row.composition, row.revision, "", row.sender, find_domain(row.sender))
    return OwnMail(tuple(number for number, _ in failed), octets, home)
