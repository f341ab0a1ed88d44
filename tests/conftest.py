"""What the tests of many rooms need: facts are waited for, and corpora that stay outside are found or passed over."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

ROOT = Path(__file__).resolve().parent.parent


class WaitFor(Protocol):
    """The type of the fixture `wait_for`."""

    def __call__(self, fact: Callable[[], Any], seconds: float = 10) -> Any: ...


@pytest.fixture
def wait_for() -> WaitFor:
    """`wait_for(fact, seconds=10)`: call `fact` until its value is true, and return that; fail after `seconds`."""

    def wait(fact: Callable[[], Any], seconds: float = 10) -> Any:
        deadline = time.monotonic() + seconds
        while not (seen := fact()):
            assert time.monotonic() < deadline, f"it did not come to pass within {seconds} s (last seen: {seen!r})"
            time.sleep(0.01)
        return seen

    return wait


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def bounce_corpus() -> Path:
    """The folder of real bounce mails, which is not part of the repository; without it its tests are skipped."""
    folder = ROOT.parent / "shared" / "corpora" / "bounces"
    if not folder.is_dir():
        pytest.skip("the bounce corpus is not on this machine")
    return folder
