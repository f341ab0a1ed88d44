from typing import Any

import pytest

from cmcdesk.outbound.dispatcher import open_outbound_work
from cmcdesk.outbound.job import OutboundJob, OutboundResult, OutboundWork, Outside
from cmcdesk.outbound.terms import TermsBook
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.outbound import DueOutbound
from cmcdesk.store.room import Room


def run(outlet: Any, *rows: DueOutbound) -> OutboundResult:
    outside = Outside(outlet.surroundings)
    with reading(outlet.engine) as session:
        terms = TermsBook().at(session, "pro", 1)
    work = OutboundWork(outlet.engine, outlet.mail_db, Room(1000), lambda: outside, outlet.now)
    with open_outbound_work(work) as do:
        return do(OutboundJob(rows, terms, terms, 1))


def due(outlet: Any, recipient: str = "a@example.net", **changed: Any) -> DueOutbound:
    values: dict[str, Any] = {
        "log_id": outlet.writer.log_id, "mail_id": 1, "composition": "pro", "revision": 1, "sender": "s@x.example",
        "recipient": recipient, "domain": "example.net", "id": 7, "queued_at": outlet.now(),
    }  # fmt: skip
    return DueOutbound(**values | changed)


def test_an_attempt_says_all_that_the_queue_keeps(outlet: Any) -> None:
    outlet.apply()
    outlet.store("a@app.example", "a@example.net")
    result = run(outlet, due(outlet, attempts=2))
    (record,) = result.records
    assert (record.outbound_id, record.number, record.state, record.outcome) == (7, 3, "succeeded", "delivered")
    assert record.ended_at is not None and record.due_at is None and result.report is None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"mail_id": 99}, "mail 99 was deleted before it could be sent"),
        ({"log_id": "another"}, "mail 1 was in a mail.db that has been replaced since"),
        ({"mail_id": None, "own_id": 5}, "the report is no longer stored"),
    ],
)
def test_a_mail_that_is_gone_has_failed(outlet: Any, changed: dict[str, Any], told: str) -> None:
    outlet.apply()
    outlet.store("a@app.example", "a@example.net")
    result = run(outlet, due(outlet, **changed))
    (record,) = result.records
    assert (record.text, record.state, record.error_status) == (told, "failed", 99)
    assert result.report is not None and result.report.row.recipient == "s@x.example"


def test_a_mail_that_goes_in_circles_has_failed(outlet: Any) -> None:
    outlet.apply()
    outlet.store("a@app.example", "a@example.net", octets=b"Received: from x\r\n" * 101 + b"\r\n")
    (record,) = run(outlet, due(outlet)).records
    assert (record.enhanced, record.state) == ("5.4.6", "failed")


def test_a_fault_of_our_own_is_an_attempt_that_failed(outlet: Any) -> None:
    outlet.apply()
    outlet.store("a@app.example", "a@example.net")
    row = due(outlet, domain=None)
    (record,) = run(outlet, row).records
    assert (record.state, record.enhanced) == ("deferred", "4.3.0") and "could not be sent" in record.text
