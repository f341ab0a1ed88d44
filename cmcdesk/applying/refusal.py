"""Why nothing was applied."""

from collections.abc import Mapping, Sequence
from typing import Any

from cmcdesk.processes.placing import say_what_mends
from cmcdesk.rules.settings import FieldError
from cmcdesk.rules.texts import both


class ApplyRefused(Exception):
    """Nothing was applied; everything is as it was. `errors`: list[FieldError]."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(error.line("en") for error in errors))
        self.errors = list(errors)


def read_refusal(error: Mapping[str, Any]) -> FieldError:
    """One error of the mail server's answer: {"composition", "field", "message"}, and "fault" of a place."""
    where = ".".join(str(error[key]) for key in ("composition", "field") if error.get(key))
    if error.get("fault"):
        return FieldError(where, "", say_what_mends(error))
    text = str(error.get("message", ""))
    return tell(where or "mail_server", text, text)


def tell(where: str, japanese: str, english: str) -> FieldError:
    """An error that is of no single value."""
    return FieldError(where, "", both(japanese, english))
