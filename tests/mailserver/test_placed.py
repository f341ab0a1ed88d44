"""An apply is read whole before anything of it is used."""

import asyncio

import pytest

from cmcdesk.mailserver import placed
from cmcdesk.mailserver.placed import RefusedSet, read_set, tell_problem
from tests.mailserver.conftest import pro_settings


def test_a_set_is_compiled_with_its_places() -> None:
    entry = {"revision": 3, "host": "127.0.0.2", "port": 5, "settings": pro_settings()}
    [one] = read_set({"compositions": [entry]}, False, lambda composition, host: None)
    assert (one.live.name, one.live.revision, one.live.interval, one.host, one.port) == ("pro", 3, 0.0, "127.0.0.2", 5)


def test_the_errors_of_all_are_told() -> None:
    wrong = pro_settings("one")
    wrong["receiving"]["max_sessions"] = 0
    entries = [{"revision": 1, "host": "h", "port": 1, "settings": wrong}, {"settings": pro_settings("two")}]
    with pytest.raises(RefusedSet) as refused:
        read_set({"compositions": entries}, True, lambda composition, host: None)
    assert [(one["composition"], one["field"]) for one in refused.value.errors] == [
        ("one", "receiving.max_sessions"),
        ("two", ""),
    ]
    assert tell_problem("do", "x") == {"composition": "", "field": "do", "message": "x"}


def test_the_waits_double_up_to_some_seconds_and_begin_anew_when_all_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    missing = iter([True, True, True, True, True, False, True])

    async def note(seconds: float) -> None:
        waits.append(seconds)

    async def take_missing() -> bool:
        try:
            return next(missing)
        except StopIteration:
            raise asyncio.CancelledError from None

    monkeypatch.setattr(placed.asyncio, "sleep", note)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(placed.keep_trying(take_missing))
    assert waits == [0.5, 1, 2, 4, 5, 5, 0.5, 1]
