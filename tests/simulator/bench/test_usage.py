"""CPU and memory of processes, as Linux tells them."""

import os
import socket
import subprocess
import sys

import pytest

from simulator.bench.usage import find_family, find_listener, read_cpu, read_peak, read_resident

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
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert find_listener(port) == (os.getpid(),)
    assert find_listener(port) == ()
