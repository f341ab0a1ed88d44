"""What is under way when the window is to be closed."""

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.models import DeliveryRow, OutboundRow
from cmcdesk.window.in_flight import UnderWay, count_in_flight

NOW = time.time()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    yield made
    made.dispose()


def add_delivery(engine: Engine, number: int, due_at: float, state: str = "waiting") -> None:
    values = {"composition": "pro", "revision": 1, "filter": "f", "recipient": "b@example.com", "created_at": 1.0}
    with transaction(engine) as session:
        session.add(DeliveryRow(number=number, id=f"x-{number}", state=state, due_at=due_at, **values))


def add_outbound(engine: Engine, due_at: float | None) -> None:
    values = {"log_id": "x", "composition": "pro", "revision": 1, "sender": "", "recipient": "b@example.com"}
    with transaction(engine) as session:
        session.add(OutboundRow(domain="example.com", queued_at=1.0, due_at=due_at, **values))


def as_services(engine: Engine, sessions: int = 0, has_resolver: bool = True, without_dispatch: bool = False) -> Any:
    counts = {"pro": {"sessions": sessions}}
    told = {
        "mail_server": {"compositions": counts, "relays": counts},
        "worker": {"has_resolver": has_resolver},
    }
    flags = SimpleNamespace(without_dispatch=without_dispatch)
    return SimpleNamespace(engine=engine, telemetry=lambda: told, flags=flags)


def test_what_is_due_counts_and_what_waits_for_a_later_try_does_not(engine: Engine) -> None:
    assert not count_in_flight(as_services(engine))
    for number, due_at in enumerate((NOW - 5, NOW - 1, NOW + 3600), 1):
        add_delivery(engine, number, due_at)
        add_outbound(engine, due_at)
    add_delivery(engine, 4, NOW - 5, "delivered")
    add_outbound(engine, None)
    assert count_in_flight(as_services(engine, sessions=3)) == UnderWay(6, 2, 2)


def test_what_would_wait_anyway_does_not_count(engine: Engine) -> None:
    add_delivery(engine, 1, NOW - 5)
    add_outbound(engine, NOW - 5)
    assert count_in_flight(as_services(engine, has_resolver=False)) == UnderWay(webhooks=1)
    assert count_in_flight(as_services(engine, without_dispatch=True)) == UnderWay(outbound=1)


def test_the_question_names_only_what_there_is() -> None:
    question = UnderWay(sessions=2, outbound=7).tell("en")
    assert "SMTP sessions: 2\nMails on their way out: 7\n" in question and "Webhooks to be sent" not in question
    assert "配信待ちのメール: 7" in UnderWay(outbound=7).tell("ja")
