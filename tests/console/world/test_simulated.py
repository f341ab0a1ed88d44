"""A world that somebody else started: used, silent, back again."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.console.world.simulated import SimulatedWorld, WorldRefused, WorldSilent
from cmcdesk.processes.world_note import WorldNote, parse_world_note, read_world_note

WaitFor = Callable[..., Any]


@pytest.fixture
def running() -> Iterator[tuple["subprocess.Popen[bytes]", WorldNote]]:
    """A `cmcsim world up` and its note."""
    command = [sys.executable, "-m", "simulator", "world", "up", "--controlled"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        yield process, parse_world_note(process.stdout.readline().decode())
        process.kill()


def test_it_is_told_where_mails_are_received_whenever_that_changes(
    tmp_path: Path, running: tuple["subprocess.Popen[bytes]", WorldNote], wait_for: WaitFor
) -> None:
    _, note = running
    places = {"pro.smtps.jp": "127.0.0.1:10026"}
    states: list[str] = []
    world = SimulatedWorld(tmp_path, lambda: places, lambda: states.append(world.state))
    world.use(note)
    assert states == ["running"] and not world.is_own
    assert world.note and world.note.forwards == {**note.forwards, "127.0.0.1": 10026}
    places = {"pro.smtps.jp": "127.0.0.1:10099"}
    world.follow({"mail_server": {"receiving": places}}, False)
    wait_for(lambda: (read_world_note(tmp_path) or note).forwards.get("127.0.0.1") == 10099)
    places = {"pro.smtps.jp": "127.0.1.1:10099"}
    world.follow({}, True)
    wait_for(lambda: "one server only" in world.fault)
    world.close()
    assert read_world_note(tmp_path) is None and running[0].poll() is None


def test_one_that_does_not_answer_is_asked_again(
    tmp_path: Path, running: tuple["subprocess.Popen[bytes]", WorldNote], wait_for: WaitFor
) -> None:
    process, note = running
    world = SimulatedWorld(tmp_path, dict, lambda: None)
    world.use(note)
    process.kill()
    process.wait()
    with pytest.raises(WorldSilent):
        world.ask("GET", "zones")
    wait_for(lambda: world.state == "silent")
    assert read_world_note(tmp_path) == note
    world.close()


def test_without_a_world_there_is_nobody_to_ask(tmp_path: Path) -> None:
    world = SimulatedWorld(tmp_path, dict, lambda: None)
    with pytest.raises(WorldSilent):
        world.ask("GET", "zones")
    world.stop()
    assert world.state == "none"


def test_what_it_refuses_is_told(tmp_path: Path, running: tuple["subprocess.Popen[bytes]", WorldNote]) -> None:
    world = SimulatedWorld(tmp_path, dict, lambda: None)
    world.use(running[1])
    with pytest.raises(WorldRefused, match="preference"):
        world.put_zone("a.example", {"mx": "x"})
    world.put_zone("nothing.example", {})
    world.put_zone("a.example", {"mx": [[10, "b.example"]]})
    assert any(zone["name"] == "a.example" for zone in world.ask("GET", "zones")["zones"])
    world.close()
