"""Reading a request: what stands in an address (never an error for what a person may have typed there; a number that no
row can have is answered like any row that is not there), and whether htmx asks for a part of a page, such as a dialog.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**63 - 1  # SQLite's INTEGER


def read_number(text: str | None) -> int | None:
    """A positive id, or None for anything else."""
    is_number = text and text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))
    number = int(text) if text and is_number else 0
    return number if 0 < number <= LARGEST_ID else None


def choose_part(text: str | None, allowed: tuple[str, ...]) -> str | None:
    """`text` if it is one of `allowed`."""
    return text if text in allowed else None


def read_own_path(text: str | None, otherwise: str) -> str:
    """A path of this console to go on to; `otherwise` for anything that leads elsewhere."""
    if not text:
        return otherwise
    parts = urlsplit(text)
    is_own = not parts.scheme and not parts.netloc and text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_own else otherwise


class StoredNumber(IntegerConverter):
    """A number in a path that may be a row's. A larger one is read as the largest, which no row has: the view says, as
    of any row that is not there, what is missing."""

    def to_python(self, value: str) -> int:
        """Without an attempt to read thousands of digits."""
        return LARGEST_ID if len(value) > len(str(LARGEST_ID)) else min(int(value), LARGEST_ID)


def install_bounds(app: Flask) -> None:
    """Use them in every path; before any view is added."""
    app.url_map.converters["int"] = StoredNumber


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
