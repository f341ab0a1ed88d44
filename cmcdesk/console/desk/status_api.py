"""How the program is, over the API."""

from dataclasses import asdict

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from cmcdesk import __version__
from cmcdesk.console.frame.api_shapes import COMMON, Status, Telemetry
from cmcdesk.console.frame.current import current_services

status = APIBlueprint("api_status", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="status")], abp_responses=COMMON)


@status.get("/status", responses={200: Status})
def get_status() -> Status:
    """The version, the two other processes, and the switches of benches."""
    services = current_services()
    return Status(version=__version__, **services.telemetry(), **asdict(services.flags))


@status.get("/telemetry", responses={200: Telemetry})
def get_telemetry() -> Telemetry:
    """The latest counts of the mail server and the worker."""
    return Telemetry(**current_services().telemetry())
