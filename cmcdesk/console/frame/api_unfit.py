"""What is said of parameters and bodies that do not fit their shape: pydantic's kinds of errors in our words, in the
caller's language.
"""

import re
from collections.abc import Iterator

from flask_babel import gettext as _
from pydantic_core import ErrorDetails

from cmcdesk.console.frame.api_shapes import Shape
from cmcdesk.rules.settings.messages import MESSAGES
from cmcdesk.rules.texts import N_

OBJECT = N_("must be a JSON object ({…})")
#: The beginning of pydantic's `type` → what is said; the first that fits. Places are filled from pydantic's `ctx`.
WORDS = {
    "missing": MESSAGES["required"],
    "extra_forbidden": N_("is not known here; allowed: %(allowed)s"),
    "json_": OBJECT,
    "model_": OBJECT,
    "dict_": OBJECT,
    "list_": MESSAGES["not_list"],
    "int_": N_("must be an integer"),
    "float_": N_("must be a number"),
    "finite_": N_("must be a number"),
    "bool_": MESSAGES["not_boolean"],
    "string_too_long": MESSAGES["too_long"],
    "string_": MESSAGES["not_text"],
    "too_long": N_("has too many entries; at most %(limit)s"),
    "greater_than_equal": N_("must be %(limit)s or more"),
    "less_than_equal": N_("must be %(limit)s or less"),
    "literal_error": MESSAGES["not_one_of"],
    "datetime_": N_("must be a time such as 2026-11-30T09:00:00Z"),
}
LIMITS = ("max_length", "ge", "le")  # of pydantic's ctx


def explain_unfit(error: ErrorDetails, shape: str) -> str:
    """One error of pydantic's `errors()`, of a request whose shape has this name, in the language of this request."""
    kind, context = error["type"], error.get("ctx", {})
    words = next((told for beginning, told in WORDS.items() if kind.startswith(beginning)), None)
    if words is None:
        return str(error["msg"])
    limit = next((context[name] for name in LIMITS if name in context), "")
    allowed = _list_keys(shape) if kind == "extra_forbidden" else _list_values(context.get("expected", ""))
    return str(_(words, limit=limit, allowed=allowed))


def _list_values(expected: str) -> str:
    """pydantic's "'a', 'b' or 'c'" without its English."""
    return ", ".join(re.findall(r"'([^']*)'", expected)) or expected


def _list_keys(name: str) -> str:
    found = next((each for each in _walk(Shape) if each.__name__ == name), None)
    return ", ".join(field.alias or key for key, field in found.model_fields.items()) if found else ""


def _walk(shape: type[Shape]) -> Iterator[type[Shape]]:
    for each in shape.__subclasses__():
        yield each
        yield from _walk(each)
