"""Who listens on a port of this machine, as far as the system tells it: Linux in /proc; elsewhere nothing is known."""

import re
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
LISTENING = "0A"  # net/tcp_states.h: TCP_LISTEN
PYTHON = re.compile(r"python[\d.]*(\.exe)?$")


class Holder(NamedTuple):
    """program: its name. pid: None where the system does not tell this user. user: the number of the user that owns
    the socket."""

    program: str | None
    pid: int | None
    user: int

    def __str__(self) -> str:
        who = [self.program or f"uid {self.user}", *([f"pid {self.pid}"] if self.pid else [])]
        return ", ".join(who)


def find_holder(host: str, port: int) -> Holder | None:
    """Who listens at host:port, or there by listening on all addresses; None: nobody, or it cannot be known."""
    found = next((row for row in _list_listening() if row[1] == port and row[0] in _covering(host)), None)
    if found is None:
        return None
    _, _, user, inode = found
    pid = _find_process(f"socket:[{inode}]")
    return Holder(_name_program(pid) if pid else None, pid, user)


def _covering(host: str) -> set[str]:
    try:
        return {str(ip_address(host)), "0.0.0.0", "::"}
    except ValueError:
        return set()


def _list_listening() -> Iterator[tuple[str, int, int, str]]:
    """(address, port, user, inode) of each listening socket: proc(5), /proc/net/tcp."""
    for name in ("net/tcp", "net/tcp6"):
        try:
            lines = (PROC / name).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if len(fields) > 9 and fields[3] == LISTENING:
                address, _, port = fields[1].partition(":")
                yield _read_address(address), int(port, 16), int(fields[7]), fields[9]


def _read_address(hexadecimal: str) -> str:
    """Words of 32 bits, each as this machine keeps it in memory."""
    octets = bytes.fromhex(hexadecimal)
    words = (octets[at : at + 4] for at in range(0, len(octets), 4))
    swapped = b"".join(int.from_bytes(word).to_bytes(4, sys.byteorder) for word in words)
    address = ip_address(swapped)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _find_process(socket: str) -> int | None:
    for folder in PROC.glob("[0-9]*/fd"):
        if any(_read_link(entry) == socket for entry in _list_entries(folder)):
            return int(folder.parent.name)
    return None


def _list_entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []  # another user's, or the process ended meanwhile


def _read_link(entry: Path) -> str | None:
    try:
        return str(entry.readlink())
    except OSError:
        return None  # closed meanwhile


def _name_program(pid: int) -> str | None:
    """What a person would call it: of Python the module or script. Arguments are not told: they may hold secrets."""
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return None
    name = Path(words[0]).name
    if PYTHON.match(name):
        rest = [word for word in words[1:] if word]
        at = next((n for n, word in enumerate(rest) if word == "-m" or not word.startswith("-")), None)
        if at is not None:
            name = rest[at + 1] if rest[at] == "-m" and at + 1 < len(rest) else Path(rest[at]).name
    return name or None
