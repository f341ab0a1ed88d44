"""`cmcsim world up`: a world that runs until SIGTERM or Ctrl-C."""

import json
import os
import signal
import threading
from pathlib import Path

import click

from simulator.world.file import read_world
from simulator.world.world import RunningWorld

EXAMPLE = Path(__file__).with_name("example.toml")


def run_world(file: str | None, ready_file: str | None, speed: float) -> None:
    """Run until told to end. Raises BadWorld, OSError (an address that cannot be bound)."""
    ended = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: ended.set())
    with RunningWorld(read_world(Path(file) if file else EXAMPLE), speed) as world:
        told = json.dumps(world.describe(), indent=2)
        if ready_file:
            write_by_rename(Path(ready_file), told + "\n")
        click.echo(told)
        ended.wait()


def write_by_rename(path: Path, text: str) -> None:
    """The file is whole as soon as it is there."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(text, "utf-8")
    part.replace(path)
