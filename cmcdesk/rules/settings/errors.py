"""What is wrong with given settings: every problem at once, by field, in both languages."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cmcdesk.rules.settings.messages import tell_code
from cmcdesk.rules.texts import Text, translate

LONGEST_GIVEN = 100
SECRET_KEYS = frozenset({"api_key", "auth_users", "basic", "bearer"})
SECRET_MASK = "********"


@dataclass(frozen=True)
class FieldError:
    """field: dotted path such as `composition[0].receiving.interval_ms`; given: what stood there, as text (secrets
    masked); message: {"ja", "en"}, saying what is allowed."""

    field: str
    given: str
    message: Text

    def line(self, language: str) -> str:
        """One line for a terminal: field, message, what was given."""
        told = f"{self.field}: {self.message[language]}"
        return told + translate(language, " (given: %(given)s)", given=self.given) if self.given else told


class SettingsError(Exception):
    """Settings that cannot be taken; `errors` holds all that is wrong, in the order of the settings."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(error.line("en") for error in errors))
        self.errors = list(errors)


def field_error(field: str, given: object, code: str, **values: object) -> FieldError:
    """A FieldError with the message of that code."""
    return FieldError(field, show_given(field, given), tell_code(code, **values))


def join_path(path: str, *steps: str | int) -> str:
    """`join_path("receiving", "bounce_domains", 2)` → `receiving.bounce_domains[2]`."""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path


def show_given(field: str, given: object) -> str:
    """What was given, short and on one line; a secret is never shown."""
    if given is None:
        return ""
    if re.sub(r"\[\d+\]$", "", field).rpartition(".")[2] in SECRET_KEYS:
        return SECRET_MASK
    text = given if isinstance(given, str) else json.dumps(_mask(given), ensure_ascii=False, default=str)
    text = re.sub(r"//[^/@]*@", f"//{SECRET_MASK}@", text)  # user and password in a URL
    visible = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return visible if len(visible) <= LONGEST_GIVEN else visible[:LONGEST_GIVEN] + "…"


def _mask(given: object) -> object:
    if isinstance(given, dict):
        return {key: SECRET_MASK if key in SECRET_KEYS else _mask(value) for key, value in given.items()}
    return [_mask(member) for member in given] if isinstance(given, list) else given
