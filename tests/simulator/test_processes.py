"""A run that started other programs ends them too (more: bench/test_command.py, ../packaging/test_demo.py)."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from simulator.processes import ended_in_order, find_family, find_listener, read_cpu, read_peak, read_resident


def describe(pid: int) -> str:
    """What the process is; "" for one that has ended, collected or not."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
    return "" if "\nState:\tZ" in status else words


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt])
def test_a_signal_while_a_program_is_being_started_leaves_no_stray(end: type[BaseException]) -> None:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as of_others, ExitStack() as stack:
        with pytest.raises(end), ended_in_order():
            stray = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE))
            raise end
        assert describe(of_others.pid)
        assert not describe(stray.pid)


def test_sigterm_ends_the_block_and_is_as_before_behind_it() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, ended_in_order():
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    assert ended.value.code == 143 and signal.getsignal(signal.SIGTERM) == before


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
NOBODY = 2**22 + 1  # above the highest process id that Linux gives


def test_cpu_and_memory_of_this_process() -> None:
    before = read_cpu([os.getpid()])
    used = os.times()
    assert before is not None
    assert abs(before - (used.user + used.system + used.children_user + used.children_system)) < 1
    resident, peak = read_resident([os.getpid()]), read_peak([os.getpid()])
    assert resident is not None
    assert peak is not None
    assert 1 < resident <= peak


def test_what_cannot_be_read_is_unknown() -> None:
    assert (read_cpu([]), read_cpu([NOBODY]), read_peak([NOBODY]), read_resident(())) == (None, None, None, None)


def test_the_family_has_the_children() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert find_family([os.getpid()])[0] == os.getpid()
        assert child.pid in find_family([os.getpid()])
        assert child.stdin is not None
        child.stdin.write(b"\n")
    assert find_family([NOBODY]) == [NOBODY]


def test_who_listens_on_a_port_is_found() -> None:
    low = os.open("/", os.O_RDONLY)
    with socket.create_server(("127.0.0.1", 0)) as server:
        os.close(low)  # the folder of links is opened below the socket, and gone when it is looked at
        port = server.getsockname()[1]
        assert find_listener(port) == (os.getpid(),)
    assert os.getpid() not in find_listener(port)  # another program may have taken it
