"""A call of CMC's API: its parameters, a form or a JSON object, every value as text; and how that API says no.

It says `{"errors": [{"code", "field", "message"}]}`, not 2xx, in the language of Accept-Language.

The shape is that of CMC's public clients. The codes are ours, from 90-001 on, since CMC's are not known; their form
(`13-006`) is CMC's. The HTTP statuses are ours too.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Request, request

from cmcdesk.rules.texts import N_, Text, list_languages, tell, translate

WRONG_USER = "90-001"
REQUIRED = "90-002"
UNKNOWN_PARAMETER = "90-003"
BAD_VALUE = "90-004"
UNKNOWN_COMPOSITION = "90-005"
BAD_BODY = "90-006"
BAD_FORMAT = "90-007"
NO_SUCH_ACTION = "90-008"
POST_ONLY = "90-009"
TOO_LARGE = "90-010"
FAILED = "90-011"
NOT_ALLOWED = "90-013"
TOO_MANY = "90-014"
RELAY_REFUSED = "90-015"
NOT_REACHED = "90-016"
ADDRESS_REFUSED = "90-017"

NOT_AUTHORIZED = N_("api_user or api_key is wrong")
IS_REQUIRED = N_("is required")

LARGEST_BODY = 65536  # octets; ours
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class CmcError:
    """One error; field: the parameter's name, "" for none."""

    code: str
    field: str
    message: Text


class CmcRefused(Exception):
    """status: HTTP."""

    def __init__(self, status: int, errors: Sequence[CmcError]) -> None:
        super().__init__("; ".join(f"{each.code} {each.field}: {each.message['en']}" for each in errors))
        self.status, self.errors = status, list(errors)


def refuse_value(field: str, message: Text) -> CmcRefused:
    """The exception for one parameter whose value cannot be taken."""
    return CmcRefused(400, [CmcError(BAD_VALUE, field, message)])


def list_errors(refused: CmcRefused) -> list[dict[str, str]]:
    """`errors` of the answer, in the language that was asked for."""
    language = choose_answer_language()
    return [
        {"code": each.code, "field": each.field, "message": tell_message(each, language)} for each in refused.errors
    ]


def tell_message(error: CmcError, language: str) -> str:
    """The message, which names the parameter: clients show it without the field."""
    message = error.message[language]
    if not error.field or error.code == WRONG_USER:  # whose words name both parameters
        return message
    return translate(language, N_("%(field)s %(message)s"), field=error.field, message=message)


def choose_answer_language() -> str:
    """CMC documents `en` and `ja`; what has no catalogue is `en`."""
    return request.accept_languages.best_match(list_languages(), default="en") or "en"


Parameters = dict[str, str]


def read_parameters(asked: Request) -> Parameters:
    """Name → text; a parameter that is left empty or null is not there. An object (search_option) becomes JSON text, as
    it is in a form. Raises CmcRefused."""
    if asked.is_json:
        return _read_json(asked.get_data())
    if asked.mimetype and asked.mimetype not in FORM_TYPES:
        message = tell("Content-Type must be application/json or application/x-www-form-urlencoded")
        raise CmcRefused(415, [CmcError(BAD_BODY, "", message)])
    return {name: text for name, text in asked.form.items() if text}


def check_names(given: Parameters, required: Collection[str], allowed: Collection[str]) -> None:
    """That all required parameters are there and no other than the allowed ones. Raises CmcRefused with all errors."""
    errors = [CmcError(REQUIRED, name, tell(IS_REQUIRED)) for name in required if name not in given]
    listed = ", ".join(allowed)
    unknown = tell("no such parameter; allowed: %(listed)s", listed=listed)
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
            tell("must be a whole number from %(lowest)s to %(highest)s", lowest=lowest, highest=highest),
        )
    return int(text)


def _read_json(octets: bytes) -> Parameters:
    try:
        content = json.loads(octets)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        message = tell("the body cannot be read as a JSON object")
        raise CmcRefused(400, [CmcError(BAD_BODY, "", message)])
    return {name: text for name, value in content.items() if (text := _write_text(name, value))}


def _write_text(name: str, value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int):
        return str(value).lower()  # true and false too, as a form has them
    if isinstance(value, dict | list):
        return json.dumps(value) if value else ""  # PHP writes an empty object as []
    raise refuse_value(name[:64], tell("must be a string or a whole number"))
