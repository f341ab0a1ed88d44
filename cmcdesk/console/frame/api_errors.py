"""How the API says no, `{"errors": [{"field", "given", "message"}]}` in the caller's language, and how it lets one wait
for a list: `wait` seconds, `count` rows.
"""

import time
from collections.abc import Callable, Iterable, Sized
from typing import Any, NoReturn, Protocol, TypeVar

from flask import Response, abort, jsonify, make_response, request
from flask_babel import gettext as _
from pydantic import JsonValue, ValidationError
from werkzeug.exceptions import HTTPException

from cmcdesk.console.frame.api_shapes import Errors, FieldErrorShape, JsonObject
from cmcdesk.console.frame.api_unfit import explain_unfit
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Told, explain_error

WAIT_STEP_SECONDS = 0.05  # between two looks, each of which is a seek or two


def refuse(status: int, field: str, given: str, message: str) -> NoReturn:
    """End the request with one error."""
    refuse_told(status, [Told(field, given, message)])


def refuse_missing(field: str, given: str | int) -> NoReturn:
    """End the request with 404: there is no such thing (any more)."""
    refuse(404, field, str(given), _("There is no such thing, or it was deleted."))


def refuse_seat() -> NoReturn:
    """End the request with 503: too many wait already."""
    refuse(503, "", "", _("Too many requests and open pages are waiting; try again in a moment."))


def refuse_told(status: int, errors: Iterable[Told], **more: JsonValue) -> NoReturn:
    """End the request with `errors` and, beside them, `more`."""
    shapes = [FieldErrorShape(field=each.field, given=each.given, message=each.message) for each in errors]
    abort(make_response(jsonify({**more, **Errors(errors=shapes).as_json()}), status))


def answer_invalid_request(error: ValidationError) -> Response:
    """flask-openapi3's callback: parameters or a body that do not fit their shape."""
    errors = [
        FieldErrorShape(
            field=".".join(map(str, each["loc"])),
            given=_shorten(each.get("input") if each["loc"] else request.get_data(as_text=True)),
            message=explain_unfit(each, error.title),
        )
        for each in error.errors()
    ]
    return make_response(jsonify(Errors(errors=errors).as_json()), 422)


def answer_http_error(error: HTTPException) -> tuple[JsonObject, int]:
    """Any other refusal (401, 404, …) in the API's shape."""
    message = " ".join(explain_error(error))
    return Errors(errors=[FieldErrorShape(field="", given="", message=message)]).as_json(), error.code or 500


def _shorten(given: Any, longest: int = 100) -> str:
    text = "" if given is None else str(given)
    return text if len(text) <= longest else text[:longest] + "…"


Page = TypeVar("Page")


class Wait(Protocol):
    """wait: seconds; count: rows."""

    wait: float
    count: int


def wait_until_enough(query: Wait, find: Callable[[], Page], rows_of: Callable[[Page], Sized]) -> Page:
    """What `find` gives as soon as it has `count` rows, or when the time is over, or when the program stops; at once
    where nobody waits. Answers 503 where too many wait."""
    page = find()
    if query.wait <= 0 or len(rows_of(page)) >= query.count:
        return page
    with current_hub().take_seat() as free:
        if not free:
            refuse_seat()
        ends, stopping = time.monotonic() + query.wait, current_hub().stopping
        while len(rows_of(page)) < query.count:
            left = ends - time.monotonic()
            if left <= 0 or stopping.wait(min(WAIT_STEP_SECONDS, left)):
                break
            page = find()
    return page
