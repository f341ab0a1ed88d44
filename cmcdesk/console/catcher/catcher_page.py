"""MENU → API設定 → Webhook → 受け口 (ours): what came to the webhook catcher, as fields, files and octets, live."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cmcdesk.catcher.answer import read_answer
from cmcdesk.console.catcher import catching
from cmcdesk.console.catcher.catching import list_moved, rewrite_moved
from cmcdesk.console.catcher.caught_view import read_caught
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.request import read_number
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.rules.settings.form import plain_number
from cmcdesk.store.desk import catcher as store
from cmcdesk.store.desk.models import CatcherRow, CaughtRow

PAGE_LENGTH = 50
ANSWERS = ("200", "500", "200@10", "hang_up")  # the buttons

catcher = Blueprint("catcher", __name__)


@catcher.get("/api-settings/webhook/catcher")
def show_endpoint() -> str:
    """One endpoint, the one asked for, else the first: its address, its answer, what came."""
    rows = store.list_endpoints(db.session())
    chosen = next((row for row in rows if row.id == read_number(request.args.get("of"))), None)
    return _render(rows, chosen or (rows[0] if rows else None))


@catcher.get("/api-settings/webhook/catcher/<int:number>/arrivals")
def show_arrivals(number: int) -> str:
    """What came, newest first, for the live page."""
    return render_template("catcher/arrivals.html", **_list_arrivals(_find(number)))


@catcher.get("/api-settings/webhook/catcher/<int:number>/newest")
def show_newest(number: int) -> str:
    """The newest request in full."""
    return render_template("catcher/caught.html", **_read_newest(_find(number)))


@catcher.post("/api-settings/webhook/catcher")
def add() -> ResponseReturnValue:
    """Make an endpoint: its address is ready at once."""
    try:
        row = catching.add_endpoint(request.form.get("name", ""))
    except Refused as refused:
        rows = store.list_endpoints(db.session())
        return _render(rows, rows[0] if rows else None, refused.errors[0].message), 422
    return redirect(url_for("catcher.show_endpoint", of=row.id), 303)


@catcher.post("/api-settings/webhook/catcher/<int:number>/answer")
def change_answer(number: int) -> ResponseReturnValue:
    """What it answers from now on."""
    try:
        if not catching.set_answer(number, _read_answer()):
            abort(404)
    except Refused as refused:
        return _render(store.list_endpoints(db.session()), _find(number), refused.errors[0].message), 422
    return redirect(url_for("catcher.show_endpoint", of=number), 303)


@catcher.post("/api-settings/webhook/catcher/<int:number>/clear")
def clear(number: int) -> ResponseReturnValue:
    """Forget what came."""
    catching.clear_endpoint(_find(number).id)
    return redirect(url_for("catcher.show_endpoint", of=number), 303)


@catcher.post("/api-settings/webhook/catcher/<int:number>/remove")
def remove(number: int) -> ResponseReturnValue:
    """Remove an endpoint with all that came."""
    if not catching.remove_endpoint(number):
        abort(404)
    flash(_("Removed."), "success")
    return redirect(url_for("catcher.show_endpoint"), 303)


@catcher.post("/api-settings/webhook/catcher/moved")
def rewrite() -> ResponseReturnValue:
    """Put the addresses that the catcher has now into the notifications that go to earlier ones."""
    count = rewrite_moved()
    told = ngettext("One address was rewritten.", "%(num)s addresses were rewritten.", count)
    flash(f"{told} {_('It takes effect when the settings are reflected.')}", "success")
    return redirect(url_for("catcher.show_endpoint"), 303)


@catcher.get("/api-settings/webhook/catcher/caught/<int:number>")
def show_caught(number: int) -> str:
    """One request: by itself, or (HX-Request) for its place beside the list."""
    row = _find_caught(number)
    endpoint = store.get_endpoint(db.session(), row.catcher_id) or abort(404)
    if request.headers.get("HX-Request"):
        return render_template("catcher/caught.html", row=row, shown=read_caught(row), endpoint=endpoint)
    return _render(store.list_endpoints(db.session()), endpoint, shown_number=number)


@catcher.get("/api-settings/webhook/catcher/caught/<int:number>/body")
def download_body(number: int) -> Response:
    """The octets of the body."""
    return _send(_find_caught(number).body, f"webhook-{number}.bin")


@catcher.get("/api-settings/webhook/catcher/caught/<int:number>/files/<int:index>")
def download_file(number: int, index: int) -> Response:
    """One file of a form."""
    files = read_caught(_find_caught(number)).files
    if index >= len(files):
        abort(404)
    return _send(files[index].octets, files[index].filename or f"webhook-{number}-{index}.bin")


def name_answer(text: str) -> str:
    """An answer in words."""
    answer = read_answer(text)
    if not answer.status:
        return str(_("Hang up"))
    if answer.seconds:
        return str(_("%(status)s after %(seconds)s s", status=answer.status, seconds=f"{answer.seconds:g}"))
    return str(answer.status)


def _read_answer() -> str:
    """A button's answer, or the two fields'."""
    if "answer" in request.form:
        return request.form["answer"]
    status, seconds = (plain_number(request.form.get(name, "")) for name in ("status", "seconds"))
    return f"{status}@{seconds}" if seconds and seconds != "0" else status


def _find(number: int) -> CatcherRow:
    return store.get_endpoint(db.session(), number) or abort(404)


def _find_caught(number: int) -> CaughtRow:
    return store.get_caught(db.session(), number) or abort(404)


def _list_arrivals(endpoint: CatcherRow) -> dict[str, Any]:
    before = read_number(request.args.get("before"))
    rows = store.list_caught(db.session(), endpoint.id, PAGE_LENGTH, before=before)
    return {
        "endpoint": endpoint,
        "rows": rows,
        "before": before,
        "following": rows[-1].id if len(rows) == PAGE_LENGTH else None,
    }


def _read_newest(endpoint: CatcherRow, number: int | None = None) -> dict[str, Any]:
    newest = store.list_caught(db.session(), endpoint.id, 1) if number is None else []
    row = store.get_caught(db.session(), newest[0].id if newest else number or 0)
    return {"row": row, "shown": read_caught(row) if row else None, "endpoint": endpoint, "follows": number is None}


def _render(
    rows: list[CatcherRow], chosen: CatcherRow | None, problem: str = "", shown_number: int | None = None
) -> str:
    more = {**_list_arrivals(chosen), **_read_newest(chosen, shown_number)} if chosen else {"endpoint": None}
    return render_template(
        "catcher/catcher.html",
        endpoints=rows,
        url=catching.write_url(chosen) if chosen else "",
        counts=store.count_caught(db.session()),
        answers=[(each, name_answer(each)) for each in ANSWERS],
        answer_name=name_answer(chosen.answer) if chosen else "",
        problem=problem,
        moved=list_moved(),
        bounds=(store.KEPT_REQUESTS, store.KEPT_OCTETS // 1024 // 1024, int(store.KEPT_SECONDS // 86400)),
        **more,
    )


def _send(octets: bytes, name: str) -> Response:
    """As a file to keep, never to be shown: it may hold anything."""
    answer = Response(octets, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
