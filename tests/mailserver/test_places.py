"""How soon a place that is missing is tried again (what happens then: test_server.py)."""

import asyncio

import pytest

from cmcdesk.mailserver import places


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

    monkeypatch.setattr(places.asyncio, "sleep", note)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(places.keep_trying(take_missing))
    assert waits == [0.5, 1, 2, 4, 5, 5, 0.5, 1]
