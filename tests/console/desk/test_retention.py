"""Retention by age and count."""

import dataclasses
import smtplib
import time
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import delete, select

from cmcdesk.console.desk.retention import (
    DAY_SECONDS,
    Retention,
    find_boundary,
    keep_retention,
    load_retention,
    save_retention,
)
from cmcdesk.processes.paths import mail_db
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import BounceRow, DeliveryRow
from cmcdesk.store.maillog.log import MailLog

from ..conftest import AddMail, Console


def test_the_first_mail_since_a_moment_is_found(console: Console, add_mail: AddMail) -> None:
    ids = [add_mail() for _ in range(4)]
    with MailLog(mail_db(console.desk._options.folder)) as log:
        times = [log.get_mail(mail_id).received_at for mail_id in ids]  # type: ignore[union-attr]
        assert [find_boundary(log, 0, at) for at in times] == ids
        assert find_boundary(log, 0, times[-1] + 1) == log.newest_mail() + 1
        assert find_boundary(log, 0, 0) <= ids[0]
        assert find_boundary(log, 2, None) == ids[2] and find_boundary(log, 0, None) == 0
        assert find_boundary(log, 1, times[0]) == ids[3], "the stricter of both counts"


def test_what_is_over_the_limits_goes(console: Console, add_mail: AddMail) -> None:
    services = console.desk._services
    ids = [add_mail() for _ in range(3)]
    save_retention(services, Retention(days=0, mails=1))
    try:
        keep_retention(services)
        assert [mail["id"] for mail in console.api("mails").json["mails"]] == [ids[-1]]
        assert keep_retention(services) == 0
    finally:
        save_retention(services, Retention())


def test_ended_deliveries_go_with_their_age_and_waiting_ones_stay(console: Console) -> None:
    services = console.desk._services
    common = {"composition": "x", "revision": 1, "filter": "f", "recipient": "r", "created_at": 0.0}
    with transaction(services.engine) as session:
        session.execute(delete(DeliveryRow))  # of earlier tests, which are of a later time
        session.add(DeliveryRow(id="old", state="delivered", finished_at=1000.0, **common))
        session.add(DeliveryRow(id="new", state="given_up", finished_at=9e8, **common))
        session.add(DeliveryRow(id="waiting", state="waiting", due_at=4e9, **common))
    keep_retention(services, now=lambda: 1e6 + 40 * 86400)
    left = {each["id"] for each in console.api("deliveries?composition=x").json["deliveries"]}
    assert left == {"new", "waiting"}


def test_refusals_and_bounces_have_an_end(console: Console) -> None:
    services = console.desk._services
    name = console.add_composition()
    with smtplib.SMTP(*console.place(name), timeout=10) as smtp:
        smtp.ehlo()
        for number in range(3):
            smtp.mail("a@sender.example")
            assert smtp.rcpt(f"{number}@foreign.example")[0] == 550
            smtp.rset()
    bounces = [("old", 1000.0), ("older", 900.0), ("new", 9e9), ("newer", 9e9)]
    with transaction(services.engine) as session:
        for mail_id, (recipient, created_at) in enumerate(bounces):
            session.add(make_bounce(mail_id, recipient, created_at))
    save_retention(services, Retention(refusals=1, bounces=1))
    try:
        keep_retention(services)
        kept = console.api("refusals").json["refusals"]
        assert [each["recipient"] for each in kept] == ["2@foreign.example"]
        with reading(services.engine) as session:
            assert list(session.scalars(select(BounceRow.recipient))) == ["newer"]
        keep_retention(services, now=lambda: time.time() + 41 * DAY_SECONDS)
        assert console.api("refusals").json["refusals"] == []
    finally:
        save_retention(services, Retention())


def make_bounce(mail_id: int, recipient: str, created_at: float) -> BounceRow:
    texts = dict.fromkeys(
        ("composition", "diagnostic", "evidence", "rule", "header_from", "message_id", "return_path", "subject",
         "api_data"), "",
    )  # fmt: skip
    return BounceRow(
        log_id="x", mail_id=mail_id, ordinal=0, created_at=created_at, final=True, recipient=recipient,
        error_status=1, status=None, reply=None, **texts,
    )  # fmt: skip


def test_without_a_mail_log_there_is_nothing_to_do(console: Console, tmp_path: Path) -> None:
    assert keep_retention(dataclasses.replace(console.desk._services, folder=tmp_path)) == 0


@pytest.mark.parametrize("wrong", [{"days": -1}, {"days": 3651}, {"mails": -1}, {"days": "x"}, {"weeks": 1}])
def test_limits_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Retention.model_validate(wrong)


def test_defaults(console: Console) -> None:
    assert load_retention(console.desk._services) == Retention(
        days=40, mails=0, refusals=1_000_000, bounces=1_000_000, deliveries=1_000_000
    )
