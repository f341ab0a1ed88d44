"""One plan on its way: revisions written, the set sent, the answer recorded; or everything as it was.

`send` is `Supervisor.apply`: it returns the mail server's answer, or raises when there is none (then it has undone at
the mail server what may still come to pass).
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cmcdesk.applying.plan import (
    ApplyRefused,
    Place,
    Plan,
    check_together,
    list_entries,
    list_ordered_names,
    read_refusal,
)
from cmcdesk.pipe import Answer, SetEntry
from cmcdesk.rules.settings import FieldError
from cmcdesk.rules.texts import tell
from cmcdesk.store.desk.audit import note_operation
from cmcdesk.store.desk.compositions import add_revision, get_revision, keep_row, list_compositions
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import DeskSettingRow, RevisionRow

Send = Callable[[list[SetEntry]], Answer]
Clock = Callable[[], float]  # seconds since 1970

UNDER_WAY = "applying"  # a row of desk_setting while the mail server's answer is awaited


@dataclass(frozen=True)
class Started:
    """A plan on its way: the sets to send and to go back to, and name → number of the revisions written for it."""

    plan: Plan
    entries: list[SetEntry]
    before: list[SetEntry]
    numbers: dict[str, int]


def carry_out(
    engine: Engine, decide: Callable[[Session], Plan], send: Send, place: Place, clock: Clock
) -> dict[str, int]:
    """Make what `decide` plans live → name → number of the new revisions. Raises ApplyRefused."""
    started = _start(engine, decide, place, clock())
    try:
        send_set(send, started.entries)
    except ApplyRefused as refused:
        _refuse(engine, started, str(refused))
        raise
    try:
        _accept(engine, started, clock())
    except SQLAlchemyError as problem:  # acknowledged but not recorded, as on a full disk: back to what is recorded
        _go_back(engine, started, send, str(problem))
        unrecorded = tell("not recorded: %(problem)s", problem=problem)
        raise ApplyRefused([FieldError("desk.db", "", unrecorded)]) from problem
    return started.numbers


def send_set(send: Send, entries: list[SetEntry]) -> None:
    """Send the whole set. Raises ApplyRefused when it is refused or there is no answer."""
    try:
        answer = send(entries)
    except Exception as problem:  # whatever kept the answer from coming, nothing may be recorded as live
        unchanged = tell("the mail server did not take the settings; all is as it was (%(problem)s)", problem=problem)
        raise ApplyRefused([FieldError("mail_server", "", unchanged)]) from problem
    if "errors" in answer:
        raise ApplyRefused([read_refusal(problem) for problem in answer["errors"]])


def settle_interrupted(session: Session) -> None:
    """Close what was on its way when the last console ended."""
    session.execute(update(RevisionRow).where(RevisionRow.state == "applying").values(state="interrupted"))
    _unlock(session)


def _start(engine: Engine, decide: Callable[[Session], Plan], place: Place, now: float) -> Started:
    """Write the revisions, as "applying", so that a mail that matches under one can always be looked up."""
    with transaction(engine) as session:
        _lock(session, now)
        before = list_entries(session, Plan(list_ordered_names(session)), {}, place)
        plan = decide(session)
        check_together(session, plan)
        rows = {name: keep_row(session, composition, now) for name, composition in plan.new.items()}
        numbers = {name: add_revision(session, row, plan.new[name], now).number for name, row in rows.items()}
        return Started(plan, list_entries(session, plan, numbers, place), before, numbers)


def _accept(engine: Engine, started: Started, now: float) -> None:
    plan = started.plan
    with transaction(engine) as session:
        for name, number in started.numbers.items():
            row = keep_row(session, plan.new[name], now)
            get_revision(session, row, number).state = "applied"
            row.applied_number, row.removed_at = number, None
            if plan.with_drafts:
                row.draft, row.draft_version = plan.new[name].as_data(), row.draft_version + 1
                row.draft_saved_at = now
        _arrange(session, plan, now)
        _note(session, started)
        _unlock(session)


def _note(session: Session, started: Started) -> None:
    """What was done, for the operation log: each revision that is live now, what went, or the new order."""
    plan = started.plan
    for name, number in started.numbers.items():
        note_operation(session, "settings", "replace" if plan.with_drafts else "reflect", name, f"#{number}")
    if plan.leaving:
        note_operation(session, "composition", "remove", plan.leaving)
    elif not started.numbers:
        note_operation(session, "composition", "reorder", detail=", ".join(plan.order))


def _arrange(session: Session, plan: Plan, now: float) -> None:
    places = {name: position for position, name in enumerate(plan.order)}
    for row in list_compositions(session):
        if row.name in places:
            row.position = places[row.name]
        elif plan.with_drafts or row.name == plan.leaving:
            row.removed_at, row.applied_number = now, None
        else:  # added by another while the answer was awaited
            row.position += len(places)


def _refuse(engine: Engine, started: Started, reason: str) -> None:
    with transaction(engine) as session:
        for name, number in started.numbers.items():
            revision = get_revision(session, keep_row(session, started.plan.new[name], 0.0), number)
            revision.state, revision.reason = "refused", reason
            note_operation(session, "settings", "reflect_refused", name, reason)
        _unlock(session)


def _go_back(engine: Engine, started: Started, send: Send, reason: str) -> None:
    try:
        send_set(send, started.before)
        _refuse(engine, started, reason)
    except (ApplyRefused, SQLAlchemyError):
        pass  # the next start settles it: the revision is still "applying"


def _lock(session: Session, now: float) -> None:
    """One at a time: two that overlap would each send a set that lacks what the other changes."""
    if session.get(DeskSettingRow, UNDER_WAY) is not None:
        raise ApplyRefused([FieldError("composition", "", tell("another apply is under way; try again"))])
    session.add(DeskSettingRow(key=UNDER_WAY, value={"since": now}))


def _unlock(session: Session) -> None:
    row = session.get(DeskSettingRow, UNDER_WAY)
    if row is not None:
        session.delete(row)
