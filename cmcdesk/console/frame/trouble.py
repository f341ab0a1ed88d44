"""What a person asked for and cannot have: errors by field in the language of the request, and the pages that say what
happened, that nothing was lost, and where to go on.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import Forbidden, HTTPException, ServiceUnavailable

from cmcdesk.console.frame.language import pick_text
from cmcdesk.rules.settings import FieldError
from cmcdesk.store.database_fault import Fault


@dataclass(frozen=True)
class Told:
    """One error as the page shows it: field is a form field's name, "" for none."""

    field: str
    given: str
    message: str


class Refused(Exception):
    """Nothing changed; `errors` say why."""

    def __init__(self, errors: Iterable[Told]) -> None:
        self.errors = list(errors)
        super().__init__("; ".join(f"{each.field}: {each.message}" for each in self.errors))


def tell_errors(errors: Iterable[FieldError]) -> list[Told]:
    """Errors of settings in the language of this request."""
    return [Told(each.field, str(each.given), pick_text(each.message)) for each in errors]


class DatabaseTrouble(ServiceUnavailable):
    """A request that a database could not serve: locked, full, gone, damaged."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what["en"])
        self.fault = fault


class AddressRefused(Forbidden):
    """A request from an address that is not registered (接続IP設定)."""

    def __init__(self, peer: str) -> None:
        super().__init__(peer)
        self.peer = peer


def explain_error(error: HTTPException) -> tuple[str, str]:
    """(what happened, what to do) for an HTTP error."""
    if isinstance(error, AddressRefused):
        what = _("The address %(peer)s may not connect to this console.", peer=error.peer)
        return what, _("Register it in the console's connected IPs, on the computer where cmcdesk runs.")
    if isinstance(error, DatabaseTrouble):
        return pick_text(error.fault.what), pick_text(error.fault.mend)
    return explain(error.code or 500)


def explain(code: int) -> tuple[str, str]:
    """(what happened, what to do) for an HTTP status."""
    texts = {
        400: (_("The request was not understood."), _("Go back and try again.")),
        401: (
            _("This console is locked."),
            _("Open it with the address that cmcdesk printed when it started; it holds the key."),
        ),
        403: (_("This request did not come from this console's own page."), _("Reload the page and try again.")),
        404: (_("There is no such page."), _("It may have been deleted, or the address is wrong.")),
        405: (_("That cannot be done here."), _("Go back and try again.")),
        413: (_("That file is too large."), _("Settings files are far smaller; choose another one.")),
        421: (
            _("This console answers only on its own address."),
            _("Open it on 127.0.0.1 or localhost with the port that cmcdesk printed."),
        ),
        422: (
            _("A number in this request is too large."),
            _("Numbers of rows and versions have at most 64 bits."),
        ),
        503: (_("The mail server or this console is busy."), _("Try again in a moment.")),
    }
    return texts.get(code, (_("Something went wrong in cmcdesk."), _("The log in the data folder says more.")))


def show_trouble(error: HTTPException) -> ResponseReturnValue:
    """The page of one HTTP error; a line of text for htmx, which shows it where it asked."""
    code = error.code or 500
    title, advice = explain_error(error)
    if request.headers.get("HX-Request"):
        return f"{title} {advice}", code
    return render_template("desk/trouble.html", code=code, title=title, advice=advice), code
