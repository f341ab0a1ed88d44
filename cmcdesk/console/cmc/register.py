"""The paths of CMC's API: `/transaction/[version]/[resource]/[action].[format]`.

They stand outside of the console's cookie, CSRF and Host checks (`guard`): CMC's clients send `Host: api.smtps.jp`,
and every call carries api_user and api_key.

Its description in the form of OpenAPI stands beside the own API in /openapi.json, without its token.
"""

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from cmcdesk.console.cmc.actions import FORMATS, Action, Caller, write_answer
from cmcdesk.console.cmc.audit_logs import AUDIT_ACTIONS
from cmcdesk.console.cmc.block_actions import BLOCK_ACTIONS
from cmcdesk.console.cmc.bounce_search import BOUNCES_LIST
from cmcdesk.console.cmc.calls import (
    ADDRESS_REFUSED,
    BAD_FORMAT,
    FAILED,
    LARGEST_BODY,
    NO_SUCH_ACTION,
    NOT_ALLOWED,
    NOT_AUTHORIZED,
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
from cmcdesk.console.cmc.email_request import NAMES as SEND_NAMES
from cmcdesk.console.cmc.email_request import REQUIRED_NAMES as SEND_REQUIRES
from cmcdesk.console.cmc.emails import OpenCalls, send_emails
from cmcdesk.console.cmc.report_actions import REPORT_ACTIONS
from cmcdesk.console.desk.connected_ips import IpTarget, is_let_in, load_ips
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.guard import CMC_BLUEPRINT
from cmcdesk.rules.texts import N_, tell
from cmcdesk.store.desk.api_users import find_api_user
from cmcdesk.store.desk.audit import act_as
from cmcdesk.store.desk.database import reading

#: Every action of the transaction API.
ACTIONS: dict[str, Action] = {
    action.path: action for action in (BOUNCES_LIST, *REPORT_ACTIONS, *BLOCK_ACTIONS, *AUDIT_ACTIONS)
}

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
SENDS = {"send": "CMC's own send API: one mail.", "bulk": "CMC's own send API: a mail to each recipient."}
SENDING = re.compile(r"(send|bulk)(?:\.([A-Za-z0-9]+))?")
NO_SENDING = N_("there is no such action here; there are: emails/send, emails/bulk")
FAULT = N_("could not be done")

cmc = Blueprint(CMC_BLUEPRINT, __name__)

BODIES = ("application/json", "application/x-www-form-urlencoded")


def register_cmc_api(app: Flask) -> None:
    """Add CMC's API to the console."""
    app.extensions["cmc_open_calls"] = OpenCalls()
    app.register_blueprint(cmc)


@cmc.route("/api/v1/emails/<path:action>", methods=ANY_METHOD, provide_automatic_options=False)
@cmc.route("/api/v2/", defaults={"action": ""}, methods=ANY_METHOD, provide_automatic_options=False)
@cmc.route("/api/v2/emails/<path:action>", methods=ANY_METHOD, provide_automatic_options=False)
@cmc.route("/api/v2/<path:action>", methods=ANY_METHOD, provide_automatic_options=False)
def send(action: str) -> ResponseReturnValue:
    """`/api/v2/emails/send.json` and the like, and the same under v1."""
    found = SENDING.fullmatch(action)
    if found is None or "/emails/" not in request.path:
        raise CmcRefused(404, [CmcError(NO_SUCH_ACTION, "", tell(NO_SENDING))])
    _check_call(found[2] or "json", ("json",))
    check_registered("sending")
    return jsonify({"id": send_emails(found[1])})


@cmc.route("/transaction/", defaults={"action": ""}, methods=ANY_METHOD, provide_automatic_options=False)
@cmc.route("/transaction/<path:action>", methods=ANY_METHOD, provide_automatic_options=False)
def call_action(action: str) -> ResponseReturnValue:
    """One call: which action, who calls, what is asked."""
    request.max_content_length = LARGEST_BODY
    found, form = find_action(action)
    check_registered("transaction")
    given = read_parameters(request)
    check_names(given, found.required, found.names)
    return write_answer(found.answer(check_caller(found, given), given), form)


def find_action(called: str) -> tuple[Action, str]:
    """The action of a path and the format of the answer; that it is POSTed. Raises CmcRefused."""
    found = CALL.fullmatch(called)
    if found is None or found[1] not in ACTIONS:
        raise refuse_call(404)
    _check_call(found[2], FORMATS)
    return ACTIONS[found[1]], found[2]


def _check_call(form: str, forms: Sequence[str]) -> None:
    """That there is an answer in this format, and that the call is POSTed. Raises CmcRefused."""
    if form not in forms:
        message = tell("the format %(form)s is not supported; use %(listed)s", form=form, listed=", ".join(forms))
        raise CmcRefused(404, [CmcError(BAD_FORMAT, "format", message)])
    if request.method != "POST":
        raise refuse_call(405)


def check_registered(target: IpTarget) -> None:
    """That the caller's address may connect there (接続IP設定). Raises CmcRefused."""
    if not is_let_in(load_ips(current_services().engine), request.remote_addr, target):
        message = tell("the address %(peer)s is not registered", peer=request.remote_addr)
        raise CmcRefused(403, [CmcError(ADDRESS_REFUSED, "", message)])


def check_caller(action: Action, given: Parameters) -> Caller:
    """Who calls: that api_user and api_key are those of an API user who may. Raises CmcRefused."""
    with reading(current_services().engine) as session:
        user = find_api_user(session, given["api_user"], given["api_key"])
        if user is None:
            raise CmcRefused(401, [CmcError(WRONG_USER, "api_user", tell(NOT_AUTHORIZED))])
        if not user.http_api or user.role not in action.roles:
            unticked = tell("has no HTTP-API ticked, which this API needs")
            why = tell("may not call this action") if user.http_api else unticked
            raise CmcRefused(403, [CmcError(NOT_ALLOWED, "api_user", why)])
        act_as(user.api_user)
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
    paths = {f"/transaction/v2/{action.path}.json": {"post": _describe(action)} for action in ACTIONS.values()}
    return paths | {f"/api/v2/emails/{name}.json": {"post": _describe_sending(told)} for name, told in SENDS.items()}


def _describe(action: Action) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "required": list(action.required),
        "properties": {name: {"type": "string"} for name in action.names},
        "additionalProperties": False,
    }
    return _describe_call(action.summary, parameters, _describe_answer("what was found", action.key, action.record))


def _describe_sending(summary: str) -> dict[str, Any]:
    text = {"type": "string"}
    address = {"type": "object", "required": ["address"], "properties": {"address": text, "name": text}}
    address_or_text = {"oneOf": [text, address]}
    kinds = {"to": {"type": "array", "items": address_or_text, "minItems": 1}, "headers": {"type": "object"}}
    kinds |= {"from": address_or_text, "replyto": address_or_text, "cc": kinds["to"], "bcc": kinds["to"]}
    parameters = {
        "type": "object",
        "required": list(SEND_REQUIRES),
        "properties": {name: kinds.get(name, text) for name in SEND_NAMES},
        "additionalProperties": False,
    }
    sent = {"type": "object", "required": ["id"], "properties": {"id": text}}
    answer = {"description": "its Message-ID", "content": {"application/json": {"schema": sent}}}
    return _describe_call(summary, parameters, answer)


def _describe_call(summary: str, parameters: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary,
        "description": "Called as CMC's public clients call it: api_user and api_key in each call.",
        "tags": ["CMC"],
        "security": [],
        "requestBody": {"required": True, "content": {kind: {"schema": parameters} for kind in BODIES}},
        "responses": {
            "200": answer,
            "4XX": _describe_answer("what is wrong; message names it", "errors", ("code", "field", "message")),
        },
    }


def _describe_answer(description: str, key: str, names: tuple[str, ...]) -> dict[str, Any]:
    member = {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}
    schema = {"type": "object", "required": [key], "properties": {key: {"type": "array", "items": member}}}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
