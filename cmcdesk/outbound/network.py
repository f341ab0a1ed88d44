"""Where outbound mail may go: the simulated world on this computer, and nowhere else without an explicit switch.

It is kept to at the socket: whatever names resolve to and settings say, no socket of this room (SMTP and DNS alike) is
connected, and no datagram sent, to an address outside 127.0.0.0/8.
"""

import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import dns.query

from cmcdesk.processes.world_note import WorldNote, read_world_note, world_note

THIS_COMPUTER = IPv4Network("127.0.0.0/8")
SMTP_PORT = 25
#: The switch: "ADDRESS:PORT" of a name server to ask instead of the world's; mail may leave this computer then.
RESOLVER_VARIABLE = "CMCDESK_OUTBOUND_RESOLVER"

log = logging.getLogger(__name__)


class NotThisComputer(OSError):
    """A connection to another computer, which nobody has allowed."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{address} is outside of 127.0.0.0/8; nothing is sent there")


class GuardedSocket(socket.socket):
    """A socket that reaches this computer only."""

    def connect(self, address: Any) -> None:
        check_address(address)
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        check_address(address)
        return super().connect_ex(address)

    def sendto(self, data: Any, *where: Any) -> int:
        check_address(where[-1])
        return super().sendto(data, *where)

    def sendmsg(self, buffers: Any, ancdata: Any = (), flags: int = 0, address: Any = None) -> int:
        if address is not None:
            check_address(address)
        return super().sendmsg(buffers, ancdata, flags, address)


def check_address(address: Any) -> None:
    """Raises NotThisComputer for a socket address that is none of this computer."""
    host = str(address[0])
    try:
        inside = IPv4Address(host) in THIS_COMPUTER
    except ValueError:  # a name, which would be looked up by whoever the system asks; or IPv6
        inside = False
    if not inside:
        raise NotThisComputer(host)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The world that mail goes out into. resolver: (address, port), None where there is none: then all waits. forwards:
    address → the port that stands for its port 25. speed: seconds of the world's clock in one of the machine's.
    may_leave: other computers may be reached too."""

    resolver: tuple[str, int] | None = None
    forwards: Mapping[str, int] = field(default_factory=dict)
    speed: float = 1.0
    may_leave: bool = False

    def real(self, seconds: float) -> float:
        """How many seconds of the machine's clock so many of the world's are."""
        return seconds / self.speed

    def make_socket(self, kind: int = socket.SOCK_STREAM) -> socket.socket:
        """An IPv4 socket that keeps to what is allowed."""
        return (socket.socket if self.may_leave else GuardedSocket)(socket.AF_INET, kind)

    def connect(self, address: str, seconds: float) -> socket.socket:
        """A connection to port 25 of that address. Raises OSError: nobody there, too slow (seconds), or not allowed.

        The port 25 of an address of this computer that the world has not told is left alone: a mail server that really
        stands there would carry the mail on."""
        port = self.forwards.get(address)
        if port is None:
            if not self.may_leave or IPv4Address(address) in THIS_COMPUTER:
                check_address((address, SMTP_PORT))
                raise ConnectionRefusedError(f"nobody listens at port 25 of {address}")
            port = SMTP_PORT
        made = self.make_socket()
        try:
            made.settimeout(seconds)
            made.connect((address, port))
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            made.close()
            raise
        return made

    def guard_lookups(self) -> None:
        """Let dnspython make its sockets so, in the whole process (its `socket_factory` is meant for that)."""
        dns.query.socket_factory = socket.socket if self.may_leave else GuardedSocket


class SurroundingsWatch:
    """The surroundings of one data folder, as its note of the world says; looked at anew when the note has changed."""

    def __init__(self, folder: Path, resolver: tuple[str, int] | None = None, may_leave: bool = False) -> None:
        """resolver: to be asked instead of the world's."""
        self._folder = folder
        self._resolver = resolver
        self._may_leave = may_leave
        self._seen: tuple[int, int] | None = None
        self._current = self._make(None)

    def ask(self) -> Surroundings:
        """The same object as long as nothing has changed."""
        seen = self._stamp()
        if seen != self._seen:
            self._seen, self._current = seen, self._make(read_world_note(self._folder))
        return self._current

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = world_note(self._folder).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def _make(self, note: WorldNote | None) -> Surroundings:
        if note is None:
            return Surroundings(self._resolver, may_leave=self._may_leave)
        return Surroundings(self._resolver or note.resolver_place, note.forwards, note.speed, self._may_leave)


def watch_surroundings(folder: Path, environment: Mapping[str, str]) -> SurroundingsWatch:
    """Of a data folder; with the switch in the environment, of the world outside. What is no address keeps all here."""
    text = environment.get(RESOLVER_VARIABLE, "")
    if not text:
        return SurroundingsWatch(folder)
    host, _, port = text.rpartition(":")
    try:
        resolver = str(IPv4Address(host)), int(port)
    except ValueError:
        log.error("%s is %r; ADDRESS:PORT was expected. No mail leaves this computer.", RESOLVER_VARIABLE, text)
        return SurroundingsWatch(folder)
    log.warning("%s: %s is asked where mail goes, and mail may leave this computer", RESOLVER_VARIABLE, text)
    return SurroundingsWatch(folder, resolver, may_leave=True)
