"""The settings file (TOML): `[[composition]]` tables, unknown keys refused."""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tomli_w

from cmcdesk.rules.settings.check import check_compositions
from cmcdesk.rules.settings.composition import Composition
from cmcdesk.rules.settings.errors import SECRET_KEYS, SECRET_MASK, FieldError, SettingsError, field_error
from cmcdesk.rules.settings.receiving import Security
from cmcdesk.rules.settings.secrets import keep_secrets, mask_secrets
from cmcdesk.rules.settings.webhooks import EventWebhook

TOP_KEYS = ("composition",)
FindStored = Callable[[str], Mapping[str, Any]]


def read_settings_file(text: str | bytes, find_stored: FindStored = lambda _name: {}) -> list[Composition]:
    """The compositions of a settings file, in its order; left-out keys take the plan's defaults. bytes are UTF-8.

    find_stored: name → the saved settings whose secrets masks stand for. Raises SettingsError with every error of
    every composition.
    """
    document = _parse(text if isinstance(text, str) else _decode(text))
    unknown = [_unknown_table(key, value) for key, value in document.items() if key not in TOP_KEYS]
    given = document.get("composition", [])
    if unknown and not given:
        raise SettingsError(unknown)
    if not isinstance(given, list):
        raise SettingsError([*unknown, field_error("composition", None, "not_tables", key="composition")])
    try:
        compositions = check_compositions(_keep_all(given, find_stored))
    except SettingsError as problem:
        raise SettingsError(unknown + problem.errors) from None
    if unknown:
        raise SettingsError(unknown)
    return compositions


def _keep_all(given: list[Any], find_stored: FindStored) -> list[Any]:
    return [
        keep_secrets(one, find_stored(str(one.get("name"))), f"composition[{index}]")
        if isinstance(one, Mapping)
        else one
        for index, one in enumerate(given)
    ]


def write_settings_file(compositions: Sequence[Composition], with_secrets: bool = True) -> str:
    """TOML, secrets in clear or masked. `read_settings_file` reads it back to equal
    compositions. What the standard plan fixes is left out."""
    data = [_as_file_data(composition) for composition in compositions]
    return tomli_w.dumps({"composition": data if with_secrets else mask_secrets(data)})


def _as_file_data(composition: Composition) -> dict[str, Any]:
    data: dict[str, Any] = {**composition.as_data()}
    if composition.plan == "standard":
        inbound = {"inbound_domains": data["receiving"]["inbound_domains"]}
        data = {
            "name": data["name"],
            "plan": "standard",
            "receiving": inbound,
            "forwarding": data["forwarding"],
            "security": data["security"],
            "event_webhook": data["event_webhook"],
            "inbound_webhook": data["inbound_webhook"],
        }
    if composition.event_webhook == EventWebhook():
        del data["event_webhook"]
    if composition.security == Security():
        del data["security"]
    data["forwarding"] = {side: filters for side, filters in data["forwarding"].items() if filters}
    for key in ("inbound_webhook", "delivery_speed", "forwarding"):
        if not data.get(key, True):  # `inbound_webhook = []` would forbid to add [[composition.inbound_webhook]] below
            del data[key]
    return data


def _decode(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise SettingsError([field_error("file", None, "not_utf8", position=problem.start + 1)]) from None


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\N{BYTE ORDER MARK}"))  # Windows editors put one there
    except tomllib.TOMLDecodeError as problem:
        raise SettingsError([_syntax_error(str(problem), text)]) from None
    except RecursionError:
        raise SettingsError([field_error("file", None, "toml", line=1, column=1, reason="nested too deeply")]) from None


def _syntax_error(told: str, text: str) -> FieldError:
    place = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$", told)
    reason = told[: place.start()] if place else told
    lines = text.splitlines() or [""]
    line, column = (place[1], place[2]) if place and place[1] else (len(lines), len(lines[-1]) + 1)
    given = lines[int(line) - 1].strip() if int(line) <= len(lines) else ""
    key = given.partition("=")[0].strip()
    given = f"{key} = {SECRET_MASK}" if key in SECRET_KEYS else given
    return field_error(f"line {line}", given, "toml", line=line, column=column, reason=reason)


def _unknown_table(key: str, value: object) -> FieldError:
    if difflib.get_close_matches(key.lower(), TOP_KEYS, n=1):
        return field_error(key, value, "unknown_key", suggestion="[[composition]]")
    return field_error(key, value, "unknown_key_plain", allowed="[[composition]]")
