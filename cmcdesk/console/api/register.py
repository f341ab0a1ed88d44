"""All parts of the API, and its document."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.openapi import OpenAPI

from cmcdesk.console.api.api_users import api_users
from cmcdesk.console.api.bounces import bounces
from cmcdesk.console.api.catcher import catcher
from cmcdesk.console.api.compositions import compositions
from cmcdesk.console.api.deliveries import deliveries
from cmcdesk.console.api.drafts import drafts
from cmcdesk.console.api.mails import mails
from cmcdesk.console.api.refusals import refusals
from cmcdesk.console.api.set_aside import set_aside
from cmcdesk.console.api.shapes import Errors
from cmcdesk.console.api.status import status
from cmcdesk.console.api.webhook_reach import webhook_reach
from cmcdesk.console.cmc.document import describe_cmc_paths

PARTS: tuple[APIBlueprint, ...] = (
    status,
    compositions,
    drafts,
    mails,
    set_aside,
    refusals,
    bounces,
    deliveries,
    catcher,
    api_users,
    webhook_reach,
)


def register_api(app: OpenAPI) -> None:
    """Add /api/v1/… and /openapi.json."""
    for part in PARTS:
        app.register_api(part)
    for path in app.paths.values():
        for operation in (path.get, path.put, path.post, path.delete):
            if operation:
                operation.security = [{"token": []}]

    @app.get("/openapi.json", doc_ui=False)
    def describe_api() -> dict[str, Any]:
        return app.api_doc | {"paths": app.api_doc["paths"] | describe_cmc_paths()}

    app.components_schemas.setdefault("Errors", Errors.model_json_schema())
