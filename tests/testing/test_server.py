"""The server of the plugin ends with whoever started it, and says why it did not start."""

import subprocess
import sys
from pathlib import Path

import pytest

from cmcdesk.testing.server import CmcdeskFailed, CmcdeskServer

from ..conftest import WaitFor

STARTER = """
import sys, time
from pathlib import Path
from cmcdesk.testing.server import SETTINGS, CmcdeskServer
server = CmcdeskServer(Path(sys.argv[1]), SETTINGS)
status = server.console.call("GET", "status")
print(server.note["pid"], status["mail_server"]["pid"], status["worker"]["pid"], flush=True)
time.sleep(600)
"""


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_none_is_left_when_pytest_is_killed(tmp_path: Path, wait_for: WaitFor) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER, tmp_path], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        pids = [int(pid) for pid in starter.stdout.readline().split()]
        starter.kill()
    assert len(pids) == 3
    wait_for(lambda: not any(is_running(pid) for pid in pids))


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(CmcdeskFailed, match=r"composition\[0\]"):
        CmcdeskServer(tmp_path, '[[composition]]\nname = "pro"\nsizekb = 1\n')
