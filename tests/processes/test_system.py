"""What is freed goes back to the system, whichever threads had it."""

import subprocess
import sys

import pytest

from cmcdesk.processes.system import foreign_environment, give_back_large

PROBE = """
import sys, threading
from cmcdesk.processes.system import foreign_environment, give_back_large
if sys.argv[1] == "yes":
    assert give_back_large()

def use(size):
    for _ in range(3):
        pieces = [bytes(size), bytes(size)]
        del pieces

held = []
for number in range(16):
    threads = [threading.Thread(target=use, args=(20_000_000 + n * 100_000,)) for n in range(2)]
    for one in threads: one.start()
    for one in threads: one.join()
    held.append(bytes(100_000))
told = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(told["VmRSS"].split()[0]) // 1024)
"""


def test_large_pieces_are_given_back() -> None:
    if not sys.platform.startswith("linux"):
        assert not give_back_large()
        return
    made = subprocess.run([sys.executable, "-c", PROBE, "yes"], capture_output=True, text=True, check=True)
    assert int(made.stdout) < 60, "MB that are still held"


def test_another_platform_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not give_back_large()


def test_other_programs_do_not_find_the_frozen_programs_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/cmcdesk/_internal")
    assert foreign_environment()["LD_LIBRARY_PATH"] == "/opt/cmcdesk/_internal"  # from source: as it was set
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "LD_LIBRARY_PATH" not in foreign_environment()
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/usr/local/lib")
    known = foreign_environment()
    assert known["LD_LIBRARY_PATH"] == "/usr/local/lib" and "LD_LIBRARY_PATH_ORIG" not in known
