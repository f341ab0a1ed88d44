"""What a bench is asked for. Each option is read once; what cannot be is told with what is allowed."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PARTS = ("rate", "latency", "spacing", "startup", "fsyncs", "webhooks", "bounces", "outbound", "growth")
BUILT_IN = ("smtp-sink", "aiosmtpd", "aiosmtpd-commit")
OURS = "cmcdesk"
RELAY = "cmcdesk-relay"  # the relay server of a cmcdesk of its own, set beside the receiving server
MOST_SESSIONS = 100  # what the receiving server's settings allow
SIZES = (500, 100_000_000)  # octets; the most that its settings allow is 102400 KByte
INTERVALS = (10, 10_000)  # milliseconds, as its settings allow
STORED = (100, 10_000_000)  # mails
QUICK: dict[str, tuple[int, ...]] = {"sizes": (2_000,), "sessions": (100,), "stored": (10_000, 100_000)}
FULL: dict[str, tuple[int, ...]] = {
    "sizes": (2_000, 100_000, 10_000_000),
    "sessions": (1, 10, 50, 100),
    "stored": (10_000, 100_000, 1_000_000),
}


class BadOption(ValueError):
    """An option that cannot be; the text says which, what was given and what is allowed."""


class Address(NamedTuple):
    """Where a server listens that runs already."""

    host: str
    port: int


@dataclass(frozen=True)
class Cell:
    """One kind of load: octets a mail, sessions at a time, one connection for all mails of a session or one each."""

    size: int
    sessions: int
    is_kept: bool = True

    def __str__(self) -> str:
        connections = "kept connections" if self.is_kept else "a connection a mail"
        plural = "s" if self.sessions > 1 else ""
        return f"{name_size(self.size)}, {self.sessions} session{plural}, {connections}"


@dataclass(frozen=True)
class Options:
    """``seconds``: of one run; ``anew``: each run has servers of its own.

    ``peers`` run already; ``commands`` start one: {port}, {folder}, {python} in it.
    """

    parts: tuple[str, ...] = PARTS
    sizes: tuple[int, ...] = QUICK["sizes"]
    sessions: tuple[int, ...] = QUICK["sessions"]
    new_connections: bool = False
    anew: bool = False
    rounds: int = 3
    seconds: float = 8.0
    intervals: tuple[int, ...] = (10, 100, 1000)
    spaced_sessions: tuple[int, ...] = (1, 50, 100)
    stored: tuple[int, ...] = QUICK["stored"]
    beside: tuple[str, ...] = BUILT_IN
    peers: Mapping[str, Address] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)
    with_dispatch: bool = False
    allow_remote: bool = False

    def cells(self) -> list[Cell]:
        """All of the matrix: by size, then connections, then sessions."""
        kinds = (True, False) if self.new_connections else (True,)
        return [Cell(size, sessions, kept) for size in self.sizes for kept in kinds for sessions in self.sessions]


def name_size(octets: int) -> str:
    """2000 → "2 KB", 10000000 → "10 MB" (decimal)."""
    for unit, name in ((1_000_000, "MB"), (1_000, "KB")):
        if octets >= unit:
            return f"{octets / unit:g} {name}"
    return f"{octets} B"


def read_options(given: Mapping[str, Any]) -> Options:
    """From the command line's words; None stands for what was not given. Raises BadOption."""
    usual = FULL if given["full"] else QUICK
    commands = dict(_split_pair("--start", text, "COMMAND") for text in given["start"])
    peers = dict(_split_pair("--peer", text, "HOST:PORT") for text in given["peer"])
    beside = () if given["beside"] == "none" else _read_names("--beside", given["beside"], (*BUILT_IN, RELAY))
    _refuse_doubles([*beside, *(_name_of(text) for text in (*given["start"], *given["peer"]))])
    for command in commands.values():
        _check_command(command)
    return Options(
        parts=PARTS if given["parts"] is None else _read_names("--parts", given["parts"], PARTS),
        sizes=_read_numbers("--sizes", given["sizes"], SIZES) or usual["sizes"],
        sessions=_read_numbers("--sessions", given["sessions"], (1, MOST_SESSIONS)) or usual["sessions"],
        new_connections=given["new_connections"] or given["full"],
        anew=given["anew"],
        rounds=given["rounds"],
        seconds=given["seconds"],
        intervals=_read_numbers("--intervals", given["intervals"], INTERVALS),
        spaced_sessions=_read_numbers("--spaced-sessions", given["spaced_sessions"], (1, MOST_SESSIONS)),
        stored=_read_numbers("--stored", given["stored"], STORED) or usual["stored"],
        beside=beside,
        peers={name: _read_address(text) for name, text in peers.items()},
        commands=commands,
        with_dispatch=given["with_dispatch"],
        allow_remote=given["allow_remote"],
    )


def _read_names(option: str, text: str, allowed: Sequence[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in allowed:
            raise BadOption(f"{option} {name!r}: there are {', '.join(allowed)}")
    return names


def _read_numbers(option: str, text: str | None, allowed: tuple[int, int]) -> tuple[int, ...]:
    """Empty where nothing was given."""
    words = [] if text is None else [word.strip() for word in text.split(",")]
    for word in words:
        if not (word.isascii() and word.isdigit()) or not allowed[0] <= int(word) <= allowed[1]:
            raise BadOption(f"{option} {word!r}: give whole numbers from {allowed[0]} to {allowed[1]}, comma between")
    return tuple(dict.fromkeys(int(word) for word in words))


def _name_of(text: str) -> str:
    return text.partition("=")[0].strip()


def _split_pair(option: str, text: str, what: str) -> tuple[str, str]:
    name, _, value = (part.strip() for part in text.partition("="))
    if not name or not value or "/" in name:
        raise BadOption(f"{option} {text!r}: give NAME={what}")
    return name, value


def _read_address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise BadOption(f"--peer {text!r}: give NAME=HOST:PORT, like maildev=127.0.0.1:1025")
    return Address(host.strip("[]"), int(port))


def _check_command(command: str) -> None:
    if "{port}" not in command:
        raise BadOption(f"--start {command!r}: the command needs {{port}}, the port that it is to listen on")
    try:
        shlex.split(command)
    except ValueError as fault:
        raise BadOption(f"--start {command!r}: {fault}") from fault


def _refuse_doubles(names: Sequence[str]) -> None:
    for name in names:
        if name == OURS or names.count(name) > 1:
            raise BadOption(f"{name!r} names two receivers: give each a name of its own")
