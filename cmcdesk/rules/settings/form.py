"""Form fields, which are all strings, numbers as people type them among them → data for `check_composition`. Field
names are the paths of FieldError.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from cmcdesk.rules.settings.describe import describe_path

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}|[0-9]{1,3}(?:,[0-9]{3}){1,12})(?:\.[0-9]{1,40})?")

_TRUE = {"true", "on", "1", "yes"}
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def plain_number(text: str) -> str:
    """A number that was typed full-width or with separators of thousands ("1,000"), in plain ASCII digits; other text
    as it is, without spaces around it."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return plain.replace(",", "") if _NUMBER.fullmatch(plain) else text.strip()


def plain_date(text: str) -> str:
    """A date or time that was typed full-width, in plain ASCII, without spaces around it."""
    return unicodedata.normalize("NFKC", text).strip()


def read_form(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`[("receiving.max_sessions", "10"), ("inbound_webhook[0].condition[0].header", "To"), …]` → nested data.

    Numbers may be typed full-width and with separators of thousands. What is no number stays text, so that the check
    tells of it as it was typed. A list of lines takes one value a line; a check box that was not ticked is not sent, so
    put a hidden "false" before it (of two values for one field the last counts). Indices may have gaps: members keep
    their order. A field that is a list of tables itself, whatever its text, says that the list was on the form: without
    members it is empty.
    """
    nested: dict[Any, Any] = {}
    for name, text in fields:
        steps = [key or int(index) for key, index in _STEP.findall(name)]
        if not steps:
            continue
        place = nested
        for step in steps[:-1]:
            inner = place.setdefault(step, {})
            place = inner if isinstance(inner, dict) else {}  # a field that is both value and table: the first counts
        if _is_tables(name):
            place.setdefault(steps[-1], _Rows())
        else:
            place[steps[-1]] = read_form_value(name, text)
    return _close_lists(nested)  # type: ignore[no-any-return]


def read_form_value(name: str, text: str) -> Any:
    """The value of one form field, by the type of its setting: int, bool, list of lines, or the text itself."""
    setting = describe_path(name)
    kind = setting.kind if setting else "text"
    if kind == "integer":
        return _read_integer(text)
    if kind == "boolean":
        return text.strip().lower() in _TRUE
    if kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    return text


class _Rows(dict[Any, Any]):
    """A list of tables in the making."""


def _is_tables(name: str) -> bool:
    setting = describe_path(name)
    return setting is not None and setting.kind == "tables"


def _read_integer(text: str) -> int | str:
    plain = plain_number(text)
    return int(plain) if re.fullmatch(r"[+-]?[0-9]{1,18}", plain) else text


def _close_lists(value: Any) -> Any:
    """Tables whose keys are all indices become lists."""
    if not isinstance(value, dict):
        return value
    closed = {key: _close_lists(inner) for key, inner in value.items()}
    if (closed or isinstance(value, _Rows)) and all(isinstance(key, int) for key in closed):
        return [closed[index] for index in sorted(closed)]
    return {str(key): inner for key, inner in closed.items()}
