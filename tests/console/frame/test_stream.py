"""Server-sent events: what is told, to whom, and how many may listen."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from cmcdesk.console.frame.stream import QUEUE_LENGTH, TOPICS, Hub, count_topics

from ..conftest import Console


def tick(mails: int = 0, sessions: int = 0, waiting: int = 0, state: str = "operating") -> dict[str, Any]:
    return {
        "mail_server": {
            "state": state, "receiving": {},
            "compositions": {"pro": {"mails": mails, "sessions": sessions, "limit": 10, "refused": {}}},
        },
        "worker": {"state": "operating", "waiting": waiting},
    }  # fmt: skip


def take(stream: Any, count: int) -> list[str]:
    """The next `count` texts, each without the number of its change."""
    return [re.sub(r"^id: .*\n", "", text, flags=re.M) for text in itertools.islice(stream, count)]


def told(text: str) -> str:
    """The topics of an event."""
    return text.partition("data: ")[2].strip()


def test_only_what_changed_is_named() -> None:
    hub = Hub()
    stream = hub.listen(telemetry=False)
    assert "event: hello" in next(stream)
    seen = []
    for each in (tick(), tick(mails=1), tick(mails=1, waiting=1), tick(mails=1, waiting=1, state="restarting")):
        hub.publish_telemetry(each)
        seen.append(told(next(stream)))
    assert seen == ["mails refusals bounces deliveries outbound state", "mails", "deliveries", "state"]


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
    first, monitored = take(page, 1), take(monitor, 1)
    hub.publish_telemetry(tick())
    hub.publish("settings")
    began = "mails refusals bounces deliveries outbound state"
    assert [told(text) for text in first + take(page, 1)] == [began, "settings"]
    kinds = re.findall("^event: (.*)$", "".join(monitored + take(monitor, 1)), flags=re.M)
    assert kinds == ["changed", "telemetry", "changed", "telemetry"]


def test_a_slow_stream_gets_changes_in_one_and_only_the_newest_ticks() -> None:
    hub = Hub()
    stream = hub.listen(telemetry=True)
    next(stream)
    for number in range(QUEUE_LENGTH + 50):
        hub.publish_telemetry(tick(mails=number))
    hub.publish("settings")
    (text,) = take(stream, 1)
    assert told(text.partition("\n\n")[0]) == "mails refusals bounces deliveries outbound state settings"
    ticks = re.findall('"mails": ([0-9]+)', text)
    assert ticks == [str(number) for number in range(50, QUEUE_LENGTH + 50)]


def test_a_stream_begins_with_what_changed_after_its_page_was_made() -> None:
    hub = Hub()
    hub.publish("settings")
    known = hub.version
    hub.publish("mails")
    hub.publish("refusals", "mails")
    stream = hub.listen(telemetry=False, since=known)
    assert f"id: {known}\n" in next(stream)
    text = next(stream)
    assert told(text) == "mails refusals" and text.startswith(f"id: {hub.version}\n")
    again = hub.listen(telemetry=False, since=hub.version)
    next(again)
    hub.publish("state")
    assert [told(text) for text in take(again, 1)] == ["state"]


@pytest.mark.parametrize("off", [-1, 1])
def test_a_page_of_another_run_is_told_to_fetch_everything(off: int) -> None:
    hub = Hub()
    stream = hub.listen(telemetry=False, since=hub.version + off)
    next(stream)
    text = next(stream)
    assert told(text) == " ".join(TOPICS) and text.startswith(f"id: {hub.version}\n")


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
    starting: Any = {"state": "starting", "pid": None}
    assert count_topics({"mail_server": starting | {"receiving": {}}, "worker": starting}) == {
        "mails": {},
        "refusals": [None, {}],
        "bounces": [None, None],
        "blocks": None,
        "deliveries": [None] * 4,
        "outbound": [None] * 3,
        "disk": None,
        "state": ["starting", "starting", {}, {}],
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


def test_a_page_tells_its_stream_what_it_knows(console: Console) -> None:
    hub = console.desk.app.extensions["hub"]
    cookie = console.client.get_cookie(f"cmcdesk_{console.base.rpartition(':')[2]}", domain="127.0.0.1")
    assert cookie
    cookies = {cookie.key: cookie.value}
    before = hub.version
    found = re.search(r'data-since="(\d+)"', console.get("/refusals").text)
    assert found and before <= int(found[1]) <= hub.version
    hub.publish("refusals")

    def open_stream(query: str, headers: dict[str, str]) -> set[str]:
        place = f"{console.base}/stream{query}"
        with requests.get(place, cookies=cookies, headers=headers, stream=True, timeout=10) as answer:
            lines = (line.decode() for line in answer.iter_lines())
            return next(
                set(told(line).split()) for line in itertools.dropwhile("event: changed".__ne__, lines) if told(line)
            )

    assert "refusals" in open_stream(f"?since={found[1]}", {})
    hub.publish("simulator")
    assert "simulator" in open_stream(f"?since={hub.version}", {"Last-Event-ID": found[1]})
