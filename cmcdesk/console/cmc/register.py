"""The paths of CMC's API: `/transaction/[version]/[resource]/[action].[format]`.

They stand outside of the console's cookie, CSRF and Host checks (`guard`): CMC's clients send `Host: api.smtps.jp`,
and every call carries api_user and api_key.

Its description in the form of OpenAPI stands beside the own API in /openapi.json, without its token.
"""

import re
from typing import Any

from flask import Blueprint, Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from cmcdesk.console.cmc.actions import FORMATS, Action, Caller, write_answer
from cmcdesk.console.cmc.block_actions import BLOCK_ACTIONS
from cmcdesk.console.cmc.bounce_search import BOUNCES_LIST
from cmcdesk.console.cmc.calls import (
    BAD_FORMAT,
    FAILED,
    LARGEST_BODY,
    NO_SUCH_ACTION,
    NOT_ALLOWED,
    NOT_AUTHORIZED,
    NOT_HERE,
    POST_ONLY,
    TOO_LARGE,
    WRONG_USER,
    CmcError,
    CmcRefused,
    Parameters,
    check_names,
    choose_answer_language,
    list_errors,
    read_parameters,
)
from cmcdesk.console.cmc.report_actions import REPORT_ACTIONS
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.guard import CMC_BLUEPRINT
from cmcdesk.rules.texts import N_, tell
from cmcdesk.store.desk.api_users import find_api_user
from cmcdesk.store.desk.database import reading

#: Every action of the transaction API.
ACTIONS: dict[str, Action] = {action.path: action for action in (BOUNCES_LIST, *REPORT_ACTIONS, *BLOCK_ACTIONS)}

ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CALL = re.compile(r"v2/([a-z]+/[a-z]+)\.([A-Za-z0-9]+)")
TELLING: dict[int, tuple[str, str]] = {
    413: (TOO_LARGE, N_("the body is too large")),
    404: (
        NO_SUCH_ACTION,
        N_("there is no such action here; there are: %(listed)s"),
    ),
    405: (POST_ONLY, N_("only POST is allowed")),
}
SENDING = re.compile(r"emails/(send|bulk)\.[A-Za-z0-9]+")
NO_SENDING = N_("sending (/api/v2/emails) is not here yet; nothing was sent")
FAULT = N_("could not be done")

cmc = Blueprint(CMC_BLUEPRINT, __name__)

BODIES = ("application/json", "application/x-www-form-urlencoded")


def register_cmc_api(app: Flask) -> None:
    """Add CMC's API to the console."""
    app.register_blueprint(cmc)


@cmc.route("/api/v2/", defaults={"action": ""}, methods=ANY_METHOD, provide_automatic_options=False)
@cmc.route("/api/v2/<path:action>", methods=ANY_METHOD, provide_automatic_options=False)
def send(action: str) -> ResponseReturnValue:
    """CMC's paths for sending (`/api/v2/emails/send.json`): no mail is sent from here, and a client is told so in its
    own terms."""
    raise CmcRefused(501 if SENDING.fullmatch(action) else 404, [CmcError(NOT_HERE, "", tell(NO_SENDING))])


@cmc.route("/transaction/", defaults={"action": ""}, methods=ANY_METHOD, provide_automatic_options=False)
@cmc.route("/transaction/<path:action>", methods=ANY_METHOD, provide_automatic_options=False)
def call_action(action: str) -> ResponseReturnValue:
    """One call: which action, who calls, what is asked."""
    request.max_content_length = LARGEST_BODY
    found, form = find_action(action)
    given = read_parameters(request)
    check_names(given, found.required, found.names)
    return write_answer(found.answer(check_caller(found, given), given), form)


def find_action(called: str) -> tuple[Action, str]:
    """The action of a path and the format of the answer; that it is POSTed. Raises CmcRefused."""
    found = CALL.fullmatch(called)
    if found is None or found[1] not in ACTIONS:
        raise refuse_call(404)
    if found[2] not in FORMATS:
        message = tell("the format %(form)s is not supported; use json or xml", form=found[2])
        raise CmcRefused(404, [CmcError(BAD_FORMAT, "format", message)])
    if request.method != "POST":
        raise refuse_call(405)
    return ACTIONS[found[1]], found[2]


def check_caller(action: Action, given: Parameters) -> Caller:
    """Who calls: that api_user and api_key are those of an API user who may. Raises CmcRefused."""
    with reading(current_services().engine) as session:
        user = find_api_user(session, given["api_user"], given["api_key"])
        if user is None:
            raise CmcRefused(401, [CmcError(WRONG_USER, "api_user", tell(NOT_AUTHORIZED))])
        if not user.http_api or user.role not in action.roles:
            raise CmcRefused(403, [CmcError(NOT_ALLOWED, "api_user", tell("may not call this action"))])
        return Caller.of(user)


def refuse_call(status: int) -> CmcRefused:
    """The exception for a call that is wrong as a whole."""
    code, message = TELLING.get(status, (FAILED, FAULT))
    return CmcRefused(status, [CmcError(code, "", tell(message, listed=", ".join(ACTIONS)))])


@cmc.errorhandler(CmcRefused)
def tell_refused(refused: CmcRefused) -> Response:
    """What this module and its neighbours refuse, in the format of the call."""
    answer = write_answer({"errors": list_errors(refused)}, "xml" if request.path.endswith(".xml") else "json")
    answer.status_code = refused.status
    answer.headers["Content-Language"] = choose_answer_language()
    if refused.status == 405:
        answer.headers["Allow"] = "POST"
    return answer


@cmc.errorhandler(HTTPException)
def tell_failure(error: HTTPException) -> Response:
    """What Flask refuses, and our own faults."""
    return tell_refused(refuse_call(error.code or 500))


def describe_cmc_paths() -> dict[str, Any]:
    """path → its operations, as in `paths` of an OpenAPI document."""
    return {f"/transaction/v2/{action.path}.json": {"post": _describe(action)} for action in ACTIONS.values()}


def _describe(action: Action) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "required": list(action.required),
        "properties": {name: {"type": "string"} for name in action.names},
        "additionalProperties": False,
    }
    return {
        "summary": action.summary,
        "description": "Called as CMC's public clients call api.smtps.jp: api_user and api_key in each call.",
        "tags": ["CMC"],
        "security": [],
        "requestBody": {"required": True, "content": {kind: {"schema": parameters} for kind in BODIES}},
        "responses": {
            "200": _describe_answer("what was found", action.key, action.record),
            "4XX": _describe_answer("what is wrong; message names it", "errors", ("code", "field", "message")),
        },
    }


def _describe_answer(description: str, key: str, names: tuple[str, ...]) -> dict[str, Any]:
    member = {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}
    schema = {"type": "object", "required": [key], "properties": {key: {"type": "array", "items": member}}}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
