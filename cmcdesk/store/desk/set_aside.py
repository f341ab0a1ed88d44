"""Mails that ended the worker, or a reader of it, while they were read: after the second time each is set aside, and no
follower reads it any more until a person asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from cmcdesk.store.desk.delivery_queue import LOG_ID_SHOWN
from cmcdesk.store.desk.models import DeliveryRow, StrikeRow

STRIKES = 2  # ours: the first may have been a kill that only happened to come just then


@dataclass(frozen=True, slots=True)
class SetAside:
    """A mail that nobody reads. readers: what read it ("bounces", "webhooks", "search"); strikes: how often that ended
    badly; at: the last time, unix seconds; is_asked: it is about to be read again."""

    mail_id: int
    readers: tuple[str, ...]
    strikes: int
    at: float
    is_asked: bool


def add_strike(session: Session, log_id: str, mail_id: int, reader: str, at: float) -> None:
    """Reading this mail ended badly at `at`. What was asked for again is asked for no more."""
    values = {"log_id": log_id, "mail_id": mail_id, "reader": reader, "count": 1, "at": at, "again": False}
    more = {"count": StrikeRow.count + 1, "at": at, "again": False}
    keys = ["log_id", "mail_id", "reader"]
    session.execute(insert(StrikeRow).values(values).on_conflict_do_update(index_elements=keys, set_=more))
    session.execute(_of_mail(update(StrikeRow), log_id, mail_id).values(again=False))


def read_strikes(session: Session) -> dict[tuple[str, int], dict[str, int]]:
    """All of them: (log id, mail id) → reader → how many."""
    found: dict[tuple[str, int], dict[str, int]] = {}
    for row in session.scalars(select(StrikeRow)):
        found.setdefault((row.log_id, row.mail_id), {})[row.reader] = row.count
    return found


def forget_strikes(session: Session, log_id: str, mail_id: int, reader: str | None = None) -> None:
    """The mail was read; reader: by this one."""
    query = _of_mail(delete(StrikeRow), log_id, mail_id)
    session.execute(query if reader is None else query.where(StrikeRow.reader == reader))


def list_set_aside(session: Session, log_id: str, limit: int = 100) -> list[SetAside]:
    """Those of this mail.db, newest mail first."""
    few = (
        select(StrikeRow.mail_id)
        .where(StrikeRow.log_id == log_id)
        .group_by(StrikeRow.mail_id)
        .having(func.sum(StrikeRow.count) >= STRIKES)
        .order_by(StrikeRow.mail_id.desc())
        .limit(limit)
    )
    return [_describe(session, log_id, mail_id) for mail_id in session.scalars(few)]


def find_set_aside(session: Session, log_id: str, mail_id: int) -> SetAside | None:
    """That mail, if it is set aside."""
    is_aside = _of_mail(select(func.sum(StrikeRow.count)), log_id, mail_id)
    return _describe(session, log_id, mail_id) if (session.scalar(is_aside) or 0) >= STRIKES else None


def ask_again(session: Session, log_id: str, mail_id: int) -> bool:
    """Let the worker read it once more, in the caller's transaction. False: it is not set aside."""
    if find_set_aside(session, log_id, mail_id) is None:
        return False
    session.execute(_of_mail(update(StrikeRow), log_id, mail_id).values(again=True))
    return True


def list_asked(session: Session, log_id: str) -> Sequence[int]:
    """The mails of this mail.db that are to be read again."""
    query = select(StrikeRow.mail_id).where(StrikeRow.log_id == log_id, StrikeRow.again).distinct()
    return session.scalars(query.order_by(StrikeRow.mail_id)).all()


def revive_deliveries(session: Session, log_id: str, mail_id: int, at: float) -> None:
    """Let the webhooks of this mail that were given up go out after all."""
    mine = (DeliveryRow.mail_id == mail_id, DeliveryRow.id.startswith(f"{log_id[:LOG_ID_SHOWN]}-"))
    query = update(DeliveryRow).where(*mine, DeliveryRow.state == "given_up", DeliveryRow.kind == "inbound")
    session.execute(query.values(state="waiting", due_at=at, finished_at=None))


def _of_mail(query, log_id: str, mail_id: int):  # type: ignore[no-untyped-def]  # select, update and delete alike
    return query.where(StrikeRow.log_id == log_id, StrikeRow.mail_id == mail_id)


def _describe(session: Session, log_id: str, mail_id: int) -> SetAside:
    rows = session.scalars(_of_mail(select(StrikeRow), log_id, mail_id).order_by(StrikeRow.reader)).all()
    readers, latest = tuple(row.reader for row in rows), max(row.at for row in rows)
    return SetAside(mail_id, readers, sum(row.count for row in rows), latest, any(row.again for row in rows))
