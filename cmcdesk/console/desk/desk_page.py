"""The desk's own pages: display, retention, about, and the sheet of keyboard shortcuts
(`static/shortcuts.js` does what it says).
"""

from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from pydantic import ValidationError

from cmcdesk import __version__
from cmcdesk.console.desk.notices import FLOOD, FLOOD_SECONDS
from cmcdesk.console.desk.retention import Retention, load_retention, save_retention
from cmcdesk.console.frame.current import current_mail_log, current_services
from cmcdesk.console.frame.language import Display, load_display, save_display, write_number
from cmcdesk.console.frame.request import dialog_of, read_own_path
from cmcdesk.console.simulator.runs import KEPT
from cmcdesk.rules.settings.form import plain_number
from cmcdesk.rules.texts import list_languages
from cmcdesk.store.desk import catcher
from cmcdesk.store.desk.audit import KEPT_DAYS, MOST_ROWS
from cmcdesk.store.maillog.rows import DIALOGUES_KEPT

desk = Blueprint("desk", __name__)


@desk.get("/")
def show_start() -> ResponseReturnValue:
    """The welcome as long as no mail came, else the list of compositions."""
    log = current_mail_log()
    is_new = log is None or log.newest_mail() == 0
    return redirect(url_for("welcome.show_welcome" if is_new else "compositions.show_list"))


@desk.get("/session")
def tell_session() -> dict[str, str]:
    """For a page that lost its server or its session: the token of the forms, as soon as there is a session again."""
    return {"csrf": generate_csrf()}


@desk.get("/display")
def show_display() -> str:
    """表示設定."""
    return _render_display(load_display())


@desk.post("/display")
def change_display() -> ResponseReturnValue:
    """Save 表示設定; a wrong time zone is told at its field."""
    given = {key: value for key, value in request.form.items() if key in Display.model_fields}
    try:
        display = Display.model_validate(given | {"language": given.get("language") or None})
    except ValidationError:
        return _render_display(load_display(), _("There is no such time zone. Choose one of the list.")), 422
    save_display(display)
    flash(_("Saved."), "success")
    return redirect(url_for("desk.show_display"), 303)


@desk.post("/language")
def switch_language() -> ResponseReturnValue:
    """The switch in the bar: keeps the page."""
    language = request.form.get("language")
    if language in list_languages():
        save_display(load_display().model_copy(update={"language": language}))
    return redirect(read_own_path(request.form.get("back"), url_for("desk.show_start")), 303)


@desk.get("/retention")
def show_retention() -> str:
    """保存期間."""
    return _render_retention(load_retention(current_services()).model_dump(), {})


@desk.post("/retention")
def change_retention() -> ResponseReturnValue:
    """Save 保存期間; it is kept to by the clock of the program."""
    saved = load_retention(current_services()).model_dump()
    given = {key: request.form.get(key, value) for key, value in saved.items()}
    try:
        read = {key: plain_number(str(value)) for key, value in given.items()}
        save_retention(current_services(), Retention.model_validate(read))
    except ValidationError as error:
        wrong = {str(each["loc"][0]): _tell_limits(str(each["loc"][0])) for each in error.errors()}
        return _render_retention(given, wrong), 422
    flash(_("Saved."), "success")
    return redirect(url_for("desk.show_retention"), 303)


@desk.get("/disk-notices")
def show_disk_notices() -> str:
    """What every page says of the disk, for a page that heard of a change."""
    return render_template("desk/disk_notices.html")


@desk.get("/about")
def show_about() -> str:
    """Version, places, the API and how to call it."""
    services = current_services()
    return render_template(
        "desk/about.html",
        version=__version__,
        folder=services.folder,
        telemetry=services.telemetry(),
        operations=list_operations(current_app.api_doc),  # type: ignore[attr-defined]
    )


def list_operations(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(method, path, what it does in English) of everything in an OpenAPI document."""
    return [
        (method.upper(), path, operation.get("summary", ""))
        for path, item in sorted(document["paths"].items())
        for method, operation in item.items()
    ]


def _render_display(display: Display, error: str = "") -> str:
    return render_template(
        "desk/display.html",
        chosen=display,
        languages=list_languages(),
        zones=sorted(available_timezones()),
        flood=(FLOOD, int(FLOOD_SECONDS)),
        error=error,
    )


def _render_retention(values: dict[str, Any], wrong: dict[str, str]) -> str:
    log = current_mail_log()
    count = log.count_mails() if log else 0
    return render_template(
        "desk/retention.html",
        values=values,
        wrong=wrong,
        count=count,
        fields=_describe_retention(),
        ends=_describe_ends(),
    )


def _describe_retention() -> list[tuple[str, str, str]]:
    """(name, label, help) of each setting."""
    oldest = _("The oldest go first. 0 keeps all (ours).")
    return [
        ("days", _("Days that all below is kept"), _("CMC keeps its logs for 40 days. 0 keeps all (ours).")),
        ("mails", _("Mails kept at most"), oldest),
        ("refusals", _("Refusals kept at most"), oldest),
        ("bounces", _("Bounces in the error log kept at most"), oldest),
        (
            "deliveries",
            _("Webhook deliveries kept at most"),
            _("With their attempts; those that wait stay. The oldest go first. 0 keeps all (ours)."),
        ),
        (
            "outbound",
            _("Recipients in the delivery log kept at most"),
            _("With their attempts; those that wait stay. The oldest go first. 0 keeps all (ours)."),
        ),
    ]


def _describe_ends() -> list[tuple[str, str]]:
    """(what, how long) of what has its end without a setting."""
    return [
        (
            _("What was said in SMTP sessions"),
            _("with the newest %(count)s refusals, and for as many mails", count=write_number(DIALOGUES_KEPT)),
        ),
        (_("Runs of the simulator"), _("the newest %(count)s, until cmcdesk ends", count=KEPT)),
        (
            _("What came to the webhook catcher"),
            _(
                "the newest %(count)s requests, at most %(size)s MB, for %(days)s days",
                count=catcher.KEPT_REQUESTS,
                size=catcher.KEPT_OCTETS // 1024 // 1024,
                days=int(catcher.KEPT_SECONDS // 86400),
            ),
        ),
        (
            _("Operation log"),
            _("for %(days)s days, the newest %(count)s lines", days=KEPT_DAYS, count=write_number(MOST_ROWS)),
        ),
        (_("Revisions of the settings"), _("all: mails that matched under one are looked up there")),
        (_("Counts of a day"), _("all: one row for each quarter of an hour in which something came")),
    ]


def _tell_limits(name: str) -> str:
    limits = Retention.model_json_schema()["properties"][name]
    message: str = _("Give a whole number from %(low)s to %(high)s.", low=limits["minimum"], high=limits["maximum"])
    return message


shortcuts = Blueprint("shortcuts", __name__)


@shortcuts.get("/shortcuts")
@dialog_of("desk.show_about")
def show_sheet() -> str:
    """The dialog."""
    return render_template("desk/shortcuts.html", groups=list_groups())


def list_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """(where, [(keys, what they do), …]); keys with a space between are alternatives."""
    return [
        (_("Everywhere"), [("?", _("This sheet")), ("/", _("To the search field")), ("Esc", _("Close the dialog"))]),
        (
            _("In lists"),
            [
                ("j ↓", _("Next row")),
                ("k ↑", _("Previous row")),
                ("Enter", _("Open the row")),
                ("x", _("Choose the row, or not; with Shift and a click all rows in between")),
                ("p", _("Pause the list, or go on")),
            ],
        ),
        (
            _("On a mail"),
            [("j →", _("Older mail")), ("k ←", _("Newer mail")), ("u", _("Back to the list"))],
        ),
    ]
