"""Who holds a port."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cmcdesk.processes import port_holder as holder
from cmcdesk.processes.port_holder import Holder, find_holder

LISTEN = """
import socket, sys
with socket.create_server((sys.argv[1], 0), family=getattr(socket, sys.argv[2])) as listener:
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()
"""


def test_a_free_port_is_held_by_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert find_holder("127.0.0.1", port) is None


def test_this_process_is_found_by_itself() -> None:
    with socket.create_server(("127.0.0.3", 0)) as listener:
        port = listener.getsockname()[1]
        held = find_holder("127.0.0.3", port)
        assert held is not None and (held.pid, held.user) == (os.getpid(), os.getuid())
        assert find_holder("127.0.0.4", port) is None


@pytest.mark.parametrize(
    ("bound", "family", "asked"),
    [("127.0.0.1", "AF_INET", "127.0.0.1"), ("0.0.0.0", "AF_INET", "127.0.0.9"), ("::1", "AF_INET6", "::1")],
)
def test_another_program_is_named_and_its_arguments_are_not(
    tmp_path: Path, bound: str, family: str, asked: str
) -> None:
    script = tmp_path / "stealer.py"
    script.write_text(LISTEN)
    command = [sys.executable, "-u", str(script), bound, family, "--password=secret"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        held = find_holder(asked, int(other.stdout.readline()))
        assert held == Holder("stealer.py", other.pid, os.getuid())
        assert str(held) == f"stealer.py, pid {other.pid}"
        other.communicate(b"")


def test_a_process_that_this_user_may_not_look_into_is_told_by_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other users' descriptors cannot be read: the table of sockets still names the user."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        (tmp_path / "net").mkdir()
        (tmp_path / "net" / "tcp").write_text(Path("/proc/net/tcp").read_text())
        monkeypatch.setattr(holder, "PROC", tmp_path)
        held = find_holder("127.0.0.1", port)
    assert held == Holder(None, None, os.getuid()) and str(held) == f"uid {os.getuid()}"


def test_where_the_system_tells_nothing_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder, "PROC", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert find_holder("127.0.0.1", listener.getsockname()[1]) is None
        assert find_holder("no address", 1) is None
