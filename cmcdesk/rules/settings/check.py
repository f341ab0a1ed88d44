"""Data of any origin (file, form, API, store) → Composition, or every error by field."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cmcdesk.rules.settings.composition import Composition
from cmcdesk.rules.settings.describe import describe, describe_path, list_keys
from cmcdesk.rules.settings.errors import SECRET_KEYS, SECRET_MASK, FieldError, SettingsError, field_error, join_path
from cmcdesk.rules.settings.messages import MESSAGES
from cmcdesk.rules.settings.plans import STANDARD_SUBDOMAINS, fill_defaults
from cmcdesk.rules.settings.relations import find_conflicts, find_fixed

MOST_COMPOSITIONS = 254  # each has its own loopback address, 127.0.0.1 … 127.0.0.254
_PLAIN_CODES = {
    "missing": "required",
    "string_type": "not_text",
    "bool_type": "not_boolean",
    "list_type": "not_list",
    "model_type": "not_table",
}


def check_composition(data: object, path: str = "") -> Composition:
    """The composition that data describes, left-out keys taking the plan's defaults; `path` comes before each field
    in the errors. Raises SettingsError with all errors."""
    if not isinstance(data, Mapping):
        raise SettingsError([field_error(path or "composition", data, "not_table")])
    filled = fill_defaults(data)
    fixed = list(find_fixed(filled, path))
    composition, errors = _validate(filled, path)
    told = {error.field for error in fixed}
    errors = [error for error in errors if not _is_told(error.field, told)]
    errors += fixed + list(find_conflicts(filled, path))
    if errors or composition is None:
        raise SettingsError(errors)
    return composition


def check_compositions(given: Sequence[object]) -> list[Composition]:
    """A whole list, in order; names and subdomains must differ. Raises SettingsError with the errors of all."""
    errors: list[FieldError] = []
    compositions: list[Composition] = []
    for index, data in enumerate(given):
        try:
            compositions.append(check_composition(data, f"composition[{index}]"))
        except SettingsError as problem:
            errors += problem.errors
    errors += _find_common_errors(given)
    if errors:
        raise SettingsError(errors)
    return compositions


def check_beside(composition: Composition, others: Sequence[Mapping[str, Any]], path: str = "") -> None:
    """That no other composition (as data) has this name or subdomain. Raises SettingsError."""
    errors = list(_find_doubles(composition.as_data(), others, path))
    if errors:
        raise SettingsError(errors)


def defaults_of(plan: str, name: str, subdomain: str = "") -> Composition:
    """A new composition: the plan's initial settings; subdomain "" takes the one that goes with the name."""
    data = {"name": name, "plan": plan}
    return check_composition(data | {"subdomain": subdomain} if subdomain else data)


def initial_compositions() -> list[Composition]:
    """What a fresh installation has."""
    return [defaults_of("pro", "pro"), *(defaults_of("standard", name) for name in STANDARD_SUBDOMAINS)]


def _find_common_errors(given: Sequence[object]) -> Iterator[FieldError]:
    if not given:
        yield field_error("composition", None, "no_composition")
    if len(given) > MOST_COMPOSITIONS:
        yield field_error("composition", len(given), "too_many_compositions", limit=MOST_COMPOSITIONS)
    filled = [fill_defaults(data) if isinstance(data, Mapping) else {} for data in given]
    for index, data in enumerate(filled):
        yield from _find_doubles(data, filled[:index], f"composition[{index}]")


def _find_doubles(data: Mapping[str, Any], others: Sequence[Mapping[str, Any]], path: str) -> Iterator[FieldError]:
    for key, code in (("name", "name_taken"), ("subdomain", "subdomain_taken")):
        value = data.get(key)
        taken = {other[key].casefold() for other in others if isinstance(other.get(key), str)}
        if isinstance(value, str) and value.casefold() in taken:
            yield field_error(join_path(path, key), value, code)


def _is_told(field: str, told: set[str]) -> bool:
    return any(field == other or field.startswith((f"{other}[", f"{other}.")) for other in told)


def _validate(filled: Mapping[str, Any], path: str) -> tuple[Composition | None, list[FieldError]]:
    try:
        return Composition.model_validate(filled), []
    except ValidationError as problem:
        found = problem.errors(include_url=False)
        if any(error["loc"] == ("name",) for error in found):  # the subdomain would have come from the name
            found = [error for error in found if (error["loc"], error["type"]) != (("subdomain",), "missing")]
        return None, [_translate(error, path) for error in found]


def _translate(error: ErrorDetails, path: str) -> FieldError:
    place = join_path("", *error["loc"])
    field, given, kind = join_path(path, *error["loc"]), error["input"], error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], field, given)
    if kind in {"int_type", "greater_than_equal", "less_than_equal"}:
        setting = describe_path(place)
        limits = {"minimum": setting and setting.minimum, "maximum": setting and setting.maximum}
        given = f'"{given}"' if isinstance(given, str) and given.isdecimal() else given  # shows that it is quoted
        return field_error(field, given, "not_integer" if kind == "int_type" else "out_of_range", **limits)
    if kind == "literal_error":
        setting = describe_path(place)
        return field_error(field, given, "not_one_of", allowed=", ".join(setting.choices if setting else ()))
    if kind == "list_type" and (setting := describe_path(place)) and setting.kind == "tables":
        return field_error(field, given, "not_tables", key=f"composition.{place}")
    if kind == "too_short" or (kind == "missing" and error["loc"][-1] == "condition"):
        return field_error(field, None, "no_condition")
    if kind in MESSAGES:
        return field_error(field, given, kind, **error.get("ctx", {}))
    return field_error(field, None if kind == "missing" else given, _PLAIN_CODES[kind])


def _unknown_key(loc: tuple[int | str, ...], field: str, given: object) -> FieldError:
    key = str(loc[-1])
    if key in {"port", "receiving_port"}:
        return field_error(field, given, "relay_port_fixed" if "relay" in loc else "port_fixed")
    beside = list_keys(join_path("", *loc[:-1]))
    suggestion = _find_near(key, beside)
    if suggestion and suggestion.rpartition(".")[2] in SECRET_KEYS:
        given = SECRET_MASK
    if suggestion:
        return field_error(field, given, "unknown_key", suggestion=suggestion)
    return field_error(field, given, "unknown_key_plain", allowed=", ".join(beside))


def _find_near(key: str, beside: list[str]) -> str | None:
    """The key of this table that was likely meant, else the whole path of one of another table."""
    near = difflib.get_close_matches(key.lower(), beside, n=1)
    if near:
        return near[0]
    elsewhere = {setting.path.rpartition(".")[2]: setting.path for setting in reversed(describe())}
    near = difflib.get_close_matches(key.lower(), elsewhere, n=1, cutoff=0.8)
    return elsewhere[near[0]].replace("[]", "") if near else None
