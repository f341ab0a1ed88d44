"""The parameters of a call of CMC's API: a form or a JSON object, every value as text."""

import json
from collections.abc import Collection
from typing import Any

from flask import Request

from cmcdesk.console.cmc.errors import (
    BAD_BODY,
    IS_REQUIRED,
    REQUIRED,
    UNKNOWN_PARAMETER,
    CmcError,
    CmcRefused,
    refuse_value,
)
from cmcdesk.rules.texts import both

LARGEST_BODY = 65536  # octets; ours
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

Parameters = dict[str, str]


def read_parameters(asked: Request) -> Parameters:
    """Name → text; a parameter that is left empty or null is not there. An object (search_option) becomes JSON text, as
    it is in a form. Raises CmcRefused."""
    if asked.is_json:
        return _read_json(asked.get_data())
    if asked.mimetype and asked.mimetype not in FORM_TYPES:
        message = both(
            "Content-Type は application/json か application/x-www-form-urlencoded にしてください",
            "Content-Type must be application/json or application/x-www-form-urlencoded",
        )
        raise CmcRefused(415, [CmcError(BAD_BODY, "", message)])
    return {name: text for name, text in asked.form.items() if text}


def check_names(given: Parameters, required: Collection[str], allowed: Collection[str]) -> None:
    """That all required parameters are there and no other than the allowed ones. Raises CmcRefused with all errors."""
    errors = [CmcError(REQUIRED, name, IS_REQUIRED) for name in required if name not in given]
    listed = ", ".join(allowed)
    unknown = both(f"このパラメータはありません。指定できるもの: {listed}", f"no such parameter; allowed: {listed}")
    errors += [CmcError(UNKNOWN_PARAMETER, name[:64], unknown) for name in given if name not in allowed]
    if errors:
        raise CmcRefused(400, errors)


def read_integer(given: Parameters, name: str, lowest: int, highest: int, default: int) -> int:
    """A whole number within limits. Raises CmcRefused."""
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and lowest <= int(text) <= highest):
        raise refuse_value(
            name,
            f"{lowest} から {highest} までの整数を指定してください",
            f"must be a whole number from {lowest} to {highest}",
        )
    return int(text)


def _read_json(octets: bytes) -> Parameters:
    try:
        content = json.loads(octets)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        message = both("本文を JSON オブジェクトとして読めません", "the body cannot be read as a JSON object")
        raise CmcRefused(400, [CmcError(BAD_BODY, "", message)])
    return {name: text for name, value in content.items() if (text := _write_text(name, value))}


def _write_text(name: str, value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, dict | list):
        return json.dumps(value) if value else ""  # PHP writes an empty object as []
    raise refuse_value(name[:64], "文字列か整数を指定してください", "must be a string or a whole number")
