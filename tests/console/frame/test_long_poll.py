"""A list that is waited for: at once, when enough, or when the time is over."""

from dataclasses import dataclass

from cmcdesk.console.frame.long_poll import wait_until_enough

from ..conftest import Console


@dataclass
class Wait:
    """wait: seconds."""

    wait: float
    count: int = 1


def test_it_answers_as_soon_as_there_is_enough(console: Console) -> None:
    looks = iter([[], [1], [1, 2]])
    with console.desk.app.app_context():
        assert wait_until_enough(Wait(20, 2), lambda: next(looks), list) == [1, 2]


def test_who_does_not_wait_is_answered_at_once(console: Console) -> None:
    looks = iter([[1]])
    with console.desk.app.app_context():
        assert wait_until_enough(Wait(0, 5), lambda: next(looks), list) == [1]


def test_it_ends_with_what_there_is(console: Console) -> None:
    with console.desk.app.app_context():
        assert wait_until_enough(Wait(0.12), list, list) == []
