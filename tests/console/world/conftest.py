"""A desk that has a simulated world: the one that it started itself, with one more composition."""

from collections.abc import Iterator

import pytest

from ..conftest import Console


@pytest.fixture
def in_world(console: Console) -> Iterator[Console]:
    """The console with its own world running; each test finds the world as its file says."""
    assert console.api("world/start", "POST", {"speed": 60}).json["state"] == "running"
    yield console
    console.api("world/stop", "POST")
