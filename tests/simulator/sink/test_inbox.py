"""What the sink keeps and shows."""

import pytest

from simulator.sink import inbox
from simulator.sink.inbox import Inbox, Received, describe


def receive(kept: Inbox, body: bytes = b"", kind: str = "text/plain", status: int = 200) -> None:
    kept.put(Received(kept.next_id(), 0.0, "POST", "/a", "", (("Content-Type", kind),), body, status))


def test_the_oldest_give_way_and_counts_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_KEPT", 3)
    kept = Inbox()
    for _ in range(5):
        receive(kept)
    receive(kept, status=500)
    assert [one.id for one in kept.list()] == [4, 5, 6]
    assert kept.counts() == {"/a": {"200": 5, "500": 1}}
    kept.clear()
    receive(kept)
    assert [one.id for one in kept.list()] == [7]


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=x"])
def test_what_does_not_read_is_shown_as_empty(kind: str) -> None:
    kept = Inbox()
    receive(kept, b"\xff{broken", kind)
    shown = describe(kept.list()[0])
    assert (shown["json"], shown["form"], shown["files"], shown["size"]) == (None, {}, [], 8)
