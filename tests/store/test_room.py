"""Room for large mails."""

import threading
from contextlib import ExitStack

from cmcdesk.store.room import SMALL_OCTETS, Room

BIG = 4 * SMALL_OCTETS


def enter(room: Room, octets: int) -> tuple[threading.Event, threading.Event, threading.Thread]:
    """A thread that takes room: what it sets when it is in, what lets it go."""
    inside, leave = threading.Event(), threading.Event()

    def run() -> None:
        with room.take(octets):
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=run)
    thread.start()
    return inside, leave, thread


def test_who_finds_no_room_waits_until_another_leaves() -> None:
    room = Room(BIG + SMALL_OCTETS)
    first_in, first_leaves, first = enter(room, BIG)
    assert first_in.wait(5)
    second_in, second_leaves, second = enter(room, BIG)
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(room.take(SMALL_OCTETS - 1))  # small ones never wait
        assert not second_in.is_set()
    with room.take(SMALL_OCTETS):  # what fits beside the first does not wait either
        assert not second_in.is_set()
    first_leaves.set()
    assert second_in.wait(5)
    second_leaves.set()
    first.join()
    second.join()


def test_one_that_is_larger_than_the_room_gets_in_alone_and_a_fault_gives_room_back() -> None:
    room = Room(SMALL_OCTETS)
    for _ in range(2):
        try:
            with room.take(100 * BIG):
                raise ValueError
        except ValueError:
            pass
    with room.take(100 * BIG):
        waiting_in, leaves, waiting = enter(room, SMALL_OCTETS)
        assert not waiting_in.is_set()
    assert waiting_in.wait(5)
    leaves.set()
    waiting.join()
