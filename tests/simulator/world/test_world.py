"""All parts of a world together."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.world.file import Host, World, make_world
from simulator.world.world import RunningWorld

from .conftest import Run


def test_a_world_tells_where_its_parts_are(run: Run) -> None:
    told = run({"host": [{"name": "a.example"}, {"name": "b.example"}]}).describe()
    assert set(told) == {"resolver", "forwards", "control", "speed"}
    assert list(told["forwards"]) == ["127.0.1.1", "127.0.1.2"]
    for address, port in told["forwards"].items():
        socket.create_connection((address, port), 5).close()


def test_an_ended_world_listens_nowhere() -> None:
    with RunningWorld(make_world({"host": [{"name": "a.example"}]})) as world:
        places = [*world.forwards.items(), ("127.0.0.1", world.control_port)]
    for place in places:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(place, 5)


def test_an_address_that_cannot_be_bound_ends_the_start() -> None:
    world = RunningWorld(World((), (Host("a.example", "192.0.2.1"),)))
    with pytest.raises(OSError, match="assign"):
        world.start()


COMMAND = [sys.executable, "-m", "simulator", "world", "up"]


def test_it_runs_until_it_is_told_to_end(tmp_path: Path, wait_for: Callable[..., Any]) -> None:
    ready = tmp_path / "ready.json"
    world = subprocess.Popen([*COMMAND, "--ready-file", str(ready), "--speed", "10"], stdout=subprocess.PIPE, text=True)
    wait_for(ready.exists, 20)
    told = json.loads(ready.read_text())
    assert told["resolver"].startswith("127.0.0.1:") and told["forwards"]["127.0.1.1"]
    world.send_signal(signal.SIGTERM)
    printed, _ = world.communicate(timeout=10)
    assert world.returncode == 0 and json.loads(printed) == told
    assert list(tmp_path.iterdir()) == [ready]


def test_a_bad_file_ends_with_a_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('[[zone]]\nname = "a.example"\nmx = "x"\n')
    done = subprocess.run([*COMMAND, str(bad)], capture_output=True, text=True)
    assert done.returncode == 2 and "zone 1 (a.example): mx is 'x'" in done.stderr and "Traceback" not in done.stderr


def test_controlled_it_ends_with_its_input() -> None:
    world = subprocess.Popen([*COMMAND, "--controlled"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert world.stdin and world.stdout
    told = json.loads(world.stdout.readline())
    assert told["forwards"]["127.0.1.1"] and world.poll() is None
    world.stdin.close()
    assert world.wait(10) == 0
    world.stdout.close()
