"""CMC's bounces API in the form of OpenAPI: it stands beside the own API in /openapi.json, without its token."""

from typing import Any

from cmcdesk.console.cmc.bounce_search import NAMES, REQUIRED_NAMES

RECORD = ("created", "status", "from", "to", "messageId", "returnPath", "subject", "apiData", "reason")


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


BODIES = ("application/json", "application/x-www-form-urlencoded")


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
