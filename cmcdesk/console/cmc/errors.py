"""How CMC's API says no: `{"errors": [{"code", "field", "message"}]}`, not 2xx, in the language of Accept-Language.

The shape is that of CMC's public clients. The codes are ours, from 90-001 on, since CMC's are not known; their form
(`13-006`) is CMC's. The HTTP statuses are ours too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, jsonify, make_response, request

from cmcdesk.rules.texts import Text, both

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
NOT_HERE = "90-012"

NOT_AUTHORIZED = both("api_user か api_key が正しくありません", "api_user or api_key is wrong")
IS_REQUIRED = both("指定してください", "is required")


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


def refuse_value(field: str, japanese: str, english: str) -> CmcRefused:
    """The exception for one parameter whose value cannot be taken."""
    return CmcRefused(400, [CmcError(BAD_VALUE, field, both(japanese, english))])


def answer_refused(refused: CmcRefused) -> Response:
    """The HTTP answer."""
    language = choose_answer_language()
    errors = [
        {"code": each.code, "field": each.field, "message": tell_message(each, language)} for each in refused.errors
    ]
    answer = make_response(jsonify({"errors": errors}), refused.status)
    answer.headers["Content-Language"] = language
    if refused.status == 405:
        answer.headers["Allow"] = "POST"
    return answer


def tell_message(error: CmcError, language: str) -> str:
    """The message, which names the parameter: clients show it without the field."""
    message = error.message[language]
    if not error.field or error.field in message:
        return message
    return f"{error.field}: {message}" if language == "ja" else f"{error.field} {message}"


def choose_answer_language() -> str:
    """CMC documents `en` and `ja`, anything else is `en`."""
    return request.accept_languages.best_match(("en", "ja"), default="en") or "en"
