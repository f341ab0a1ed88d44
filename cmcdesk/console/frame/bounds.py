"""Numbers of a path that no row can have: answered like any row that is not there."""

from flask import Flask
from werkzeug.routing import IntegerConverter

from cmcdesk.console.frame.paging import LARGEST_ID


class StoredNumber(IntegerConverter):
    """A number in a path that may be a row's. A larger one is read as the largest, which no row has: the view says, as
    of any row that is not there, what is missing."""

    def to_python(self, value: str) -> int:
        """Without an attempt to read thousands of digits."""
        return LARGEST_ID if len(value) > len(str(LARGEST_ID)) else min(int(value), LARGEST_ID)


def install_bounds(app: Flask) -> None:
    """Use them in every path; before any view is added."""
    app.url_map.converters["int"] = StoredNumber
