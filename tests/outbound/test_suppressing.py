"""配信停止 at work: errors are counted, the batch suppresses, the next mail is turned away without a server asked."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cmcdesk.bounces.reader import read_mail
from cmcdesk.mail.bounce.reader import read_bounce
from cmcdesk.outbound import suppressing as module
from cmcdesk.outbound.suppressing import SuppressionBatch
from cmcdesk.rules.suppression import read_terms
from cmcdesk.store.desk.block_batch import AddressError, count_errors, find_plan, request_run, save_terms
from cmcdesk.store.desk.block_models import BlockErrorRow, BlockRow
from cmcdesk.store.desk.blocks import lift_blocks
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.outbound import read_own_octets
from cmcdesk.store.desk.outbound_counts import Slots, list_counts
from cmcdesk.store.desk.outbound_events import OutboundEventRow, try_outbound_now
from cmcdesk.store.maillog.log import MailLog
from simulator.world.world import RunningWorld

HOME = {"advanced": {"envelope_from": {"rewrite": True, "domain": "example.net"}}}


def make_batch(outlet: Any, announced: list[str] | None = None) -> SuppressionBatch:
    def announce(_session: Session, rows: Sequence[BlockRow]) -> None:
        if announced is not None:
            announced.extend(row.email for row in rows)

    return SuppressionBatch(outlet.engine, announce, outlet.now)


def run_now(outlet: Any, batch: SuppressionBatch) -> None:
    with transaction(outlet.engine) as session:
        request_run(session, "pro", outlet.now())
    batch.tick()


def suppressed(outlet: Any) -> dict[str, tuple[int, int]]:
    with reading(outlet.engine) as session:
        rows = session.scalars(select(BlockRow).where(BlockRow.removed_at.is_(None)))
        return {row.email: (row.status, row.occurred) for row in rows}


def send(outlet: Any, *recipients: str) -> list[Any]:
    """One mail, until all has ended: its rows, without reports."""
    before = len(outlet.rows())
    outlet.store("info@app.example", *recipients)
    outlet.run(lambda: len(outlet.rows()) >= before + len(recipients) and outlet.all_ended())
    return [row for row in outlet.rows()[before:] if row.own_id is None]


def test_three_errors_a_run_and_the_next_mail_is_turned_away(outlet: Any, world: RunningWorld) -> None:
    outlet.apply(**HOME)
    with transaction(outlet.engine) as session:
        save_terms(session, "pro", read_terms("00:00", "", {2: (True, "3")}), time.time())
    announced: list[str] = []
    batch = make_batch(outlet, announced)
    for _ in range(2):
        send(outlet, "nobody@example.net", "good@example.net")
    run_now(outlet, batch)
    assert suppressed(outlet) == {}
    send(outlet, "Nobody@example.net")
    run_now(outlet, batch)
    assert suppressed(outlet) == {"nobody@example.net": (2, 3)} and announced == ["nobody@example.net"]

    tried = len(outlet.attempts())
    blocked, good = send(outlet, "nobody@EXAMPLE.net", "good@example.net")
    assert (blocked.state, blocked.error_status, blocked.code, blocked.enhanced) == ("failed", 10, None, "")
    assert blocked.text == "Recipient address <nobody@EXAMPLE.net> is suppressed to send mail."
    assert (blocked.command, blocked.host, good.state) == ("RCPT TO", "", "succeeded")
    one = next(each for each in outlet.attempts()[tried:] if each.outbound_id == blocked.id)
    assert (one.outcome, one.host, one.address) == ("permanent", "", ""), "nobody was asked"
    assert outlet.dispatcher.status.outbound_suppressed == 1
    with reading(outlet.engine) as session:
        told = select(OutboundEventRow.status, OutboundEventRow.reason, OutboundEventRow.error_status)
        said = session.execute(told.where(OutboundEventRow.outbound_id == blocked.id)).all()
        assert [tuple(one) for one in said] == [
            ("queued", "", None), ("failed", f"{blocked.text} (in reply to RCPT TO)", 10),
        ]  # fmt: skip
        counts = list_counts(session, ["pro"], Slots(900, 0.0, 4e9))
        assert sum(one.blocked for _, one in counts) == 1 and sum(one.failed for _, one in counts) == 3
        report = read_own_octets(session, blocked.report_id)
    (failure,) = read_bounce(report).failures
    assert (failure.recipient, failure.error_status) == ("nobody@EXAMPLE.net", 10)
    assert "is suppressed to send mail. (in reply to RCPT TO)" in failure.diagnostic


def test_cancelled_it_is_sent_again_deleted_it_is_never_suppressed_again(outlet: Any) -> None:
    outlet.apply(**HOME)
    batch = make_batch(outlet)
    send(outlet, "nobody@example.net")
    run_now(outlet, batch)
    (blocked,) = send(outlet, "nobody@example.net")
    assert blocked.error_status == 10
    for how, again in (("cancelled", {"nobody@example.net": (2, 1)}), ("deleted", {})):
        with transaction(outlet.engine) as session:
            ids = list(session.scalars(select(BlockRow.id).where(BlockRow.removed_at.is_(None))))
            lift_blocks(session, ids, how, time.time())  # type: ignore[arg-type]
        (row,) = send(outlet, "nobody@example.net")
        assert (row.error_status, row.host) == (2, "mx.example.net"), "a server was asked"
        run_now(outlet, batch)
        assert suppressed(outlet) == again
    with transaction(outlet.engine) as session:
        assert try_outbound_now(session, blocked.id, time.time()) is not None
    outlet.dispatcher.wake()
    outlet.run(outlet.all_ended)
    assert next(row for row in outlet.rows() if row.id == blocked.id).error_status == 2


def test_the_own_report_that_comes_home_does_not_count_a_second_time(outlet: Any) -> None:
    outlet.apply(**HOME)
    (row,) = send(outlet, "nobody@example.net")
    with reading(outlet.engine) as session:
        assert [one.occurred for one in session.scalars(select(BlockErrorRow))] == [1]
        octets = read_own_octets(session, row.report_id)
    message_id = octets.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
    mail_id = outlet.store("", "bounce@return.pro.smtps.jp", octets=octets, route="bounce")
    with MailLog(outlet.mail_db) as log:
        mail = log.get_mail(mail_id)
        assert mail is not None
    (home,) = read_mail("x", replace(mail, message_id=message_id), octets)
    assert home.own_report and home.recipient == "nobody@example.net"


def test_the_batch_runs_at_its_time_also_when_that_has_passed_meanwhile(outlet: Any) -> None:
    outlet.apply()
    batch = make_batch(outlet)
    batch.tick()
    assert batch.runs == 0
    with transaction(outlet.engine) as session:
        count_errors(session, [AddressError("pro", "a@x.example", 2)], outlet.now())
    outlet.ahead = 3 * 86400.0  # the program was not running at midnight
    later = make_batch(outlet)
    later.tick()
    assert later.runs == 1 and suppressed(outlet) == {"a@x.example": (2, 1)}
    with reading(outlet.engine) as session:
        plan = find_plan(session, "pro", outlet.now())
    assert plan is not None and 0 < plan.next_run_at - outlet.now() <= 86400
    later.tick()
    assert later.runs == 1


def test_slices_are_kept_one_by_one_and_an_event_goes_with_its_row(
    outlet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLICE", 2)
    outlet.apply()
    with transaction(outlet.engine) as session:
        count_errors(session, [AddressError("pro", f"{n}@x.example", 2) for n in range(5)], 1.0)
    told: list[int] = []

    def fail_once(session: Session, rows: Sequence[BlockRow]) -> None:
        told.append(len(rows))
        if len(told) == 2:
            raise RuntimeError("killed")

    batch = SuppressionBatch(outlet.engine, fail_once, outlet.now)
    with transaction(outlet.engine) as session:
        request_run(session, "pro", outlet.now())
    with pytest.raises(RuntimeError):
        batch.tick()
    assert len(suppressed(outlet)) == 2
    batch.tick()
    assert len(suppressed(outlet)) == 5 and told == [2, 2, 2, 1]
    with reading(outlet.engine) as session:
        assert session.scalar(select(func.count()).select_from(BlockRow)) == 5


def test_the_watch_period_frees(outlet: Any) -> None:
    outlet.apply()
    batch = make_batch(outlet)
    with transaction(outlet.engine) as session:
        save_terms(session, "pro", read_terms("00:00", "2", {2: (True, "1")}), outlet.now())
        count_errors(session, [AddressError("pro", "a@x.example", 2)], outlet.now())
    run_now(outlet, batch)
    assert len(suppressed(outlet)) == 1
    outlet.ahead = 2.1 * 86400
    batch.tick()
    assert suppressed(outlet) == {}
    with reading(outlet.engine) as session:
        assert session.scalars(select(BlockRow.removal)).all() == ["watched"]
