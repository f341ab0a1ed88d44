"""A run that started other programs ends them too, however it ends; what they use, as Linux tells it in /proc (proc(5);
None on other systems).
"""

import os
import signal
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"  # the state in /proc/net/tcp


def read_cpu(pids: Iterable[int]) -> float | None:
    """CPU seconds of these processes and their ended children; None if none can be read."""
    spent = [seconds for pid in pids if (seconds := _cpu_of(pid)) is not None]
    return sum(spent) if spent else None


def read_peak(pids: Iterable[int]) -> float | None:
    """Most memory that they ever had resident, MB of 10^6 octets, summed."""
    return _sum_memory(pids, "VmHWM")


def read_resident(pids: Iterable[int]) -> float | None:
    """Memory that they have resident now, MB of 10^6 octets, summed."""
    return _sum_memory(pids, "VmRSS")


def find_family(pids: Iterable[int]) -> list[int]:
    """The processes and their descendants that live now."""
    found: list[int] = []
    left = list(pids)
    while left:
        pid = left.pop()
        if pid not in found:
            found.append(pid)
            left += _children_of(pid)
    return found


def find_listener(port: int) -> tuple[int, ...]:
    """The process that listens on the port of this machine; () if it is not seen (another user's, another system)."""
    sockets = {f"socket:[{inode}]" for name in ("tcp", "tcp6") for inode in _listening_inodes(name, port)}
    if not sockets:
        return ()
    for process in PROC.iterdir():
        if process.name.isdigit() and sockets & _links_of(process / "fd"):
            return (int(process.name),)
    return ()


def _cpu_of(pid: int) -> float | None:
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")  # own and waited-for children's


def _sum_memory(pids: Iterable[int], name: str) -> float | None:
    sizes = []
    for pid in pids:
        try:
            lines = (PROC / str(pid) / "status").read_text().splitlines()
        except OSError:
            continue
        sizes += [int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{name}:")]
    return sum(sizes) if sizes else None


def _children_of(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in (PROC / str(pid) / "task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except OSError:
        pass  # gone meanwhile, or no Linux
    return found


def _listening_inodes(name: str, port: int) -> list[str]:
    try:
        rows = [line.split() for line in (PROC / "net" / name).read_text().splitlines()[1:]]
    except OSError:
        return []
    return [row[9] for row in rows if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port]


def _links_of(folder: Path) -> set[str]:
    try:
        links = list(folder.iterdir())
    except OSError:
        return set()  # gone, or not ours to look into
    found: set[str] = set()
    for link in links:
        with suppress(OSError):  # closed meanwhile, as the folder itself is
            found.add(str(link.readlink()))
    return found


@contextmanager
def ended_in_order() -> Iterator[None]:
    """SIGTERM leaves the block as Ctrl-C does, so that all it began is ended; 143 is what a shell says of it."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    earlier = find_family([os.getpid()])
    try:
        yield
    except (SystemExit, KeyboardInterrupt):
        _end_strays(earlier)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _end_strays(earlier: Collection[int]) -> None:
    """A signal that comes while a program is being started leaves one that nobody holds yet."""
    for pid in find_family([os.getpid()]):
        if pid not in earlier:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
