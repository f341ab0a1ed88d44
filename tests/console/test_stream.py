"""Server-sent events: what is told, to whom, and how many may listen."""

import itertools
from collections.abc import Callable
from typing import Any

import requests

from cmcdesk.console.stream import QUEUE_LENGTH, Hub, count_topics

from .conftest import Console


def tick(mails: int = 0, sessions: int = 0, waiting: int = 0, state: str = "operating") -> dict[str, Any]:
    return {
        "mail_server": {
            "state": state, "compositions": {"pro": {"mails": mails, "sessions": sessions, "limit": 10, "refused": {}}},
        },
        "worker": {"state": "operating", "waiting": waiting},
    }  # fmt: skip


def take(stream: Any, count: int) -> list[str]:
    return list(itertools.islice(stream, count))


def test_only_what_changed_is_named() -> None:
    hub = Hub()
    stream = hub.listen(telemetry=False)
    assert "event: hello" in next(stream)
    for each in (tick(), tick(mails=1), tick(mails=1, waiting=1), tick(mails=1, waiting=1, state="restarting")):
        hub.publish_telemetry(each)
    told = [text.partition("data: ")[2].strip() for text in take(stream, 4)]
    assert told == ["mails refusals bounces deliveries state", "mails", "deliveries", "state"]


def test_bounces_that_wait_or_were_read_are_a_topic_of_their_own() -> None:
    before, waiting, read = tick(), tick(), tick()
    waiting["worker"] |= {"bounces": 0, "bounces_waiting": 3}
    read["worker"] |= {"bounces": 3, "bounces_waiting": 0}
    counts = [count_topics(each)["bounces"] for each in (before, waiting, read)]
    assert counts == [[None, None], [0, 3], [3, 0]]


def test_a_tick_without_change_is_not_told_but_reaches_the_monitor() -> None:
    hub = Hub()
    page, monitor = hub.listen(telemetry=False), hub.listen(telemetry=True)
    next(page), next(monitor)
    hub.publish_telemetry(tick())
    hub.publish_telemetry(tick())
    hub.publish("settings")
    assert [text.splitlines()[0] for text in take(page, 2)] == ["event: changed", "event: changed"]
    kinds = [text.splitlines()[0] for text in take(monitor, 4)]
    assert kinds == ["event: changed", "event: telemetry", "event: telemetry", "event: changed"]


def test_a_slow_stream_loses_events_and_holds_nobody_up() -> None:
    hub = Hub()
    stream = hub.listen(telemetry=False)
    next(stream)
    for _ in range(QUEUE_LENGTH + 50):
        hub.publish("mails")
    hub.stop()
    assert len(list(stream)) <= QUEUE_LENGTH


def test_places_are_limited_and_come_free_again() -> None:
    hub = Hub(limit=2)
    first, second = hub.listen(telemetry=False), hub.listen(telemetry=False)
    next(first), next(second)
    assert hub.is_full and list(hub.listen(telemetry=False)) == []
    first.close()
    with hub.take_seat() as free:
        assert free
    assert not hub.is_full


def test_stopping_ends_every_stream() -> None:
    hub = Hub()
    streams = [hub.listen(telemetry=False) for _ in range(3)]
    for stream in streams:
        next(stream)
    hub.stop()
    assert [list(stream) for stream in streams] == [[]] * 3


def test_topics_survive_telemetry_that_is_not_there_yet() -> None:
    assert count_topics({}) == {
        "mails": {},
        "refusals": [None, {}],
        "bounces": [None, None],
        "deliveries": [None] * 4,
        "state": [None, None, {}],
    }


def test_a_full_house_is_503(console: Console) -> None:
    hub = console.desk.app.extensions["hub"]
    limit, hub._limit = hub._limit, 0
    try:
        assert console.get("/stream").status_code == 503
        assert console.api("mails/wait?timeout=1").status_code == 503
    finally:
        hub._limit = limit


def test_a_stream_ends_when_its_page_went() -> None:
    hub = Hub(limit=1)
    gone = iter([False, True])
    stream = hub.listen(telemetry=False, is_gone=lambda: next(gone))
    assert len(list(stream)) == 1 and not hub.is_full


def test_pages_that_were_left_give_their_places_back(console: Console, wait_for: Callable[..., object]) -> None:
    hub = console.desk.app.extensions["hub"]
    cookie = console.client.get_cookie(f"cmcdesk_{console.base.rpartition(':')[2]}", domain="127.0.0.1")
    assert cookie
    for _ in range(3):
        answer = requests.get(f"{console.base}/stream", cookies={cookie.key: cookie.value}, stream=True, timeout=10)
        assert next(answer.iter_lines()) == b"retry: 2000"
        answer.close()
    wait_for(lambda: hub._seats == 0)
