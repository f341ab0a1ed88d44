"""Where webhooks may go, over the API: hosts of the own network by name, and a CA file."""

import ssl
from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from cmcdesk.console.frame.api_errors import refuse
from cmcdesk.console.frame.api_shapes import COMMON, Errors, Shape
from cmcdesk.console.frame.current import current_services
from cmcdesk.rules.reach import Reach, check_host
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.webhook_reach import load_reach, save_reach

MOST_HOSTS = 100

webhook_reach = APIBlueprint(
    "api_webhook_reach", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="webhook reach")], abp_responses=COMMON
)


class ReachShape(Shape):
    """Hosts that are no public ones, each by the name or address that stands in endpoint URLs."""

    hosts: list[str] = Field(
        [], max_length=MOST_HOSTS, description="a container's name, a host of the LAN; http:// too"
    )
    ca_file: str = Field("", max_length=4096, description='path of a PEM file with CAs to trust; "": the usual ones')


@webhook_reach.get("/webhook-reach", responses={200: ReachShape})
def get_reach() -> dict[str, Any]:
    """Which hosts beside public ones webhooks may go to, and whose certificates are trusted."""
    with reading(current_services().engine) as session:
        return shape_reach(load_reach(session)).as_json()


@webhook_reach.put("/webhook-reach", responses={200: ReachShape, 422: Errors})
def put_reach(body: ReachShape) -> dict[str, Any]:
    """Replace the list and the CA file; at once, for deliveries that wait too."""
    reach = Reach.of([_check_host(index, text) for index, text in enumerate(body.hosts)], _check_file(body.ca_file))
    keep_reach(reach)
    return shape_reach(reach).as_json()


def keep_reach(reach: Reach) -> None:
    """Save it, and let the worker know."""
    with transaction(current_services().engine) as session:
        save_reach(session, reach)
    current_services().wake_worker()


def shape_reach(reach: Reach) -> ReachShape:
    """As the API gives it."""
    return ReachShape(hosts=sorted(reach.hosts), ca_file=reach.ca_file)


def _check_host(index: int, text: str) -> str:
    try:
        return check_host(text)
    except ValueError as wrong:
        refuse(422, f"hosts[{index}]", text, str(wrong))


def _check_file(path: str) -> str:
    fault = find_ca_fault(path)
    if fault:
        refuse(422, "ca_file", path, f"cannot be used as a CA file: {fault.strerror or fault}")
    return path


def find_ca_fault(path: str) -> OSError | None:
    """Why this file cannot be used as a CA file; None: it can, or none is wanted ("")."""
    if path:
        try:
            ssl.create_default_context(cafile=path)
        except OSError as wrong:  # an SSLError is one
            return wrong
    return None
