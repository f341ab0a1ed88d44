"""What a start begins before the console is imported, and that it is no more than may be begun."""

import gc
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cmcdesk.desk import Desk
from cmcdesk.processes.instance import is_held
from cmcdesk.processes.placing import Placing
from cmcdesk.processes.webserver import PortInUse
from cmcdesk.starting import Begun, DeskOptions, begin_early, making_console

FREE = Placing(receiver_port=0, relay_port=0)
HEAVY = ("sqlalchemy", "flask", "pydantic", "apscheduler", "requests")


def wait_for_mail_server(begun: Begun) -> int:
    begun.supervisor.wait_until_operating(30)
    pid = begun.supervisor.telemetry()["mail_server"]["pid"]
    assert pid
    return pid


@pytest.fixture
def options(tmp_path: Path) -> DeskOptions:
    return DeskOptions(tmp_path, 0, FREE)


@pytest.fixture
def used(options: DeskOptions) -> Iterator[DeskOptions]:
    """A data folder in which cmcdesk has been started once."""
    with Desk(options) as desk:
        desk.start()
    yield options


def test_no_command_that_starts_pays_for_the_console_first() -> None:
    code = f"import sys, cmcdesk.commands.serve; print([name for name in {HEAVY} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_mail_server_comes_up_before_the_console_and_goes_on_with_it(used: DeskOptions) -> None:
    begun = begin_early(used)
    pid = wait_for_mail_server(begun)
    with Desk(used, begun) as desk:
        desk.start()
        assert all(place.receiving for place in desk.placements())
        assert begun.supervisor.telemetry()["mail_server"]["pid"] == pid
    assert begun.supervisor.telemetry()["mail_server"]["state"] == "stopped"


def test_in_a_new_folder_nothing_is_made_by_it(options: DeskOptions) -> None:
    begun = begin_early(options)
    assert begun.supervisor.telemetry()["mail_server"]["state"] == "stopped"
    assert [path.name for path in options.folder.iterdir()] == ["instance.lock"]
    begun.end()


@pytest.mark.parametrize("version", ["9999", "0001"])
def test_a_database_of_another_version_is_not_touched_by_it(used: DeskOptions, version: str) -> None:
    with closing(sqlite3.connect(used.folder / "desk.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        connection.commit()
    begun = begin_early(used)
    assert begun.supervisor.telemetry()["mail_server"]["state"] == "stopped"
    begun.end()


def test_where_the_console_cannot_be_made_nothing_is_left_running(used: DeskOptions) -> None:
    begun = begin_early(used)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse):
        Desk(DeskOptions(used.folder, taken.getsockname()[1], FREE), begun)
    assert begun.supervisor.telemetry()["mail_server"]["state"] == "stopped"
    assert not is_held(used.folder)


def test_the_collector_works_again_once_the_console_is_made_or_failed_to_be() -> None:
    with making_console():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ImportError), making_console():
        raise ImportError
    assert gc.isenabled()
