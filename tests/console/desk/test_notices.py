"""Notices for the desktop: when they are told, to whom, and that each kind can be switched off."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from cmcdesk.console.acceptance.acceptance_run import AcceptanceRun
from cmcdesk.console.desk.notices import FLOOD, FLOOD_SECONDS, QUIET_SECONDS, DesktopNotice, FloodWatch, NoticeBoard
from cmcdesk.console.frame.database import save_desk_setting
from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.models import AttemptRow, DeliveryRow

from ..conftest import Console


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def told() -> list[DesktopNotice]:
    return []


@pytest.fixture
def board(engine: Engine, told: list[DesktopNotice]) -> NoticeBoard:
    made = NoticeBoard(engine, lambda: None)
    made.on_notice(told.append)
    return made


def as_telemetry(refused: int = 0, failing: int = 0) -> Any:
    counts = {"pro": {"refused": {"domain": refused}}}
    return {"mail_server": {"compositions": counts}, "worker": {"failing": failing}}


def as_run(number: int, is_running: bool, summary: dict[str, int] | None = None) -> Any:
    order = SimpleNamespace(composition="pro")
    return SimpleNamespace(number=number, is_running=is_running, summary=summary, order=order)


def test_a_flood_is_told_once_while_it_goes_on() -> None:
    watch = FloodWatch()
    assert watch.note(0, 1000) == 0  # what was refused before counts for nothing
    assert watch.note(1, 1000 + FLOOD - 1) == 0
    assert watch.note(2, 1000 + FLOOD) == FLOOD
    assert watch.note(3, 1000 + 2 * FLOOD) == 0
    later = 3 + QUIET_SECONDS + FLOOD_SECONDS
    assert watch.note(later, 1000 + 2 * FLOOD) == 0
    assert watch.note(later + 1, 1000 + 3 * FLOOD) == FLOOD


def test_slow_refusals_are_no_flood_and_a_restart_begins_anew() -> None:
    watch = FloodWatch()
    assert [watch.note(at * FLOOD_SECONDS, at * (FLOOD // 2)) for at in range(10)] == [0] * 10
    assert watch.note(1000, 0) == 0 and watch.note(1001, FLOOD) == FLOOD


def test_a_flood_names_its_composition(board: NoticeBoard, told: list[DesktopNotice]) -> None:
    board.follow(as_telemetry(), [], None, 0)
    board.follow(as_telemetry(refused=FLOOD), [], None, 1)
    assert [(each.kind, each.title["en"], each.place) for each in told] == [
        ("flood", "pro refuses many mails", "/refusals")
    ]
    assert board.list_after(0) == told and board.list_after(1) == [] and board.newest == 1


def test_a_webhook_that_begins_to_fail_is_named_with_its_answer(
    board: NoticeBoard, told: list[DesktopNotice], engine: Engine
) -> None:
    board.follow(as_telemetry(failing=1), [], None, 0)
    assert told == []  # nothing in the log says which
    with transaction(engine) as session:
        delivery = {"composition": "pro", "revision": 1, "filter": "form", "recipient": "", "created_at": 1.0}
        session.add(DeliveryRow(number=1, id="x-1", state="waiting", due_at=1.0, **delivery))
        session.flush()
        attempt = {"at": 1.0, "milliseconds": 2, "outcome": "transient", "request": "", "answer": ""}
        session.add(AttemptRow(delivery_number=1, number=1, status=503, **attempt))
    board.follow(as_telemetry(failing=1), [], None, 1)
    assert told == []  # it is no more than before
    board.follow(as_telemetry(failing=0), [], None, 2)
    board.follow(as_telemetry(failing=1), [], None, 3)
    assert [(each.title["en"], each.body["en"]) for each in told] == [
        ("Webhook form of pro fails", "It answered HTTP 503. It is tried again.")
    ]
    with transaction(engine) as session:
        session.add(AttemptRow(delivery_number=1, number=2, error="Connection refused", **attempt))
    board.follow(as_telemetry(failing=0), [], None, 4)
    board.follow(as_telemetry(failing=1), [], None, 5)
    assert "Connection refused: nothing listens there" in told[1].body["en"] and "refused" not in told[1].body["ja"]


def test_a_run_is_told_when_it_ended(board: NoticeBoard, told: list[DesktopNotice]) -> None:
    board.follow(as_telemetry(), [as_run(1, True), as_run(2, False)], None, 0)
    board.follow(as_telemetry(), [as_run(1, False, {"mails": 9, "accepted": 4}), as_run(2, False)], None, 1)
    assert [each.body["en"] for each in told] == ["It failed.", "mails accepted: 4 of 9"]


def test_acceptance_scenarios_are_told_when_they_are_over_but_not_when_they_were_stopped(
    board: NoticeBoard, told: list[DesktopNotice]
) -> None:
    played = AcceptanceRun("one", ("a", "b"), 0.0, None)  # type: ignore[arg-type]
    board.follow(as_telemetry(), [], played, 0)
    played.outcomes, played.is_over = {"a": "passed", "b": "failed"}, True
    board.follow(as_telemetry(), [], played, 1)
    board.follow(as_telemetry(), [], played, 2)
    stopped = AcceptanceRun("two", ("a",), 0.0, None, was_stopped=True, is_over=True)  # type: ignore[arg-type]
    board.follow(as_telemetry(), [], stopped, 3)
    assert [(each.body["en"], each.place) for each in told] == [("1 of 2 passed", "/acceptance")]


def test_a_kind_that_is_switched_off_is_not_told(board: NoticeBoard, told: list[DesktopNotice], engine: Engine) -> None:
    save_desk_setting(engine, "display", {"notify_run": False})
    board.follow(as_telemetry(), [as_run(1, False)], None, 0)
    board.follow(as_telemetry(refused=FLOOD), [], None, 1)
    assert [each.kind for each in told] == ["flood"]


def test_pages_get_those_that_came_after_theirs(console: Console) -> None:
    board: NoticeBoard = console.desk.app.extensions["notices"]
    before = board.newest
    assert f'data-newest-notice="{before}"' in console.get("/about").text
    board.follow(console.desk.app.extensions["services"].telemetry(), [as_run(4711, False)], None, 0)
    found = console.get(f"/notices?after={before}", Accept_Language="ja").json
    assert [each["title"] for each in found["notices"]] == ["シミュレータの実行 4711（pro 宛て）が終わりました"]
    assert console.get(f"/notices?after={before + 1}").json == {"notices": []}


def test_the_display_settings_switch_them(console: Console) -> None:
    form = {"language": "", "time_zone": "Asia/Tokyo", "theme": "auto"}
    assert console.post("/display", form | {"notify_flood": "0", "notify_run": ["1", "0"]}).status_code == 303
    page = console.get("/display").text
    assert 'name="notify_flood" value="1">' in page and 'name="notify_run" value="1" checked>' in page
    console.post("/display", form)
