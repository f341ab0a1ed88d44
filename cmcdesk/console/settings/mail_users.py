"""Users of SMTP AUTH on the page: a name and a password field each. What is kept of a password stays on the server."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from cmcdesk.rules.passwords import is_hashed

PATH = "security.auth_users"
_FIELD = re.compile(re.escape(PATH) + r"\[(\d+)\]\.(user|password)")


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
