"""Error pages: what happened, that nothing was lost, and where to go on."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from cmcdesk.console.frame.trouble import explain_error


def show_trouble(error: HTTPException) -> ResponseReturnValue:
    """The page of one HTTP error; a line of text for htmx, which shows it where it asked."""
    code = error.code or 500
    title, advice = explain_error(error)
    if request.headers.get("HX-Request"):
        return f"{title} {advice}", code
    return render_template("desk/trouble.html", code=code, title=title, advice=advice), code
