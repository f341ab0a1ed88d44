"""Numbers of a request that no row can have: a place that is not there, or a fault that is told."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, ValidationError

from cmcdesk.console.pages.paging import LARGEST_ID


class StoredNumber(IntegerConverter):
    """A number in a path that may be a row's; a larger one is no such place (404)."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **({"max": LARGEST_ID} | named))

    def to_python(self, value: str) -> int:
        """Raises ValidationError, without an attempt to read thousands of digits."""
        if len(value) > len(str(LARGEST_ID)):
            raise ValidationError
        number: int = super().to_python(value)
        return number


def install_bounds(app: Flask) -> None:
    """Use them in every path; before any view is added."""
    app.url_map.converters["int"] = StoredNumber
