"""Lessons as learners play them: a row for each begin, with the settings as they were then and the steps that turned
green. A learner is a name, nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from sqlalchemy import JSON, Index, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cmcdesk.rules.stored_settings import StoredSettings
from cmcdesk.store.desk.catcher import list_endpoints
from cmcdesk.store.desk.models import DeskBase


class KeptSettings(TypedDict):
    """One composition as it was when a lesson began. live: None where nothing was ever reflected."""

    draft: StoredSettings
    live: StoredSettings | None
    revision: int | None


class LessonRunRow(DeskBase):
    """One begin of one lesson by one learner. passed: number of a step (from "0") → when it turned green; turned_down:
    screen → when the console refused to save it last; kept: composition → its settings at the beginning;
    answers: number of an endpoint of the catcher → what it answered then."""

    __tablename__ = "lesson_run"
    __table_args__ = (
        Index("lesson_run_learner", "learner", "lesson"),
        {"sqlite_autoincrement": True},  # a browser that holds a number must not meet it again
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    learner: Mapped[str]
    lesson: Mapped[str]
    composition: Mapped[str]
    began_at: Mapped[float]
    ended_at: Mapped[float | None]
    passed: Mapped[dict[str, float]] = mapped_column(JSON)
    turned_down: Mapped[dict[str, float]] = mapped_column(JSON)
    kept: Mapped[dict[str, KeptSettings]] = mapped_column(JSON)
    answers: Mapped[dict[str, str]] = mapped_column(JSON)


@dataclass(frozen=True)
class LessonRecord:
    """How far a learner came with a lesson: of the newest run that ended, else of the newest. steps: how many are
    green."""

    run: int
    learner: str
    lesson: str
    began_at: float
    ended_at: float | None
    steps: int


def insert_run(
    session: Session, learner: str, lesson: str, kept: Mapping[str, KeptSettings], now: float
) -> LessonRunRow:
    """Begin a lesson on the first of the kept compositions; what the same learner began and left is forgotten."""
    old = delete(LessonRunRow).where(LessonRunRow.learner == learner, LessonRunRow.lesson == lesson)
    session.execute(old.where(LessonRunRow.ended_at.is_(None)))
    row = LessonRunRow(
        learner=learner,
        lesson=lesson,
        composition=next(iter(kept)),
        began_at=now,
        ended_at=None,
        passed={},
        turned_down={},
        kept=dict(kept),
        answers={str(endpoint.id): endpoint.answer for endpoint in list_endpoints(session)},
    )
    session.add(row)
    session.flush()
    return row


def get_run(session: Session, number: int) -> LessonRunRow | None:
    """One by its number."""
    return session.get(LessonRunRow, number)


def find_open_run(session: Session, learner: str, lesson: str) -> LessonRunRow | None:
    """The run of a lesson that a learner began and did not end."""
    query = select(LessonRunRow).where(LessonRunRow.learner == learner, LessonRunRow.lesson == lesson)
    return session.scalars(query.where(LessonRunRow.ended_at.is_(None)).order_by(LessonRunRow.id.desc())).first()


def find_others(session: Session, learner: str, composition: str, since: float) -> list[str]:
    """Other learners with an open run on that composition, begun since a moment."""
    query = select(LessonRunRow.learner).distinct()
    query = query.where(
        LessonRunRow.learner != learner,
        LessonRunRow.composition == composition,
        LessonRunRow.ended_at.is_(None),
        LessonRunRow.began_at >= since,
    )
    return list(session.scalars(query))


def pass_step(session: Session, number: int, step: int, now: float, is_last: bool) -> None:
    """A step turned green, the last one ends the run; what is green already keeps its time."""
    row = get_run(session, number)
    if row is None or str(step) in row.passed:
        return
    row.passed = {**row.passed, str(step): now}
    if is_last:
        row.ended_at = now


def end_run(session: Session, number: int, now: float) -> LessonRunRow | None:
    """Nothing is left to be done in it; None: it is gone."""
    row = get_run(session, number)
    if row is not None and row.ended_at is None:
        row.ended_at = now
    return row


def note_refused_save(session: Session, number: int, screen: str, now: float) -> bool:
    """The console refused to save that screen; False: the run is gone or has ended."""
    row = get_run(session, number)
    if row is None or row.ended_at is not None:
        return False
    row.turned_down = {**row.turned_down, screen: now}
    return True


def list_learners(session: Session) -> list[str]:
    """All names, in order."""
    return list(session.scalars(select(LessonRunRow.learner).distinct().order_by(LessonRunRow.learner)))


def list_progress(session: Session, learner: str | None = None) -> list[LessonRecord]:
    """One for each learner and lesson."""
    newest = func.max(LessonRunRow.id)
    groups = select(newest, func.max(LessonRunRow.id).filter(LessonRunRow.ended_at.is_not(None)))
    groups = groups.group_by(LessonRunRow.learner, LessonRunRow.lesson)
    if learner is not None:
        groups = groups.where(LessonRunRow.learner == learner)
    wanted = [ended or last for last, ended in session.execute(groups)]
    columns = (
        LessonRunRow.id,
        LessonRunRow.learner,
        LessonRunRow.lesson,
        LessonRunRow.began_at,
        LessonRunRow.ended_at,
        LessonRunRow.passed,
    )
    rows = session.execute(select(*columns).where(LessonRunRow.id.in_(wanted)).order_by(LessonRunRow.learner))
    return [LessonRecord(*row[:5], steps=len(row[5])) for row in rows]


def delete_learner(session: Session, learner: str) -> bool:
    """Forget a name with all its runs; False: there is none."""
    gone = session.execute(delete(LessonRunRow).where(LessonRunRow.learner == learner).returning(LessonRunRow.id))
    return bool(gone.all())
