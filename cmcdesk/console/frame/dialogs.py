"""Dialogs and other parts of a page that htmx fetches."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

View = Callable[..., ResponseReturnValue]


def dialog_of(endpoint: str) -> Callable[[View], View]:
    """A view that gives a dialog of the page `endpoint`: its address opened by itself leads to that page, for the
    dialog alone would stand there without style and without a way back."""

    def wrap(view: View) -> View:
        @wraps(view)
        def show(**arguments: Any) -> ResponseReturnValue:
            if request.headers.get("HX-Request"):
                return view(**arguments)
            return redirect(url_for(endpoint))

        return show

    return wrap
