"""The forms in which a call of CMC's send API comes: JSON, a form, a form with files; objects and lists in it as they
are, as JSON text, or as Ruby writes a hash. What each public client sends: docs/api-of-cmc.md.
"""

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Request

from cmcdesk.console.cmc.calls import BAD_BODY, FORM_TYPES, CmcError, CmcRefused
from cmcdesk.console.cmc.email_message import Attached
from cmcdesk.rules.texts import tell

Fields = Mapping[str, object]

_UPLOAD = re.compile(r"attachment([1-9][0-9]?)")
_NESTED = re.compile(r"(\w+)\[(\w+)\]")
# `{:address=>"a@x", "name"=>nil}` and, from Ruby 3.4 on, `{address: "a@x"}`
_RUBY_PAIR = re.compile(r'\s*(?::?"?(\w+)"?\s*=>|(\w+):)\s*("(?:[^"\\]|\\.)*"|nil|\d+)\s*(,|$)', re.DOTALL)


def read_uploads(asked: Request) -> dict[int, Attached]:
    """The files attachment1 … by their number."""
    return {
        int(found[1]): Attached(file.filename or name, file.mimetype, file.read())
        for name, file in asked.files.items()
        if (found := _UPLOAD.fullmatch(name))
    }


def as_text(value: object) -> str | None:
    """A text, or a number as text; "" for null; None for anything else, or for half a surrogate pair."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    is_text = isinstance(value, str) and not any("\ud800" <= each <= "\udfff" for each in value)
    return value if is_text and isinstance(value, str) else None


def unpack(text: str) -> Any:
    """What a text holds: JSON, else a hash as Ruby writes it; None: neither."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _unpack_hash(text.strip())


def _unpack_hash(text: str) -> dict[str, str | None] | None:
    if not (text.startswith("{") and text.endswith("}")):
        return None
    found: dict[str, str | None] = {}
    at, inner = 0, text[1:-1].strip()
    while at < len(inner):
        pair = _RUBY_PAIR.match(inner, at)
        if pair is None:
            return None
        found[pair[1] or pair[2]] = _unquote(pair[3])
        at = pair.end()
    return found


def _unquote(literal: str) -> str | None:
    """A Ruby string, whose escapes are Python's but for `\\#`, `\\e` and `\\u{…}`."""
    if literal == "nil":
        return None
    if not literal.startswith('"'):
        return literal
    python = literal.replace("\\#", "#").replace("\\e", "\\x1b")
    try:
        return str(ast.literal_eval(re.sub(r"\\u\{([0-9A-Fa-f]{1,6})\}", lambda found: chr(int(found[1], 16)), python)))
    except (ValueError, SyntaxError):
        return literal.strip('"')


def read_body(asked: Request) -> dict[str, object]:
    """The parameters of JSON or a form; of a form, `replyto[address]` and the like as an object."""
    if asked.is_json:
        try:
            content = json.loads(asked.get_data())
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise CmcRefused(400, [CmcError(BAD_BODY, "", tell("the body cannot be read as a JSON object"))])
        return content
    if asked.mimetype and asked.mimetype not in FORM_TYPES:
        message = tell(
            "Content-Type must be application/json, application/x-www-form-urlencoded or multipart/form-data"
        )
        raise CmcRefused(415, [CmcError(BAD_BODY, "", message)])
    fields: dict[str, object] = {name: "" for name in asked.files if not _UPLOAD.fullmatch(name)}
    for name, text in asked.form.items():
        nested = _NESTED.fullmatch(name)
        if nested is None:
            fields[name] = text
            continue
        within = fields.setdefault(nested[1], {})
        if isinstance(within, dict):
            within[nested[2]] = text
    return fields
