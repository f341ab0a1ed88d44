"""The paths of CMC's API: `/transaction/[version]/[resource]/[action].[format]`.

They stand outside of the console's cookie, CSRF and Host checks (`guard`): CMC's clients send `Host: api.smtps.jp`,
and every call carries api_user and api_key. Nothing but reading is done here.

Its description in the form of OpenAPI stands beside the own API in /openapi.json, without its token.
"""

import re
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from cmcdesk.console.cmc.bounce_search import NAMES, REQUIRED_NAMES, ZONE, read_search
from cmcdesk.console.cmc.calls import (
    BAD_FORMAT,
    FAILED,
    LARGEST_BODY,
    NO_SUCH_ACTION,
    NOT_AUTHORIZED,
    NOT_HERE,
    POST_ONLY,
    TOO_LARGE,
    UNKNOWN_COMPOSITION,
    WRONG_USER,
    CmcError,
    CmcRefused,
    Parameters,
    answer_refused,
    check_names,
    read_parameters,
)
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.guard import CMC_BLUEPRINT
from cmcdesk.rules.texts import N_, tell
from cmcdesk.store.desk.api_users import is_api_user
from cmcdesk.store.desk.bounce_lists import list_bounces, write_record
from cmcdesk.store.desk.compositions import list_compositions
from cmcdesk.store.desk.database import reading

ANY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
ACTION = re.compile(r"v2/bounces/list\.([A-Za-z0-9]+)")
TELLING: dict[int, tuple[str, str]] = {
    413: (TOO_LARGE, N_("the body is too large")),
    404: (
        NO_SUCH_ACTION,
        N_("only /transaction/v2/bounces/list.json is here"),
    ),
    405: (POST_ONLY, N_("only POST is allowed")),
}
SENDING = re.compile(r"emails/(send|bulk)\.[A-Za-z0-9]+")
NO_SENDING = N_("sending (/api/v2/emails) is not here yet; nothing was sent")
FAULT = N_("could not be done")

cmc = Blueprint(CMC_BLUEPRINT, __name__)

RECORD = ("created", "status", "from", "to", "messageId", "returnPath", "subject", "apiData", "reason")

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
    check_action(action)
    given = read_parameters(request)
    check_names(given, REQUIRED_NAMES, NAMES)
    check_caller(given)
    return list_found(given)


def check_action(action: str) -> None:
    """That there is such an action, in JSON, and that it is POSTed. Raises CmcRefused."""
    found = ACTION.fullmatch(action)
    if found is None:
        raise refuse_call(404)
    if found[1] != "json":
        message = tell("the format %(form)s is not supported; use json (ours)", form=found[1])
        raise CmcRefused(404, [CmcError(BAD_FORMAT, "format", message)])
    if request.method != "POST":
        raise refuse_call(405)


def check_caller(given: Parameters) -> None:
    """That api_user and api_key are those of an API user. Raises CmcRefused."""
    with reading(current_services().engine) as session:
        if not is_api_user(session, given["api_user"], given["api_key"]):
            raise CmcRefused(401, [CmcError(WRONG_USER, "api_user", tell(NOT_AUTHORIZED))])


def list_found(given: Parameters) -> Response:
    """`{"bounces": […]}`, newest first (ours); an empty list where nothing is found. Raises CmcRefused."""
    search = read_search(given)
    with reading(current_services().engine) as session:
        if all(row.name != search.query.composition for row in list_compositions(session)):
            message = tell("there is no such server composition")
            raise CmcRefused(400, [CmcError(UNKNOWN_COMPOSITION, "server_composition", message)])
        rows = list_bounces(session, search.query, limit=search.limit, skip=search.skip)
        return jsonify({"bounces": [write_record(row, ZONE) for row in rows]})


def refuse_call(status: int) -> CmcRefused:
    """The exception for a call that is wrong as a whole."""
    code, message = TELLING.get(status, (FAILED, FAULT))
    return CmcRefused(status, [CmcError(code, "", tell(message))])


@cmc.errorhandler(CmcRefused)
def tell_refused(refused: CmcRefused) -> Response:
    """What this module and its neighbours refuse."""
    return answer_refused(refused)


@cmc.errorhandler(HTTPException)
def tell_failure(error: HTTPException) -> Response:
    """What Flask refuses, and our own faults."""
    return answer_refused(refuse_call(error.code or 500))


def describe_cmc_paths() -> dict[str, Any]:
    """path → its operations, as in `paths` of an OpenAPI document."""
    return {
        "/transaction/v2/bounces/list.json": {
            "post": {
                "summary": "CMC's own bounces API: list the final bounces, newest first.",
                "description": "Called as CMC's public clients call api.smtps.jp: api_user and api_key in each call.",
                "tags": ["CMC"],
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {kind: {"schema": _describe_parameters()} for kind in BODIES},
                },
                "responses": {
                    "200": _describe_answer("the bounces", "bounces", RECORD),
                    "4XX": _describe_answer("what is wrong; message names it", "errors", ("code", "field", "message")),
                },
            }
        }
    }


def _describe_parameters() -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(REQUIRED_NAMES),
        "properties": {name: {"type": "string"} for name in NAMES},
        "additionalProperties": False,
    }


def _describe_answer(description: str, key: str, names: tuple[str, ...]) -> dict[str, Any]:
    member = {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}
    schema = {"type": "object", "required": [key], "properties": {key: {"type": "array", "items": member}}}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
