"""From the mail log through the queue to the mail servers of a world, and back as a report."""

from dataclasses import replace
from typing import Any

import pytest

from cmcdesk.mail.bounce.reader import read_bounce
from cmcdesk.outbound.dispatcher import MOST_RECIPIENTS, OutboundDispatcher, group_rows
from cmcdesk.outbound.network import Surroundings
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.outbound import DueOutbound, read_own_octets
from cmcdesk.store.desk.outbound_event_lists import OutboundEventQuery, list_event_rows
from cmcdesk.store.desk.outbound_events import OutboundEvent, cancel_outbound, try_outbound_now
from simulator.world.world import RunningWorld


def rewrite(domain: str, **advanced: Any) -> dict[str, Any]:
    return {"advanced": {"envelope_from": {"rewrite": True, "domain": domain}} | advanced}


def arrived(world: RunningWorld, recipient: str, after: int) -> list[Any]:
    return [one for one in world.postbox.arrived("", after, 1000) if recipient in one.recipients]


def newest(world: RunningWorld) -> int:
    return max((one.id for one in world.postbox.arrived("", 0, 20_000)), default=0)


def test_a_relayed_mail_arrives_with_its_sender_rewritten_and_a_trace(outlet: Any, world: RunningWorld) -> None:
    outlet.apply(**rewrite("example.net"))
    before = newest(world)
    outlet.store("info@app.example", "someone@example.net", "other@example.net")
    outlet.run(outlet.all_ended)
    (mail,) = arrived(world, "someone@example.net", before)
    assert (mail.sender, mail.recipients) == ("info@example.net", ("someone@example.net", "other@example.net"))
    assert mail.octets.startswith(b"Received: from app.example by mta01.pro.smtps.jp;\r\n ")
    assert mail.octets.endswith(b"\r\nbody\r\n")
    row = outlet.rows()[0]
    assert (row.state, row.host, row.code, row.enhanced, row.command) == (
        "succeeded", "mx.example.net", 250, "2.0.0", "end of DATA",
    )  # fmt: skip
    assert [(one.number, one.outcome, one.address) for one in outlet.attempts()] == [
        (1, "delivered", "127.0.1.1")
    ] * 2  # fmt: skip
    assert outlet.dispatcher.status.outbound_sent == 2


def test_each_recipient_fares_by_itself_and_one_report_tells_of_all_that_failed(
    outlet: Any, world: RunningWorld
) -> None:
    outlet.apply(**rewrite("example.net"))
    before = newest(world)
    outlet.store("info@app.example", "good@example.net", "nobody@example.net", "full@example.net")
    outlet.run(lambda: len(outlet.rows()) == 4 and outlet.all_ended())
    good, nobody, full, report = outlet.rows()
    assert [row.state for row in (good, nobody, full, report)] == ["succeeded", "failed", "failed", "succeeded"]
    assert [row.error_status for row in (good, nobody, full, report)] == [None, 2, 5, None]
    assert (nobody.code, nobody.enhanced, nobody.command) == (550, "5.1.1", "RCPT TO")
    assert nobody.report_id == full.report_id == report.own_id and good.report_id is None
    assert (report.sender, report.recipient, report.mail_id) == ("", "info@example.net", None)
    (home,) = arrived(world, "info@example.net", before)
    assert home.sender == "", "the null sender, by MX"
    with reading(outlet.engine) as session:
        assert home.octets == read_own_octets(session, report.own_id)
    failures = {one.recipient: (one.error_status, one.status) for one in read_bounce(home.octets).failures}
    assert failures == {"nobody@example.net": (2, "5.1.1"), "full@example.net": (5, "5.2.2")}


def test_a_report_that_fails_makes_no_report(outlet: Any) -> None:
    outlet.apply(**rewrite("example.net"))
    outlet.store("nobody@example.net", "nobody@example.net")
    outlet.store("", "nobody@example.net")
    outlet.run(lambda: len(outlet.rows()) == 3 and outlet.all_ended())
    assert [(row.sender, row.state) for row in outlet.rows()] == [
        ("nobody@example.net", "failed"), ("", "failed"), ("", "failed"),
    ]  # fmt: skip


def test_a_transient_refusal_is_tried_again_until_it_passes(outlet: Any) -> None:
    outlet.apply(advanced={"resend_interval_min": 1})
    outlet.store("a@app.example", "grey@example.net")
    outlet.run(lambda: outlet.states() == {"grey@example.net": "deferred"})
    outlet.run(outlet.all_ended)
    assert outlet.states() == {"grey@example.net": "succeeded"}
    assert outlet.attempts()[0].code == 451 and outlet.attempts()[-1].code == 250
    assert outlet.rows()[0].attempts == len(outlet.attempts())


def test_what_is_refused_until_its_period_is_over_has_timed_out_and_is_reported(outlet: Any) -> None:
    outlet.apply(**rewrite("null.example", resend_period_min=10, resend_interval_min=4))
    outlet.store("a@app.example", "later@example.net")
    outlet.run(lambda: outlet.states().get("later@example.net") == "failed")
    outlet.run(outlet.all_ended)
    row, report = outlet.rows()
    assert (row.error_status, row.code) == (3, 452) and 1 <= row.attempts <= 3  # as fast as the machine is
    with reading(outlet.engine) as session:
        (failure,) = read_bounce(read_own_octets(session, report.own_id)).failures
    assert (failure.recipient, failure.error_status) == ("later@example.net", 3)
    assert (report.state, report.enhanced, report.error_status) == ("failed", "5.1.10", 1), "a null MX takes no report"


def test_without_a_name_server_all_waits_until_a_world_comes(outlet: Any, surroundings: Surroundings) -> None:
    outlet.apply()
    outlet.surroundings = Surroundings()
    outlet.store("a@app.example", "someone@example.net")
    outlet.run(lambda: outlet.rows() and outlet.dispatcher.status.outbound == 1)
    outlet.dispatcher.wake()
    outlet.dispatcher.tick()
    assert outlet.states() == {"someone@example.net": "queued"} and outlet.attempts() == []
    assert not outlet.dispatcher.status.has_resolver
    outlet.surroundings = surroundings
    outlet.run(outlet.all_ended)
    assert outlet.states() == {"someone@example.net": "succeeded"}


def test_a_deferred_mail_is_tried_now_or_cancelled(outlet: Any) -> None:
    outlet.apply()
    outlet.surroundings = replace(outlet.surroundings, speed=1.0)
    outlet.store("a@app.example", "later@example.net", "other@busy.example")
    outlet.run(lambda: set(outlet.states().values()) == {"deferred"})
    with transaction(outlet.engine) as session:
        assert try_outbound_now(session, 1, outlet.now()) == [] and cancel_outbound(session, 2, outlet.now())
    outlet.dispatcher.wake()
    outlet.run(lambda: outlet.rows()[0].attempts == 2)
    assert [row.state for row in outlet.rows()] == ["deferred", "failed"]


def test_a_purged_mail_fails_and_its_sender_is_told(outlet: Any, surroundings: Surroundings) -> None:
    outlet.apply(**rewrite("example.net"))
    outlet.surroundings = Surroundings()
    outlet.store("a@example.net", "someone@example.net")
    outlet.run(outlet.rows)
    outlet.writer.connection.execute("DELETE FROM octets")
    outlet.surroundings = surroundings
    outlet.run(lambda: outlet.states()["someone@example.net"] == "failed")
    assert "was deleted before it could be sent" in outlet.rows()[0].text
    assert outlet.rows()[1].recipient == "a@example.net"


def test_forwarded_mails_go_out_marked(outlet: Any, world: RunningWorld) -> None:
    forwards = {"name": "copy", "header": "Subject", "pattern": "hello", "address": "copy@example.net", "mode": "copy"}
    outlet.apply(forwarding={"receiving": [forwards], "relay": [forwards | {"mode": "rewrite"}]})
    before = newest(world)
    outlet.store("a@app.example", "form@own.example", route="inbound")
    outlet.store("a@app.example", "someone@example.net")
    outlet.run(lambda: len(outlet.rows()) == 2 and outlet.all_ended())
    assert [(row.recipient, row.forwarded_by) for row in outlet.rows()] == [("copy@example.net", "copy")] * 2
    mails = arrived(world, "copy@example.net", before)
    assert [mail.octets.startswith(b"Delivered-To: copy@example.net\r\n") for mail in mails] == [True, True]


def test_rows_of_one_mail_share_a_transaction_and_forwarded_ones_do_not() -> None:
    def due(number: int, mail_id: int, forwarded_by: str = "") -> DueOutbound:
        return DueOutbound(
            "x", mail_id, "pro", 1, "s@x.example", f"{number}@x.example", "x.example", forwarded_by, id=number
        )

    rows = [due(1, 7), due(2, 7), due(3, 8), due(4, 8, "f"), due(5, 8, "f")]
    assert [[row.id for row in group] for group in group_rows(rows)] == [[1, 2], [3], [4], [5]]
    many = [due(number, 7) for number in range(MOST_RECIPIENTS + 1)]
    assert [len(group) for group in group_rows(many)] == [MOST_RECIPIENTS, 1]


@pytest.mark.parametrize("recipient", ["a@busy.example", "a@nobody-there.example", "a@broken.example"])
def test_who_cannot_be_reached_is_deferred(outlet: Any, recipient: str) -> None:
    outlet.apply()
    outlet.surroundings = replace(outlet.surroundings, speed=1.0)
    outlet.store("a@app.example", recipient)
    outlet.run(lambda: outlet.states() == {recipient: "deferred"})
    assert outlet.rows()[0].due_at == pytest.approx(outlet.now() + 600, abs=30)


def test_what_happens_is_announced_and_kept_as_events(outlet: Any) -> None:
    outlet.apply()
    outlet.surroundings = replace(outlet.surroundings, speed=1.0)
    outlet.store("a@app.example", "someone@example.net", "nobody@example.net", "later@example.net")
    told: list[OutboundEvent] = []
    outlet.dispatcher = OutboundDispatcher(
        outlet.engine, outlet.mail_db, lambda: outlet.surroundings, lambda _, events: told.extend(events), outlet.now
    )
    outlet.run(lambda: {"succeeded", "failed", "deferred"} <= set(outlet.states().values()))
    recipients = {row.id: row.recipient.partition("@")[0] for row in outlet.rows()}
    found = {(recipients[event.outbound_id], event.status): event for event in told}
    assert set(found) == {
        *((name, "queued") for name in ("someone", "nobody", "later")),
        ("someone", "succeeded"), ("nobody", "failed"), ("later", "deferred"),
    }  # fmt: skip
    assert found["someone", "succeeded"].sender_ip == "127.0.0.1" and not found["someone", "succeeded"].reason
    assert "(in reply to RCPT TO)" in found["nobody", "failed"].reason and found["nobody", "failed"].error_status == 2
    assert found["later", "deferred"].reason.startswith("452 4.2.2") and not found["later", "deferred"].sender_ip
    with reading(outlet.engine) as session:
        kept = [event.status for event, _ in list_event_rows(session, OutboundEventQuery("pro", 0.0, 4e9), 10)]
    assert sorted(kept) == sorted(status for _, status in found)
