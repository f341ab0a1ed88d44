"""What arrived, bounded."""

import pytest

from simulator.world import postbox
from simulator.world.postbox import Arrived, Postbox, Returned


def arrived(box: Postbox, host: str = "a.example", octets: bytes = b"x") -> Arrived:
    one = Arrived(box.next_id(), 1.0, host, "s@x.example", ("r@y.example",), "250 2.0.0 Ok", octets)
    box.put(one)
    return one


def test_mails_are_listed_by_host_and_from_an_id_on() -> None:
    box = Postbox()
    first, other, last = arrived(box), arrived(box, "b.example"), arrived(box)
    assert box.arrived() == [first, other, last]
    assert box.arrived("a.example", first.id) == [last]
    assert box.arrived(limit=1) == [first]
    assert box.find(other.id) == other and box.find(99) is None
    assert first.describe()["octets"] == 1


def test_the_oldest_go_when_it_gets_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postbox, "MOST_OCTETS_KEPT", 10)
    box = Postbox()
    mails = [arrived(box, octets=b"1234") for _ in range(4)]
    assert box.arrived() == mails[-2:]


def test_returned_bounces_are_listed_from_an_id_on() -> None:
    box = Postbox()
    ones = [Returned(box.next_id(), 1.0, "a.example", "s@x.example", ("r",), 250, "taken", True) for _ in range(3)]
    for one in ones:
        box.put_returned(one)
    assert box.returned(ones[0].id, 1) == [ones[1]]
    assert ones[0].describe()["code"] == 250
