"""A run that started other programs ends them too (more: bench/test_command.py, ../packaging/test_demo.py)."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from simulator.ending import ended_in_order


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
