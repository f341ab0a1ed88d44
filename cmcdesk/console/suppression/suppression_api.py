"""配信停止 over the own API: terms of the batch, a run now, the list, addresses lifted. What page and API share.

On the standard plan CMC frees an address on application; here the own API stands for that (ours), page and CMC's API
refuse it.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Literal

from flask_babel import gettext as _
from pydantic import Field

from cmcdesk.console.frame.api_errors import refuse_missing, refuse_told, wait_until_enough
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import CompositionPath, Errors, Shape, format_instant
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Told
from cmcdesk.console.mails.mail_shapes import PAGE_LIMIT, Waiting
from cmcdesk.rules.suppression import BadTerms, BlockTerms, read_terms
from cmcdesk.rules.texts import TellingError, tell
from cmcdesk.store.desk.audit import name_changes, note_operation
from cmcdesk.store.desk.block_batch import BlockPlan, find_plan, free_reason, request_run, save_terms
from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.blocks import BlockQuery, Removal, get_block, lift_blocks, list_blocks
from cmcdesk.store.desk.database import reading, transaction

suppression = ApiPart("api_suppression", __name__, "suppression")


class FixedByPlan(TellingError):
    """The standard plan does not let this be changed."""


class BlockConditionShape(Shape):
    """Of one error status: whether it counts, and after how many failed mails an address is suppressed."""

    enabled: bool
    occurrences: int


class TermsShape(Shape):
    """When the batch of a composition runs, and whom it suppresses."""

    run_at: str = Field(description="HH:MM in Asia/Tokyo")
    watch_days: int | None = Field(None, description="after so many days an address is freed; null: never")
    conditions: dict[str, BlockConditionShape] = Field(
        description="by error status: 1 to 9, 99; one that is left out is as at the beginning"
    )


class TermsChange(TermsShape):
    """New terms. free: addresses that are suppressed for a reason that is unticked now are freed."""

    free: bool = False


class BlockPlanShape(TermsShape):
    """The terms of a composition, and where its batch stands."""

    composition: str
    fixed: bool = Field(description="the standard plan: always on, cannot be changed")
    last_run_at: str | None
    next_run_at: str | None
    running: bool = Field(description="a run was asked for and has not ended")


class SuppressedQuery(Waiting):
    """Which addresses, newest first; `before` is the `next` of the page before."""

    before: int | None = None
    limit: int = Field(50, ge=1, le=PAGE_LIMIT)
    composition: str | None = None
    email: str | None = Field(None, max_length=320, description="a part of the address")
    exactly: bool = Field(False, description="email is the whole address")
    status: int | None = Field(None, description="the error status that is the reason")
    removed: bool = Field(False, description="those that were freed, instead")


class SuppressedPath(Shape):
    """An address of the list by its id (13 characters)."""

    id: str


class Suppressed(Shape):
    """One address that is, or was, suppressed."""

    id: str
    composition: str
    email: str
    occurred: int
    status: int
    created_at: str
    removed_at: str | None
    removal: Literal["", "cancelled", "deleted", "watched", "unticked"]
    exempt: bool = Field(description="it was deleted: later errors never suppress it again")


class SuppressedList(Shape):
    """One page of the list."""

    suppressed: list[Suppressed]
    next: int | None


@suppression.get("/compositions/<name>/suppression", responses={200: BlockPlanShape, 404: Errors})
def get_terms(path: CompositionPath) -> BlockPlanShape:
    """The terms of suppression, and when the batch ran and runs."""
    return shape_plan(_find_plan(path.name))


@suppression.put("/compositions/<name>/suppression", responses={200: BlockPlanShape, 404: Errors, 409: Errors})
def put_terms(path: CompositionPath, body: TermsChange) -> BlockPlanShape:
    """Change the terms; they count from the next run on."""
    _find_plan(path.name)
    days = "" if body.watch_days is None else str(body.watch_days)
    try:
        terms = read_terms(body.run_at, days, dict(_read_conditions(body.conditions)))
        change_terms(path.name, terms, free=body.free)
    except BadTerms as bad:
        refuse_told(422, [Told(one.field, one.given, pick_text(one.message)) for one in bad.errors])
    except FixedByPlan as fixed:
        refuse_told(409, [Told("name", path.name, pick_text(fixed.message))])
    return shape_plan(_find_plan(path.name))


@suppression.post("/compositions/<name>/suppression/run", responses={202: BlockPlanShape, 404: Errors})
def run(path: CompositionPath) -> tuple[BlockPlanShape, int]:
    """Run the batch now; it has ended once running is false."""
    _find_plan(path.name)
    run_now(path.name)
    return shape_plan(_find_plan(path.name)), 202


@suppression.get("/suppressed", responses={200: SuppressedList, 503: Errors})
def list_all(query: SuppressedQuery) -> SuppressedList:
    """List suppressed addresses, newest first; with `wait`, as soon as there are `count`."""
    rows = wait_until_enough(query, lambda: _find(query), list)
    following = rows[-1].number if len(rows) == query.limit else None
    return SuppressedList(suppressed=[shape_suppressed(row) for row in rows], next=following)


@suppression.post("/suppressed/<id>/cancel", responses={200: Suppressed, 404: Errors})
def cancel(path: SuppressedPath) -> Suppressed:
    """Free an address this time; later errors may suppress it again."""
    return _lift_one(path.id, "cancelled")


@suppression.delete("/suppressed/<id>", responses={200: Suppressed, 404: Errors})
def delete(path: SuppressedPath) -> Suppressed:
    """Free an address for good; later errors never suppress it again."""
    return _lift_one(path.id, "deleted")


def change_terms(name: str, terms: BlockTerms, *, free: bool) -> None:
    """For page and API. free: those that are suppressed for a reason that is unticked now are freed, in short
    transactions. Raises FixedByPlan."""
    engine, now = current_services().engine, time.time()
    with transaction(engine) as session:
        before = find_plan(session, name, now)
        if before is None:
            return
        if before.is_fixed:
            raise FixedByPlan(tell("On the standard plan suppression is always on and cannot be changed."))
        save_terms(session, name, terms, now)
        changed = name_changes(asdict(before.terms), asdict(terms))
        note_operation(session, "suppression_terms", "save", name, changed)
    unticked = terms.list_unticked(before.terms) if free else []
    for status in unticked:
        gone = 1
        while gone:
            with transaction(engine) as session:
                gone = free_reason(session, name, status, now)
    current_hub().publish("blocks")


def run_now(name: str) -> None:
    """For page and API: the worker runs the batch at once."""
    with transaction(current_services().engine) as session:
        request_run(session, name, time.time())
    current_services().wake_worker()
    current_hub().publish("blocks")


def lift(ids: Sequence[str], how: Removal) -> list[BlockRow]:
    """For page and APIs: the rows that were suppressed and are free now."""
    with transaction(current_services().engine) as session:
        freed = lift_blocks(session, ids, how, time.time())
    current_hub().publish("blocks")
    return freed


def shape_plan(plan: BlockPlan) -> BlockPlanShape:
    """As the API gives it."""
    conditions = {
        str(status): BlockConditionShape(enabled=one.enabled, occurrences=one.occurrences)
        for status, one in plan.terms.conditions.items()
    }
    return BlockPlanShape(
        composition=plan.composition,
        fixed=plan.is_fixed,
        run_at=plan.terms.run_at,
        watch_days=plan.terms.watch_days,
        conditions=conditions,
        last_run_at=format_instant(plan.last_run_at),
        next_run_at=format_instant(plan.next_run_at),
        running=plan.requested_at is not None,
    )


def shape_suppressed(row: BlockRow) -> Suppressed:
    """A row as the API gives it."""
    instants = ("created_at", "removed_at")
    fields = {name: getattr(row, name) for name in Suppressed.model_fields if name not in instants}
    return Suppressed(**fields, **{name: format_instant(getattr(row, name)) for name in instants})


def _read_conditions(given: dict[str, BlockConditionShape]) -> Iterable[tuple[int, tuple[bool, str]]]:
    """Raises BadTerms for a key that is no number; which numbers are taken, `read_terms` says."""
    for key, one in given.items():
        number = int(key) if key.isascii() and key.isdigit() and len(key) < 4 else 0
        yield number, (one.enabled, str(one.occurrences))


def _find_plan(name: str) -> BlockPlan:
    with reading(current_services().engine) as session:
        plan = find_plan(session, name, time.time())
    return plan if plan is not None else refuse_missing("name", name)


def _find(query: SuppressedQuery) -> list[BlockRow]:
    wanted = BlockQuery(query.composition, query.email, query.exactly, query.status, query.removed)
    with reading(current_services().engine) as session:
        return list_blocks(session, wanted, query.before, query.limit)


def _lift_one(block_id: str, how: Removal) -> Suppressed:
    if not lift([block_id], how):
        with reading(current_services().engine) as session:
            if get_block(session, block_id) is None:
                refuse_missing("id", block_id)
        refuse_told(404, [Told("id", block_id, _("It is free already; nothing was changed."))])
    with reading(current_services().engine) as session:
        row = get_block(session, block_id)
    return shape_suppressed(row) if row is not None else refuse_missing("id", block_id)
