"""Deliveries over the API."""

import time
from collections.abc import Iterator

import pytest

from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import AttemptRow, DeliveryRow

from ..conftest import Console

NEVER = 4_000_000_000.0  # due in 2096: the worker leaves it alone
MAIL = 4_000_000_000  # no other test's deliveries, of the same desk, are of that mail


@pytest.fixture
def delivery(console: Console) -> Iterator[str]:
    """A delivery that was tried once and waits for long."""
    row = DeliveryRow(
        id="test-1", mail_id=MAIL, composition="gone", revision=1, filter="form", recipient="info@test.example",
        due_at=NEVER, attempts=1, created_at=time.time(), payload=None,
    )  # fmt: skip
    with transaction(console.desk._engine) as session:
        session.add(row)
        session.flush()
        session.add(
            AttemptRow(
                delivery_number=row.number, number=1, at=time.time(), milliseconds=12, outcome="transient", status=500,
                error=None, request="POST / HTTP/1.1", answer="oops",
            )
        )  # fmt: skip
    yield "test-1"
    with transaction(console.desk._engine) as session:
        session.delete(session.get_one(DeliveryRow, row.number))


def test_one_delivery_with_its_attempts(console: Console, delivery: str) -> None:
    told = console.api(f"deliveries/{delivery}").json
    assert (told["state"], told["attempts"], told["due_at"][:4]) == ("waiting", 1, "2096")
    (attempt,) = told["attempt_log"]
    assert (attempt["number"], attempt["status"], attempt["outcome"], attempt["answer"]) == (
        1,
        500,
        "transient",
        "oops",
    )


def test_the_list_narrows(console: Console, delivery: str) -> None:
    def ids(query: str) -> list[str]:
        return [each["id"] for each in console.api(f"deliveries?{query}").json["deliveries"]]

    assert delivery in ids("") and ids(f"mail_id={MAIL}") == [delivery]
    assert ids(f"state=delivered&mail_id={MAIL}") == [] and ids("composition=gone&state=waiting") == [delivery]
    assert console.api("deliveries?state=lost").status_code == 422


def test_retry_makes_it_due_now(console: Console, delivery: str) -> None:
    answer = console.api(f"deliveries/{delivery}/retry", "POST")
    assert answer.status_code == 202 and answer.json["id"] == delivery
    assert console.api("deliveries/none/retry", "POST").status_code == 404
    assert console.api("deliveries/none").status_code == 404
    told = console.api(f"deliveries/{delivery}").json  # due now; or the worker, which finds no such filter, ended it
    assert told["due_at"] is None or told["due_at"][:4] != "2096"
