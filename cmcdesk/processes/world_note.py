"""The simulated world in use, as all processes of one data folder know it: its name server, and where its ports are.

The console writes the note, by rename, whenever a world comes, changes or goes; who follows it looks at it again when
the file has changed. `cmcsim world up --ready-file` writes the same shape (see docs/world.md).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cmcdesk.processes.instance import write_private
from cmcdesk.rules.texts import TellingError, tell


class BadWorldNote(TellingError, ValueError):
    """What should be a ready file of a world is none; the text says why."""


@dataclass(frozen=True)
class WorldNote:
    """resolver: "127.0.0.1:PORT". forwards: address → the port of it that stands for its port 25. control: URL at which
    the world is asked and changed. speed: seconds of the world's clock in one of the machine's."""

    resolver: str
    forwards: Mapping[str, int] = field(default_factory=dict)
    control: str = ""
    speed: float = 1.0

    @property
    def resolver_place(self) -> tuple[str, int]:
        """(address, port) of the name server."""
        host, _, port = self.resolver.rpartition(":")
        return host, int(port)


def world_note(folder: Path) -> Path:
    """Where the note of a data folder is."""
    return folder / "world.json"


def read_world_note(folder: Path) -> WorldNote | None:
    """The world in use; None where there is none."""
    try:
        return parse_world_note(world_note(folder).read_text("utf-8"))
    except (OSError, BadWorldNote):
        return None


def write_world_note(folder: Path, note: WorldNote | None) -> None:
    """Tell it, or that there is none (any more)."""
    if note is None:
        world_note(folder).unlink(missing_ok=True)
    else:
        write_private(world_note(folder), json.dumps(asdict(note)))


def parse_world_note(text: str) -> WorldNote:
    """Read a ready file. Raises BadWorldNote."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise BadWorldNote(tell("no JSON object"))
    resolver, forwards = told.get("resolver"), told.get("forwards", {})
    control, speed = told.get("control", ""), told.get("speed", 1.0)
    if not _is_place(resolver):
        raise BadWorldNote(tell('"resolver" is %(given)s; "127.0.0.1:PORT" was expected', given=repr(resolver)))
    if not isinstance(forwards, dict) or not all(_is_place(f"{host}:{port}") for host, port in forwards.items()):
        raise BadWorldNote(
            tell('"forwards" is %(given)s; an object of address to port was expected', given=repr(forwards))
        )
    if not isinstance(control, str) or not (control == "" or control.startswith("http://127.")):
        raise BadWorldNote(tell('"control" is %(given)s; a URL on this computer was expected', given=repr(control)))
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not speed > 0:
        raise BadWorldNote(tell('"speed" is %(given)s; a number above 0 was expected', given=repr(speed)))
    return WorldNote(str(resolver), {host: int(port) for host, port in forwards.items()}, control, float(speed))


def _is_place(place: Any) -> bool:
    """A loopback address with a port: the world has no other places."""
    host, _, port = str(place).rpartition(":")
    try:
        return ip_address(host).is_loopback and port.isascii() and port.isdigit() and 0 < int(port) < 65536
    except ValueError:
        return False
