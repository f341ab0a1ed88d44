"""How the program is, over the API."""

from dataclasses import asdict

from cmcdesk import __version__
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Status, Telemetry
from cmcdesk.console.frame.current import current_services

status = ApiPart("api_status", __name__, "status")


@status.get("/status", responses={200: Status})
def get_status() -> Status:
    """The version, the two other processes, and the switches of benches."""
    services = current_services()
    return Status(version=__version__, **services.telemetry(), **asdict(services.flags))


@status.get("/telemetry", responses={200: Telemetry})
def get_telemetry() -> Telemetry:
    """The latest counts of the mail server and the worker."""
    return Telemetry(**current_services().telemetry())
