"""What became of the mails of one run."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.models import AttemptRow, BounceRow, DeliveryRow
from cmcdesk.store.desk.run_facts import (
    count_event_deliveries,
    count_read_bounces,
    count_run_deliveries,
    count_stored,
    list_stored,
)
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import open_for_writing


@pytest.fixture
def log(tmp_path: Path) -> Iterator[MailLog]:
    """Mails 1-4 of run aaaaaaaaaa, 5 of another, 6 of nobody."""
    connection = open_for_writing(tmp_path / "mail.db")
    for number, name in enumerate(["aaaaaaaaaa"] * 4 + ["aaaaaaaaab", "x"], 1):
        add_mail(connection, number, f"<{name}.{number:010}@load.example>")
    connection.close()
    with MailLog(tmp_path / "mail.db") as log:
        yield log


def add_mail(connection: sqlite3.Connection, number: int, message_id: str) -> None:
    values = (number, 1.0, "pro", 1, 1, "", "", "[]", 1, "", "", message_id, 1)
    connection.execute(f"INSERT INTO mail VALUES ({', '.join('?' * len(values))})", values)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A transaction on an empty desk.db."""
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        yield session
    engine.dispose()


def test_a_run_s_mails_are_told_from_those_of_others(log: MailLog) -> None:
    assert count_stored(log, "aaaaaaaaaa", 0) == 4 and count_stored(log, "aaaaaaaaaa", 2) == 2
    assert list_stored(log, "aaaaaaaaaa", 1) == [2, 3, 4] and list_stored(log, "aaaaaaaaab", 0) == [5]
    assert count_stored(log, "%aaaaaaaaa", 0) == count_stored(log, "", 0) == 0


def add_delivery(session: Session, number: int, state: str = "waiting", **changed: object) -> None:
    values: dict[str, object] = {
        "number": number, "id": f"d-{number}", "kind": "inbound", "mail_id": number, "composition": "pro",
        "revision": 1, "filter": "f", "recipient": "r", "state": state, "attempts": 0, "created_at": 100.0,
    }  # fmt: skip
    session.add(DeliveryRow(**values | changed))
    session.flush()


def add_attempt(session: Session, number: int, outcome: str, status: int | None, error: str | None) -> None:
    row = AttemptRow(
        delivery_number=number, number=1, at=1.0, milliseconds=1, outcome=outcome, status=status, error=error,
        request="", answer="",
    )  # fmt: skip
    session.add(row)
    session.flush()


def test_deliveries_are_counted_by_state_with_what_the_last_failure_met(session: Session) -> None:
    for number, state in enumerate(("delivered", "delivered", "waiting"), 1):
        add_delivery(session, number, state)
    add_delivery(session, 4, "waiting", attempts=2)
    add_delivery(session, 5, "waiting", composition="other")
    add_delivery(session, 6, "given_up")
    assert count_run_deliveries(session, "pro", [1, 2]).last == ""
    add_attempt(session, 1, "delivered", 200, None)
    add_attempt(session, 4, "transient", 503, None)
    add_attempt(session, 4, "transient", None, "Connection refused")
    add_attempt(session, 6, "permanent", 404, None)
    found = count_run_deliveries(session, "pro", [1, 2, 3, 4, 5])
    assert (found.states, found.attempted, found.last) == ({"delivered": 2, "waiting": 2}, 1, "Connection refused")
    assert count_run_deliveries(session, "pro", [6]).last == "404"
    assert count_run_deliveries(session, "pro", []).states == {}


def test_event_deliveries_are_those_since_a_moment(session: Session) -> None:
    add_delivery(session, 1, "delivered", kind="event", mail_id=None, created_at=50.0)
    add_delivery(session, 2, "delivered", kind="event", mail_id=None)
    add_delivery(session, 3, "delivered")
    assert count_event_deliveries(session, "pro", 100.0).states == {"delivered": 1}


def test_a_bounce_mail_of_three_recipients_counts_once(session: Session) -> None:
    for mail_id, ordinal, log_id in ((1, 0, "log"), (1, 1, "log"), (2, 0, "log"), (2, 0, "old")):
        texts = dict.fromkeys(
            (
                "recipient",
                "diagnostic",
                "evidence",
                "rule",
                "header_from",
                "message_id",
                "return_path",
                "subject",
                "api_data",
            ),
            "",
        )
        session.add(
            BounceRow(log_id=log_id, mail_id=mail_id, ordinal=ordinal, composition="pro", created_at=1.0, final=True,
                      error_status=2, **texts)
        )  # fmt: skip
    session.flush()
    assert count_read_bounces(session, "log", [1, 2, 3]) == 2 and count_read_bounces(session, "log", []) == 0
