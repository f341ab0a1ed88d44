"""All parts of a world together."""

import socket

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
