"""Error pages: what happened, that nothing was lost, and where to go on."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException


def show_trouble(error: HTTPException) -> ResponseReturnValue:
    """The page of one HTTP error; a line of text for htmx, which shows it where it asked."""
    code = error.code or 500
    title, advice = explain(code)
    if request.headers.get("HX-Request"):
        return f"{title} {advice}", code
    return render_template("desk/trouble.html", code=code, title=title, advice=advice), code


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
        503: (_("The mail server or this console is busy."), _("Try again in a moment.")),
    }
    return texts.get(code, (_("Something went wrong in cmcdesk."), _("The log in the data folder says more.")))
