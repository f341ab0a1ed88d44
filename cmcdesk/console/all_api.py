"""All parts of the API, and its document."""

from typing import Any

from cmcdesk.console.audit.audit_api import audit_api
from cmcdesk.console.bounces.bounces_api import bounces
from cmcdesk.console.catcher.catcher_api import catcher
from cmcdesk.console.cmc.api_users_views import api_users
from cmcdesk.console.cmc.register import describe_cmc_paths
from cmcdesk.console.compositions.compositions_api import compositions
from cmcdesk.console.compositions.drafts_api import drafts
from cmcdesk.console.desk.connected_ips import connected_ips
from cmcdesk.console.desk.status_api import status
from cmcdesk.console.frame.api_part import ApiApp, ApiPart
from cmcdesk.console.journey.journey_views import journey_api
from cmcdesk.console.mails.mails_api import mails, refusals
from cmcdesk.console.mails.set_aside_views import set_aside
from cmcdesk.console.outbound.outbound_views import outbound
from cmcdesk.console.suppression.suppression_api import suppression
from cmcdesk.console.webhook.deliveries_api import deliveries
from cmcdesk.console.webhook.reach_views import webhook_reach
from cmcdesk.console.world.world_api import world

PARTS: tuple[ApiPart, ...] = (
    status,
    compositions,
    drafts,
    mails,
    set_aside,
    refusals,
    bounces,
    deliveries,
    outbound,
    catcher,
    api_users,
    connected_ips,
    webhook_reach,
    world,
    journey_api,
    suppression,
    audit_api,
)


def register_api(app: ApiApp) -> None:
    """Add /api/v1/… and /openapi.json."""
    for part in PARTS:
        app.add_part(part)

    @app.get("/openapi.json", doc_ui=False)
    def describe_api() -> dict[str, Any]:
        return app.api_doc | {"paths": app.api_doc["paths"] | describe_cmc_paths()}
