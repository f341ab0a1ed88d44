"""The set of an apply as the mail server uses it: settings compiled, certificates made, before anything is touched."""

from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import regex

from cmcdesk.mail.mime.words import decode_field
from cmcdesk.mailserver.control import Command
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.rules.settings import Composition, SettingsError, check_composition

Certify = Callable[[Composition, str], SSLContext | None]  # the composition, the host it listens on


@dataclass(frozen=True, slots=True)
class Placed:
    """One composition of an apply: its settings, compiled, and where it listens."""

    live: LiveSettings
    host: str
    port: int


class RefusedSet(Exception):
    """An apply that is refused whole. errors: [{"composition", "field", "message"}]."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def read_set(command: Command, has_interval: bool, certify: Certify) -> list[Placed]:
    """The whole new set. Raises Refused with the errors of all; takes its time where a certificate is made."""
    placed: list[Placed] = []
    errors: list[dict[str, Any]] = []
    for entry in command.get("compositions") or []:
        name = ""
        try:
            name = str(entry["settings"]["name"])
            placed.append(_read_entry(entry, has_interval, certify))
        except SettingsError as error:
            errors += [{"composition": name, "field": one.field, "message": one.message["en"]} for one in error.errors]
        except (AttributeError, KeyError, TypeError, ValueError, OSError, regex.error) as error:
            errors.append({"composition": name, "field": "", "message": repr(error)})
    if errors:
        raise RefusedSet(errors)
    return placed


def _read_entry(entry: dict[str, Any], has_interval: bool, certify: Certify) -> Placed:
    composition, host = check_composition(entry["settings"]), str(entry["host"])
    context = certify(composition, host)
    live = LiveSettings.of(composition, int(entry["revision"]), decode_field, has_interval, context)
    return Placed(live, host, int(entry["port"]))


def tell_problem(field: str, message: str) -> dict[str, str]:
    """An error of no composition."""
    return {"composition": "", "field": field, "message": message}
