"""What became of the mails of one run of the simulator: found by the run's name, which its Message-IDs begin with."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cmcdesk.store.desk.models import AttemptRow, BounceRow, DeliveryRow
from cmcdesk.store.maillog.log import MailLog

MOST_LOOKED_AT = 2000  # mails of a run whose deliveries and bounces are counted


@dataclass(frozen=True)
class RunDeliveries:
    """states: state → number; attempted: those that wait after a failed attempt; last: what the last attempt met."""

    states: dict[str, int]
    attempted: int
    last: str


def count_stored(log: MailLog, run: str, after: int) -> int:
    """How many mails of a run are stored; after: the id of the newest mail when it began."""
    sql = "SELECT count(*) FROM mail WHERE id > ? AND substr(message_id, 1, ?) = ?"
    return int(log.connection.execute(sql, (after, len(run) + 2, f"<{run}.")).fetchone()[0])


def list_stored(log: MailLog, run: str, after: int) -> list[int]:
    """Their ids, the first MOST_LOOKED_AT."""
    sql = "SELECT id FROM mail WHERE id > ? AND substr(message_id, 1, ?) = ? ORDER BY id LIMIT ?"
    rows = log.connection.execute(sql, (after, len(run) + 2, f"<{run}.", MOST_LOOKED_AT))
    return [number for (number,) in rows]


def count_run_deliveries(session: Session, composition: str, mail_ids: Sequence[int]) -> RunDeliveries:
    """The deliveries of these mails."""
    return _count(session, composition, DeliveryRow.mail_id.in_(mail_ids))


def count_event_deliveries(session: Session, composition: str, since: float) -> RunDeliveries:
    """The event deliveries of a composition that were made since a moment (unix seconds)."""
    return _count(session, composition, DeliveryRow.kind == "event", DeliveryRow.created_at >= since)


def count_read_bounces(session: Session, log_id: str, mail_ids: Sequence[int]) -> int:
    """How many of these mails were read as bounces."""
    wanted = (BounceRow.log_id == log_id, BounceRow.mail_id.in_(mail_ids))
    return session.scalar(select(func.count(BounceRow.mail_id.distinct())).where(*wanted)) or 0


def _count(session: Session, composition: str, *wanted: object) -> RunDeliveries:
    found = (DeliveryRow.composition == composition, *wanted)
    counted = select(DeliveryRow.state, DeliveryRow.attempts > 0, func.count()).where(*found)  # type: ignore[arg-type]
    states: dict[str, int] = {}
    attempted = 0
    for state, was_tried, count in session.execute(counted.group_by(DeliveryRow.state, DeliveryRow.attempts > 0)):
        states[state] = states.get(state, 0) + count
        attempted += count if state == "waiting" and was_tried else 0
    failed = (
        select(AttemptRow.status, AttemptRow.error)
        .join(DeliveryRow, DeliveryRow.number == AttemptRow.delivery_number)
        .where(*found, AttemptRow.outcome != "delivered")  # type: ignore[arg-type]
        .order_by(AttemptRow.id.desc())
        .limit(1)
    )
    last = session.execute(failed).first()
    return RunDeliveries(states, attempted, " ".join(str(part) for part in last if part) if last else "")
