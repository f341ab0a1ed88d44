"""配信停止: suppressed addresses, searched and lifted; 実行設定 of the batch, and 即時実行."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cmcdesk.console.bounces.error_status import name_status
from cmcdesk.console.compositions.view import list_names
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.language import pick_text, write_instant
from cmcdesk.console.frame.request import choose_part, read_number
from cmcdesk.console.frame.spreadsheet import answer_csv
from cmcdesk.console.mails.mail_export import name_export
from cmcdesk.console.suppression.suppression_api import FixedByPlan, change_terms, lift, run_now
from cmcdesk.rules.settings.form import plain_date, plain_number
from cmcdesk.rules.suppression import BLOCK_REASONS, BadTerms, BlockTerms, read_terms
from cmcdesk.rules.texts import N_
from cmcdesk.store.desk.block_batch import BlockPlan, find_plan, list_plans
from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.blocks import BlockQuery, Removal, count_blocks, count_blocks_by_status, list_blocks

PAGE_LENGTH = 50
BATCH = 500
REMOVALS = {
    "cancelled": N_("Cancelled"),
    "deleted": N_("Deleted: never again"),
    "watched": N_("Watch period over"),
    "unticked": N_("Reason unticked"),
}
LIFTS: dict[str, Removal] = {"cancel": "cancelled", "delete": "deleted"}

suppression_page = Blueprint("suppression", __name__)


@dataclass(frozen=True)
class WantedBlocks:
    """What the fields of the list hold."""

    composition: str | None
    email: str | None
    status: int | None
    removed: bool
    before: int | None

    @classmethod
    def from_request(cls) -> "WantedBlocks":
        """The fields of this request."""
        given = request.args
        return cls(
            given.get("composition") or None,
            given.get("email", "").strip()[:320] or None,
            read_number(given.get("status")),
            bool(given.get("removed")),
            read_number(given.get("before")),
        )

    def as_query(self, **more: Any) -> dict[str, Any]:
        """For url_for: the same, with `more` changed."""
        query = vars(self) | {"removed": "yes" if self.removed else None} | more
        return {key: value for key, value in query.items() if value is not None}

    def as_block_query(self) -> BlockQuery:
        """For the store."""
        return BlockQuery(self.composition, self.email, False, self.status, self.removed)


@suppression_page.get("/suppression")
def show_list() -> str:
    """The list, newest first; with HX-Request only its body."""
    wanted = WantedBlocks.from_request()
    query = wanted.as_block_query()
    rows = list_blocks(db.session(), query, wanted.before, PAGE_LENGTH)
    plans = list_plans(db.session(), time.time())
    template = "suppression/rows.html" if request.headers.get("HX-Request") else "suppression/list.html"
    return render_template(
        template,
        rows=rows,
        wanted=wanted,
        names=[plan.composition for plan in plans],
        plans=plans,
        fixed={plan.composition for plan in plans if plan.is_fixed},
        statuses=[(status, name_status(status)) for status in BLOCK_REASONS],
        name=lambda status: pick_text(name_status(status)),
        removals=REMOVALS,
        total=count_blocks(db.session(), query),
        following=rows[-1].number if len(rows) == PAGE_LENGTH else None,
    )


@suppression_page.post("/suppression/lift")
def lift_chosen() -> ResponseReturnValue:
    """解除 or 削除 of all that were chosen; not on the standard plan."""
    how = LIFTS.get(request.form.get("how", "")) or abort(400)
    chosen = request.form.getlist("block")[:PAGE_LENGTH]
    fixed = {plan.composition for plan in list_plans(db.session(), time.time()) if plan.is_fixed}
    rows = [row for row in map(_find_row, chosen) if row is not None]
    allowed = [row.id for row in rows if row.composition not in fixed]
    freed = lift(allowed, how) if allowed else []
    if len(allowed) < len(rows):
        flash(_("On the standard plan addresses are freed by application; nothing was changed there."), "warning")
    if how == "deleted":
        told = ngettext("One address was deleted: it is never suppressed again.",
                        "%(num)s addresses were deleted: they are never suppressed again.", len(freed))  # fmt: skip
    else:
        told = ngettext("One address was freed.", "%(num)s addresses were freed.", len(freed))
    flash(told, "success" if freed else "warning")
    return redirect(url_for("suppression.show_list", **WantedBlocks.from_request().as_query()), 303)


@suppression_page.get("/suppression/list.csv")
def download() -> Response:
    """All that is searched for, as CSV for spreadsheets."""
    query = WantedBlocks.from_request().as_block_query()
    heads = [_("Suppressed at"), _("Address"), _("Reason"), _("Errors"), "ID", _("Server composition"), _("Freed at")]
    return answer_csv(name_export("blocks", query.composition, "csv"), heads, _list_values(query))


@suppression_page.get("/suppression/<name>/terms")
def show_terms(name: str) -> str:
    """実行設定 of one composition."""
    return _render_terms(_get_plan(name))


@suppression_page.get("/suppression/<name>/state")
def show_state(name: str) -> str:
    """When its batch ran and runs, for the live page."""
    return render_template("suppression/state.html", plan=_get_plan(name))


@suppression_page.post("/suppression/<name>/terms")
def save(name: str) -> ResponseReturnValue:
    """Save; where reasons with suppressed addresses were unticked, ask first what becomes of those."""
    plan = _get_plan(name)
    given = request.form
    try:
        terms = _read_form(given)
        held = count_blocks_by_status(db.session(), name, terms.list_unticked(plan.terms))
        now = _mark_terms(plan.terms)
        if terms != plan.terms and given.get("seen", now) != now:
            return _render_terms(plan, is_behind=True), 409
        choice = choose_part(given.get("unticked"), ("free", "keep"))
        if held and choice is None:
            return _render_terms(plan, held=held), 422
        change_terms(name, terms, free=choice == "free")
    except BadTerms as bad:
        return _render_terms(plan, errors={one.field: pick_text(one.message) for one in bad.errors}), 422
    except FixedByPlan as fixed:
        flash(pick_text(fixed.message), "warning")
        return redirect(url_for("suppression.show_terms", name=name), 303)
    flash(_("Saved. It counts from the next run on."), "success")
    return redirect(url_for("suppression.show_terms", name=name), 303)


@suppression_page.post("/suppression/<name>/run")
def run_at_once(name: str) -> ResponseReturnValue:
    """即時実行."""
    _get_plan(name)
    run_now(name)
    flash(_("The batch of %(name)s runs now.", name=name), "success")
    return redirect(url_for("suppression.show_terms", name=name), 303)


def _get_plan(name: str) -> BlockPlan:
    return find_plan(db.session(), name, time.time()) or abort(404)


def _find_row(block_id: str) -> BlockRow | None:
    return db.session().query(BlockRow).filter_by(id=block_id).one_or_none()


def _render_terms(
    plan: BlockPlan, errors: dict[str, str] | None = None, held: dict[int, int] | None = None, is_behind: bool = False
) -> str:
    """held: what becomes of addresses suppressed for these reasons is asked. is_behind: whether to save over what
    another window saved meanwhile."""
    form = request.form if errors or held or is_behind else None
    return render_template(
        "suppression/terms.html",
        plan=plan,
        names=list_names(),
        values=form or _fill_form(plan.terms),
        errors=errors or {},
        held=held or {},
        is_behind=is_behind,
        seen=_mark_terms(plan.terms),
        reasons=[(status, pick_text(name_status(status))) for status in BLOCK_REASONS],
        initial=BlockTerms().conditions,
    )


def _read_form(given: Mapping[str, str]) -> BlockTerms:
    counts = {
        status: (f"enabled.{status}" in given, plain_number(given.get(f"occurrences.{status}", "")))
        for status in BLOCK_REASONS
    }
    return read_terms(plain_date(given.get("run_at", "")), plain_number(given.get("watch_days", "")), counts)


def _mark_terms(terms: BlockTerms) -> str:
    """What a form that shows these terms sends back, so that a save by another window in between is seen."""
    return urlencode(_fill_form(terms))


def _fill_form(terms: BlockTerms) -> dict[str, str]:
    values = {"run_at": terms.run_at, "watch_days": str(terms.watch_days or "")}
    for status, one in terms.conditions.items():
        values[f"occurrences.{status}"] = str(one.occurrences)
        if one.enabled:
            values[f"enabled.{status}"] = "yes"
    return values


def _list_values(query: BlockQuery) -> Iterator[list[str]]:
    before = None
    while rows := list_blocks(db.session(), query, before, BATCH):
        before = rows[-1].number
        for row in rows:
            named = f"{row.status} {pick_text(name_status(row.status))}"
            at, freed = write_instant(row.created_at), write_instant(row.removed_at)
            yield [at, row.email, named, str(row.occurred), row.id, row.composition, freed]
