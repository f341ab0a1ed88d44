"""Failures on our own side. The usual way of a job is in test_dispatcher.py."""

from contextlib import closing
from typing import Any

import pytest

from cmcdesk.processes import paths
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.delivery_queue import LOG_ID_SHOWN, DueDelivery
from cmcdesk.store.desk.set_aside import add_strike
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.reading_guard import ReadingGuard
from cmcdesk.webhook.courier import Courier
from cmcdesk.webhook.job import Job, RetryClock, fail, preview, record_attempt, run_job
from cmcdesk.webhook.mails import MailGone, MailReader, PartsCache
from cmcdesk.webhook.target import Target

CLOCK = RetryClock(lambda: 100.0, lambda: 1.0)


def make_delivery(**changed: Any) -> DueDelivery:
    values: dict[str, Any] = {
        "number": 5, "id": "x-1", "mail_id": 1, "composition": "pro", "revision": 1, "filter": "form",
        "recipient": "b@example.com", "attempts": 1,
    }  # fmt: skip
    return DueDelivery(**values | changed)


def test_the_record_counts_this_attempt_and_stretches_the_wait() -> None:
    record = record_attempt(make_delivery(), fail("transient", "why"), 99.0, CLOCK)
    assert (record.delivery_number, record.number, record.at, record.ended_at) == (5, 2, 99.0, 100.0)
    assert (record.state, record.due_at, record.error) == ("waiting", pytest.approx(100 + 66), "why")


@pytest.mark.parametrize(
    ("delivery", "outcome", "error"),
    [
        (make_delivery(mail_id=None), "permanent", "the delivery names no mail"),
        (make_delivery(id="other-1"), "permanent", "mail 1 was in a mail.db that has been replaced since"),
    ],
)
def test_without_a_mail_it_is_over(desk: Any, delivery: DueDelivery, outcome: str, error: str) -> None:
    reader, courier = MailReader(paths.mail_db(desk.folder), PartsCache()), Courier()
    record = run_job(Job(delivery, Target("http://127.0.0.1:9/", "json")), reader, courier, CLOCK)
    assert (record.outcome, record.error, record.state) == (outcome, error, "given_up")
    reader.close()
    courier.close()


def test_the_preview_is_what_the_log_will_show(desk: Any) -> None:
    target = Target("http://127.0.0.1:9/x?y", "form", api_key="k3y")
    event = make_delivery(kind="event", filter="bounces", payload='{"bounces": [{"to": "a@b.example"}]}')
    reader = MailReader(paths.mail_db(desk.folder), PartsCache())
    with closing(reader), closing(Courier()) as courier:
        shown = preview(Job(event, target), reader)
        assert shown == run_job(Job(event, target), reader, courier, CLOCK).request
        assert shown.startswith("POST /x?y HTTP/1.1\r\n") and "k3y" not in shown and "a%40b.example" in shown
        with pytest.raises(MailGone):
            preview(Job(make_delivery(mail_id=None), target), reader)


def test_a_fault_of_ours_is_a_failed_attempt_and_ends_no_lane(
    desk: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    reader, courier = MailReader(tmp_path / "none" / "mail.db", PartsCache()), Courier()
    record = run_job(Job(make_delivery(), Target("http://127.0.0.1:9/", "json")), reader, courier, CLOCK)
    courier.close()
    assert (record.outcome, record.state) == ("transient", "waiting")
    assert record.error is not None and "MailLogMissing" in record.error
    assert "x-1" in caplog.text


def test_a_mail_that_is_set_aside_is_given_up(desk: Any) -> None:
    desk.receive(1)
    log_id = read_log_id(desk)
    with transaction(desk.engine) as session:
        for _ in range(2):
            add_strike(session, log_id, 1, "webhooks", 1.0)
    guard = ReadingGuard(paths.reading_note(desk.folder), desk.engine)
    reader, courier = MailReader(paths.mail_db(desk.folder), PartsCache(), guard), Courier()
    delivery = make_delivery(id=f"{log_id[:LOG_ID_SHOWN]}-1", mail_id=1)
    record = run_job(Job(delivery, Target("http://127.0.0.1:9/", "json")), reader, courier, CLOCK)
    assert (record.outcome, record.state) == ("permanent", "given_up")
    assert record.error == "mail 1 is set aside: reading it failed 2 times"
    reader.close()
    courier.close()


def read_log_id(desk: Any) -> str:
    with MailLog(paths.mail_db(desk.folder)) as log:
        return log.log_id
