"""メール: the list of stored mails, with how many there are (件数), counted no further than a page may wait; 受信拒否:
what was turned away, at which gate and why, and one refusal with what was said in its session.
"""

from dataclasses import dataclass
from typing import Any, get_args

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from cmcdesk.console.compositions.view import list_names
from cmcdesk.console.frame.current import current_mail_log, current_mail_search, current_services
from cmcdesk.console.frame.language import pick_text, write_instant, write_number
from cmcdesk.console.frame.request import choose_part, dialog_of, read_number
from cmcdesk.console.frame.spreadsheet import answer_csv
from cmcdesk.console.mails.mail_export import export_chosen, name_export
from cmcdesk.console.mails.read_state import list_unread, mark_everything_read
from cmcdesk.mail.smtp.envelope import Route
from cmcdesk.rules.gates import GATES
from cmcdesk.store.maillog.dialogues import read_dialogue
from cmcdesk.store.maillog.log import RefusalRow
from cmcdesk.store.search.searched_log import FoundMails, MailQuery, Where

COUNTED = 1000  # a list says no more than that there are more

PAGE_LENGTH = 50
ROUTES = get_args(Route)
PLACES: tuple[Where, ...] = get_args(Where)


def count_mails(query: MailQuery) -> tuple[int, bool]:
    """How many mails match, and whether there may be more: a count has the bounds of a page of the search."""
    searching = current_mail_search()
    if searching is None:
        return 0, False
    found = searching.find(query, None, COUNTED)
    return len(found.rows), found.next is not None


def count_refusals(**only: str | float | None) -> tuple[int, bool]:
    """The same for refusals, narrowed as `MailLog.list_refusals` does; rows are counted, not the alike ones that a row
    stands for."""
    log = current_mail_log()
    rows = log.list_refusals(None, COUNTED + 1, **only) if log else []
    return min(len(rows), COUNTED), len(rows) > COUNTED


def write_hits(count: int, has_more: bool) -> str:
    """The count in words."""
    if has_more:
        return str(ngettext("At least one", "At least %(count)s", count, count=write_number(count)))
    return str(ngettext("%(count)s row", "%(count)s rows", count, count=write_number(count)))


mails = Blueprint("mails", __name__)


@dataclass(frozen=True)
class WantedMails:
    """What the search fields of a list hold; empty values do not narrow it."""

    composition: str | None
    kind: str | None  # route of a mail, or gate of a refusal
    search: str | None
    before: int | None
    search_in: str = PLACES[0]
    since: int | None = None  # Unix seconds, of refusals
    until: int | None = None

    @classmethod
    def from_request(cls, kinds: tuple[str, ...]) -> "WantedMails":
        """The fields of this request; a kind that does not exist is left out."""
        given = request.args
        return cls(
            given.get("composition") or None,
            choose_part(given.get("kind"), kinds),
            given.get("search", "").strip()[:200] or None,
            read_number(given.get("before")),
            choose_part(given.get("search_in"), PLACES) or PLACES[0],
            read_number(given.get("since")),
            read_number(given.get("until")),
        )

    def as_query(self, **more: Any) -> dict[str, Any]:
        """For url_for: the same search, with `more` changed."""
        query = {"composition": self.composition, "kind": self.kind, "search": self.search, "before": self.before}
        query["search_in"] = self.search_in if self.search_in != PLACES[0] else None
        period = {"since": self.since, "until": self.until}
        return {key: value for key, value in (query | period | more).items() if value is not None}

    def as_refusal_query(self) -> dict[str, str | float | None]:
        """What narrows a list of refusals."""
        return {"composition": self.composition, "gate": self.kind, "since": self.since, "until": self.until}

    def as_mail_query(self) -> MailQuery:
        """What a search of mails is asked."""
        where = next(place for place in PLACES if place == self.search_in)
        return MailQuery(self.search, where, self.composition, self.kind)


@mails.get("/mails")
def show_list() -> str:
    """The list, newest first; with HX-Request only its rows."""
    wanted = WantedMails.from_request(ROUTES)
    found = find_mails(wanted)
    template = "mails/rows.html" if request.headers.get("HX-Request") else "mails/list.html"
    return render_template(
        template,
        rows=found.rows,
        wanted=wanted,
        hits=write_hits(*count_mails(wanted.as_mail_query())),
        unread=list_unread(found.rows),
        names=list_names(),
        seen=read_number(request.args.get("seen")),
        following=found.next,
        indexed=find_indexed() if wanted.search else None,
    )


@mails.get("/refusals")
def show_refusals() -> str:
    """Refusals, newest first; with HX-Request only the rows."""
    wanted = WantedMails.from_request(tuple(GATES))
    rows = find_refusals(wanted)
    template = "mails/refusal_rows.html" if request.headers.get("HX-Request") else "mails/refusals.html"
    return render_template(
        template,
        rows=rows,
        wanted=wanted,
        hits=write_hits(*count_refusals(**wanted.as_refusal_query())),
        names=list_names(),
        seen=read_number(request.args.get("seen")),
        following=rows[-1].id if len(rows) == PAGE_LENGTH else None,
    )


@mails.post("/refusals/chosen")
def export_refusals() -> Response:
    """The refusals that were chosen, with what was said, as CSV."""
    log = current_mail_log()
    rows = [row for number in read_chosen("refusal") if log and (row := log.get_refusal(number))]
    heads = (_("Time"), _("Gate"), _("Reply"), _("Envelope From"), _("Recipient"), _("Peer"), _("Session"),
             _("Server composition"), _("Count"), _("SMTP dialogue of the session"))  # fmt: skip
    return answer_csv(name_export("refusals", None, "csv"), heads, map(_describe_refusal, rows))


def _describe_refusal(row: RefusalRow) -> list[str]:
    log = current_mail_log()
    dialogue = read_dialogue(log, row) if log else None
    said = [f"{line.at:.3f} {line.by[0].upper()}: {line.said}" for line in dialogue.lines] if dialogue else []
    reply = " ".join(filter(None, (str(row.code or ""), row.enhanced_status, row.text)))
    gate = pick_text(GATES[row.gate]) if row.gate in GATES else row.gate
    return [write_instant(row.at), gate, reply, row.sender, row.recipient, row.peer, str(row.session or ""),
            row.composition, str(row.count), "\n".join(said)]  # fmt: skip


@mails.post("/mails/<int:mail_id>/delete")
def delete_mail(mail_id: int) -> ResponseReturnValue:
    """Delete one mail, back to the list."""
    current_services().send_purge(mails=[mail_id])
    return redirect(url_for("mails.show_list"), 303)


@mails.get("/mails/clear")
@dialog_of("mails.show_list")
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


@mails.post("/mails/chosen")
def change_several() -> ResponseReturnValue:
    """Delete or export the mails that were chosen, or mark all as read; back to the list."""
    wanted, chosen = WantedMails.from_request(ROUTES), read_chosen()
    match request.form.get("action"):
        case "export":
            return export_chosen(chosen)
        case "delete":
            gone = current_services().send_purge(mails=chosen) if chosen else 0
            flash(ngettext("One mail was deleted.", "%(num)s mails were deleted.", gone), "success")
        case "read":
            mark_everything_read()
        case _:
            abort(400)
    return redirect(url_for("mails.show_list", **wanted.as_query()), 303)


def read_chosen(field: str = "mail") -> list[int]:
    """The rows whose boxes are ticked, no more than a page has."""
    numbers = (read_number(text) for text in request.form.getlist(field)[:PAGE_LENGTH])
    return sorted(number for number in numbers if number is not None)


def find_mails(wanted: WantedMails) -> FoundMails:
    """One page of the list."""
    searching = current_mail_search()
    if searching is None:
        return FoundMails([], None)
    return searching.find(wanted.as_mail_query(), wanted.before, PAGE_LENGTH)


def find_indexed() -> float | None:
    """When the newest mail in the index was received (seconds since 1970); None: nothing is indexed."""
    searching = current_mail_search()
    return (searching.indexed_up_to()[1] or None) if searching else None


def find_refusals(wanted: WantedMails) -> list[RefusalRow]:
    """One page of refusals."""
    log = current_mail_log()
    if log is None:
        return []
    return log.list_refusals(wanted.before, PAGE_LENGTH, **wanted.as_refusal_query())


refusal = Blueprint("refusal", __name__)


@refusal.get("/refusals/<int:refusal_id>")
def show_refusal(refusal_id: int) -> str:
    """One refusal and its dialogue."""
    log = current_mail_log()
    row = log.get_refusal(refusal_id) if log else None
    if log is None or row is None:
        abort(404)
    return render_template("mails/refusal.html", row=row, dialogue=read_dialogue(log, row))
