"""What a console does with compositions that the mail server must follow.

`send` is `Supervisor.apply`, `place` is `Placing.place`.
"""

import time
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cmcdesk.applying.plan import ApplyRefused, Place, Plan, check_drafts, list_entries, list_ordered_names
from cmcdesk.applying.transfer import Clock, Send, carry_out, send_set, settle_interrupted
from cmcdesk.rules.settings import Composition, FieldError, check_composition, initial_compositions
from cmcdesk.rules.texts import tell
from cmcdesk.store.desk.compositions import (
    get_composition,
    get_revision,
    list_compositions,
    seed_compositions,
    write_draft,
)
from cmcdesk.store.desk.database import transaction


def apply(engine: Engine, name: str, send: Send, place: Place, clock: Clock = time.time) -> int:
    """Make the draft of one composition live → the number of its new revision. Raises ApplyRefused,
    UnknownComposition."""
    return apply_drafts(engine, [name], send, place, clock)[name]


def apply_drafts(
    engine: Engine, names: Sequence[str], send: Send, place: Place, clock: Clock = time.time
) -> dict[str, int]:
    """The same for several at once, all or none → name → revision number."""

    def decide(session: Session) -> Plan:
        drafts = {name: get_composition(session, name).draft for name in names}
        return Plan(list_ordered_names(session), check_drafts(drafts))

    return carry_out(engine, decide, send, place, clock)


def replace_all(
    engine: Engine, compositions: Sequence[Composition], send: Send, place: Place, clock: Clock = time.time
) -> dict[str, int]:
    """Replace all compositions by these, in this order, drafts and live → name → revision number. All or nothing."""
    new = {composition.name: composition for composition in compositions}
    return carry_out(engine, lambda _: Plan(list(new), new, with_drafts=True), send, place, clock)


def remove(engine: Engine, name: str, send: Send, place: Place, clock: Clock = time.time) -> None:
    """Take a composition out of the list; its history stays. Raises ApplyRefused (also for the last one),
    UnknownComposition."""

    def decide(session: Session) -> Plan:
        get_composition(session, name)
        order = [other for other in list_ordered_names(session) if other != name]
        if not order:
            raise ApplyRefused([FieldError("name", "", tell("the last composition cannot go"))])
        return Plan(order, leaving=name)

    carry_out(engine, decide, send, place, clock)


def reorder(engine: Engine, names: Sequence[str], send: Send, place: Place, clock: Clock = time.time) -> None:
    """Put the compositions into this order, which moves their addresses. names: all of them. Raises ApplyRefused."""

    def decide(session: Session) -> Plan:
        if sorted(names) != sorted(list_ordered_names(session)):
            raise ApplyRefused([FieldError("names", "", tell("must name each once"))])
        return Plan(list(names))

    carry_out(engine, decide, send, place, clock)


def roll_back(engine: Engine, name: str, number: int, clock: Clock = time.time) -> int:
    """Make the settings of an old revision the draft (not live) → the draft's version. Raises UnknownComposition,
    UnknownRevision, SettingsError (a setting that this program no longer takes)."""
    with transaction(engine) as session:
        settings = get_revision(session, get_composition(session, name), number).settings
        return write_draft(session, check_composition(settings), clock(), operation="roll_back")


def resume(engine: Engine, send: Send, place: Place, clock: Clock = time.time) -> None:
    """At the start of the console, before anything else is sent: bring the mail server to what is live.

    What was on its way when the console ended was never acknowledged: it becomes "interrupted". A fresh installation
    gets its first compositions, applied. Raises ApplyRefused.
    """
    with transaction(engine) as session:
        settle_interrupted(session)
        seed_compositions(session, initial_compositions(), clock())
        rows = list_compositions(session)
        live = list_entries(session, Plan(list_ordered_names(session)), {}, place)
    if all(row.applied_number is None for row in rows):
        apply_drafts(engine, [row.name for row in rows], send, place, clock)
        return
    send_set(send, live)
