"""What a person asked for and cannot have: errors by field in the language of the request."""

from collections.abc import Iterable
from dataclasses import dataclass

from cmcdesk.console.language import pick_text
from cmcdesk.rules.settings import FieldError


@dataclass(frozen=True)
class Told:
    """One error as the page shows it: field is a form field's name, "" for none."""

    field: str
    given: str
    message: str


class Refused(Exception):
    """Nothing changed; `errors` say why."""

    def __init__(self, errors: Iterable[Told]) -> None:
        self.errors = list(errors)
        super().__init__("; ".join(f"{each.field}: {each.message}" for each in self.errors))


def tell_errors(errors: Iterable[FieldError]) -> list[Told]:
    """Errors of settings in the language of this request."""
    return [Told(each.field, str(each.given), pick_text(each.message)) for each in errors]
