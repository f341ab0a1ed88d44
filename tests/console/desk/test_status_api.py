"""GET status and telemetry."""

from collections.abc import Callable
from typing import Any

from cmcdesk import __version__

from ..conftest import Console


def test_status_tells_version_processes_and_switches(console: Console) -> None:
    status = console.api("status").json
    assert status["version"] == __version__
    assert status["mail_server"]["state"] == "operating" and status["mail_server"]["pid"] > 0
    assert status["worker"]["pid"] != status["mail_server"]["pid"]
    assert (status["without_interval"], status["without_dispatch"]) == (False, False)


def test_telemetry_counts_by_composition(console: Console, wait_for: Callable[..., Any]) -> None:
    wait_for(lambda: "compositions" in console.api("telemetry").json["mail_server"])  # the first tick
    telemetry = console.api("telemetry").json
    assert set(telemetry) == {"mail_server", "worker"}
    assert telemetry["mail_server"]["compositions"]["pro"]["limit"] == 10
