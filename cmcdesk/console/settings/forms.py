"""Settings as form fields and back: what was typed stays as it was typed, whatever is wrong with it. Of a password of a
user of SMTP AUTH only what is kept of it stays, on the server.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from flask import current_app, has_request_context, request
from werkzeug.datastructures import MultiDict

from cmcdesk.console.frame.trouble import Told
from cmcdesk.rules.passwords import is_hashed
from cmcdesk.rules.settings import EventWebhook, Forwarding, Security, Setting, describe, describe_path, mask_secrets
from cmcdesk.rules.settings.errors import SECRET_MASK
from cmcdesk.rules.settings.plans import fill_defaults, list_fixed

Fields = dict[str, str]

PATH = "security.auth_users"
_FIELD = re.compile(re.escape(PATH) + r"\[(\d+)\]\.(user|password)")


@dataclass(frozen=True)
class Form:
    """Field name (a setting's path) → text, the errors, and the paths that the plan locks."""

    values: Fields
    errors: list[Told] = field(default_factory=list)
    locked: frozenset[str] = frozenset()

    def value(self, path: str) -> str:
        """What the field holds."""
        return self.values.get(path, "")

    def errors_of(self, path: str) -> list[Told]:
        """Errors of this field and, for lists, of its members."""
        return [each for each in self.errors if each.field == path or each.field.startswith(f"{path}[")]

    def wrong_lines(self, path: str) -> list[int]:
        """Which members of a list are wrong, from 0."""
        inside = [each.field[len(path) + 1 :] for each in self.errors if each.field.startswith(f"{path}[")]
        return [int(text.partition("]")[0]) for text in inside]

    def count_rows(self, path: str) -> int:
        """How many members a list of tables has."""
        found = (re.match(re.escape(path) + r"\[(\d+)\]", name) for name in self.values)
        return 1 + max((int(one[1]) for one in found if one), default=-1)

    def other_errors(self, shown: Iterable[str]) -> list[Told]:
        """Errors of fields that are not on this screen."""
        known = {id(each) for path in shown for each in self.errors_of(path)}
        return [each for each in self.errors if id(each) not in known]

    def has_masked(self, paths: Iterable[str]) -> bool:
        """Whether one of these fields holds a mask in place of a secret."""
        return any(self.value(path) == SECRET_MASK for path in paths)

    def setting(self, path: str) -> Setting:
        """The setting's label, help and limits."""
        found = describe_path(path)
        assert found is not None, path
        return found

    def is_locked(self, path: str) -> bool:
        """Whether the plan fixes this setting."""
        return path in self.locked


def fill_form(settings: Mapping[str, Any]) -> Form:
    """A form that shows saved settings, secrets masked unless the page was asked to show them."""
    return Form(show_settings(settings), locked=list_locked(settings))


def refill_form(
    given: MultiDict[str, str], settings: Mapping[str, Any], errors: list[Told], lists: Mapping[str, Any] | None = None
) -> Form:
    """A form that shows what was typed, with what is wrong about it. lists: path → the members of a list of tables as
    they were read, which stand in place of the saved ones and without gaps, as the errors count them."""
    typed = {name: given.getlist(name)[-1] for name in given}
    values = show_settings(settings) | typed
    for path, members in (lists or {}).items():
        values = {name: text for name, text in values.items() if not name.startswith(f"{path}[")}
        values |= flatten_data(members, path)
    return Form(values, errors, list_locked(settings))


def show_settings(settings: Mapping[str, Any]) -> Fields:
    """Settings as fields; secrets masked unless `?secrets=show` says that they are wanted."""
    complete = _complete(settings)
    is_asked = has_request_context() and request.args.get("secrets") == "show"
    return flatten_data(complete if is_asked else mask_secrets(complete))


def flatten_data(data: Any, path: str = "") -> Fields:
    """Data as form fields, as they are."""
    return dict(_flatten(data, path))


def _complete(settings: Mapping[str, Any]) -> dict[str, Any]:
    """With the defaults of tables that an older program did not save."""
    later = {"event_webhook": EventWebhook(), "security": Security(), "forwarding": Forwarding()}
    return {name: table.model_dump(mode="json") for name, table in later.items()} | fill_defaults(settings)


def list_locked(settings: Mapping[str, Any]) -> frozenset[str]:
    """Paths that the standard plan fixes; none on Pro."""
    if settings["plan"] != "standard":
        return frozenset()
    return frozenset(path for path, _value in list_fixed(settings["name"]))


def merge_settings(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with what one screen holds; lists are replaced whole."""
    merged = dict(base)
    for key, value in given.items():
        inside = base.get(key)
        merged[key] = merge_settings(inside, value) if isinstance(value, dict) and isinstance(inside, dict) else value
    return merged


def pick_settings(settings: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The values at those dotted paths, None where there is none: what one screen is about."""
    flat = _complete(settings)
    return {path: _look_up(flat, path) for path in paths}


def mark_seen(value: Any) -> str:
    """A mark of what a form was opened with; it goes along and says at the save whether that still stands.

    Keyed, so that a page tells nothing of a secret that it does not show."""
    text = json.dumps(value, sort_keys=True).encode()
    return hmac.new(bytes(current_app.secret_key or b""), text, hashlib.sha256).hexdigest()[:20]  # type: ignore[arg-type]


def take_lists(given: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Path → members, of those lists of tables that a form holds. Rows into which nothing was typed are dropped there
    too: choices and numbers have values from the first."""
    found = {}
    for path in paths:
        *tables, key = path.split(".")
        place = reduce(lambda inside, table: inside.get(table, {}), tables, given)
        texts = [one.path.removeprefix(f"{path}[].") for one in describe() if one.kind in ("text", "lines")]
        if isinstance(place.get(key), list):
            place[key] = found[path] = [row for row in place[key] if any(row.get(text) for text in texts)]
    return found


def list_setting_fields(given: MultiDict[str, str]) -> list[tuple[str, str]]:
    """The form fields that are settings (the others are the form's own: version, next, csrf_token)."""
    return [(name, text) for name, text in given.items(multi=True) if describe_path(name) is not None]


def _look_up(data: Any, path: str) -> Any:
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _flatten(value: Any, path: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from _flatten(inside, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, inside in enumerate(value):
            yield from _flatten(inside, f"{path}[{index}]")
    elif isinstance(value, list):
        yield path, "\n".join(map(str, value))
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    else:
        yield path, "" if value is None else str(value)


@dataclass(frozen=True)
class UserRow:
    """One line of the form. password: as it was typed; is_kept: one is stored, which an empty field keeps."""

    user: str
    password: str
    is_kept: bool


def list_user_rows(values: Mapping[str, str], stored: Sequence[str]) -> list[UserRow]:
    """The lines of a form: as typed where something was, else who is stored. stored: `user:$scrypt$…` each."""
    typed = _pair(values.items())
    if not typed and PATH in values:
        typed = [_split(line) for line in values[PATH].splitlines() if line.strip()]
    known = dict(map(_split, stored))
    return [UserRow(user, "" if is_hashed(password) else password, user in known) for user, password in typed]


def read_user_rows(given: MultiDict[str, str], stored: Sequence[str]) -> list[str]:
    """`user:password` of each line; with an empty password what is stored for that user."""
    known = dict(map(_split, stored))
    return [f"{user}:{password or known.get(user, '')}" for user, password in _pair(given.items())]


def _pair(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(user, password) of each line in which something stands, in their order."""
    lines: dict[int, dict[str, str]] = {}
    for name, text in fields:
        if found := _FIELD.fullmatch(name):
            lines.setdefault(int(found[1]), {})[found[2]] = text
    pairs = [(line.get("user", "").strip(), line.get("password", "")) for _, line in sorted(lines.items())]
    return [pair for pair in pairs if any(pair)]


def _split(line: str) -> tuple[str, str]:
    user, _, password = line.partition(":")
    return user, password
