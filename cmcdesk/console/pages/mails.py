"""メール: the list of stored mails; 受信拒否: what was turned away, at which gate and why."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.maillog import current_mail_log, current_services
from cmcdesk.console.pages.paging import choose_part, read_number
from cmcdesk.console.reading import list_names
from cmcdesk.store.maillog import MailRow, RefusalRow

PAGE_LENGTH = 50
ROUTES = ("bounce", "inbound")
GATES = ("sessions", "interval", "sender", "domain", "size", "spam", "busy")

mails = Blueprint("mails", __name__)


@dataclass(frozen=True)
class Wanted:
    """What the search fields of a list hold; empty values do not narrow it."""

    composition: str | None
    kind: str | None  # route of a mail, or gate of a refusal
    search: str | None
    before: int | None

    @classmethod
    def from_request(cls, kinds: tuple[str, ...]) -> "Wanted":
        """The fields of this request; a kind that does not exist is left out."""
        given = request.args
        return cls(
            given.get("composition") or None,
            choose_part(given.get("kind"), kinds),
            given.get("search", "").strip()[:200] or None,
            read_number(given.get("before")),
        )

    def as_query(self, **more: Any) -> dict[str, Any]:
        """For url_for: the same search, with `more` changed."""
        query = {"composition": self.composition, "kind": self.kind, "search": self.search, "before": self.before}
        return {key: value for key, value in (query | more).items() if value is not None}


@mails.get("/mails")
def show_list() -> str:
    """The list, newest first; with HX-Request only its rows."""
    wanted = Wanted.from_request(ROUTES)
    rows = find_mails(wanted)
    template = "mails/rows.html" if request.headers.get("HX-Request") else "mails/list.html"
    return render_template(
        template,
        rows=rows,
        wanted=wanted,
        names=list_names(),
        seen=read_number(request.args.get("seen")),
        following=rows[-1].id if len(rows) == PAGE_LENGTH else None,
    )


@mails.get("/refusals")
def show_refusals() -> str:
    """Refusals, newest first; with HX-Request only the rows."""
    wanted = Wanted.from_request(GATES)
    rows = find_refusals(wanted)
    template = "mails/refusal_rows.html" if request.headers.get("HX-Request") else "mails/refusals.html"
    return render_template(
        template,
        rows=rows,
        wanted=wanted,
        gates=GATES,
        names=list_names(),
        seen=read_number(request.args.get("seen")),
        following=rows[-1].id if len(rows) == PAGE_LENGTH else None,
    )


@mails.post("/mails/<int:mail_id>/delete")
def delete_mail(mail_id: int) -> ResponseReturnValue:
    """Delete one mail, back to the list."""
    current_services().send_purge(mails=[mail_id])
    return redirect(url_for("mails.show_list"), 303)


@mails.get("/mails/clear")
def ask_clear() -> str:
    """The dialog before all mails go."""
    log = current_mail_log()
    return render_template("mails/clear.html", count=log.count_mails() if log else 0, word=_("delete"))


@mails.post("/mails/clear")
def clear_mails() -> ResponseReturnValue:
    """Delete all mails, if the word was typed."""
    if request.form.get("word") != _("delete"):
        abort(400)
    current_services().send_purge(all=True)
    return Response(status=204, headers={"HX-Redirect": url_for("mails.show_list")})


def find_mails(wanted: Wanted) -> list[MailRow]:
    """One page of the list."""
    log = current_mail_log()
    if log is None:
        return []
    return log.list_mails(
        wanted.before, PAGE_LENGTH, composition=wanted.composition, route=wanted.kind, search=wanted.search
    )


def find_refusals(wanted: Wanted) -> list[RefusalRow]:
    """One page of refusals."""
    log = current_mail_log()
    if log is None:
        return []
    return log.list_refusals(wanted.before, PAGE_LENGTH, composition=wanted.composition, gate=wanted.kind)
