"""The stations in words: where a journey breaks, and one that bounces later."""

import time
from collections.abc import Callable
from typing import Any

from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import OutboundRow
from cmcdesk.store.desk.outbound_events import cancel_outbound
from tests.console.conftest import Console

from .conftest import REFUSED, Relayed, write_report

WaitFor = Callable[..., Any]


def test_a_report_that_finds_no_way_home_breaks_there(console: Console) -> None:
    relayed = Relayed(console, console.add_composition(), "no-way-home")
    sent = relayed.tried(relayed.row, "failed", REFUSED, report=True)
    relayed.tried(sent, "failed", (None, "5.1.2", "Host or domain name not found: back.example", "DNS"), "")
    assert relayed.stations()[3:] == [("dns", "done"), ("destination", "broken"), ("report", "done"), ("mx", "broken")]
    refused = Relayed(console, relayed.name, "not-allowed")
    sent = refused.tried(refused.row, "failed", REFUSED, report=True)
    refused.tried(sent, "failed", (550, "5.7.1", "Relaying denied", "RCPT TO"), "pro.smtps.jp")
    assert refused.stations()[5:] == [("report", "done"), ("mx", "done"), ("receiving", "broken")]


def test_one_that_was_cancelled_is_not_reported_on(console: Console) -> None:
    relayed = Relayed(console, console.add_composition(), "cancelled")
    with transaction(relayed.engine) as session:
        assert cancel_outbound(session, relayed.row, time.time()) is not None
    assert relayed.stations()[3:] == [("dns", "broken")]


def test_the_null_sender_is_never_told_and_no_server_breaks_at_the_dns(console: Console) -> None:
    relayed = Relayed(console, console.add_composition(), "null", sender="")
    relayed.tried(relayed.row, "failed", (None, "5.1.10", "does not accept mail (null MX)", "DNS"), "")
    assert relayed.stations()[3:] == [("dns", "broken"), ("report", "broken")]


def test_a_mail_may_succeed_and_bounce_later(console: Console, wait_for: WaitFor) -> None:
    name = console.add_composition()
    relayed = Relayed(console, name, "later")
    relayed.tried(relayed.row, "succeeded", (250, "2.0.0", "Ok", "DATA"))
    assert "may still return it" in console.get(f"/mails/{relayed.mail_id}/journey/path").text
    console.send(name, write_report("later"), "", "shop@back.example")
    wait_for(lambda: ("bounce", "done") in relayed.stations())
    page = console.get(f"/mails/{relayed.mail_id}/journey").text
    assert "Both are right" in page and relayed.stations()[4] == ("destination", "done")


def test_a_suppressed_recipient_ends_before_any_server_is_asked(console: Console) -> None:
    relayed = Relayed(console, console.add_composition(), "suppressed")
    told = "Recipient address <nobody@gone.example> is suppressed to send mail."
    sent = relayed.tried(relayed.row, "failed", (None, "", told, "RCPT TO"), "", report=True)
    relayed.tried(sent, "succeeded", (250, "2.0.0", "Ok", "DATA"), "pro.smtps.jp")
    with transaction(relayed.engine) as session:
        session.get_one(OutboundRow, relayed.row).error_status = 10
        facts = {"occurred": 3, "status": 2, "created_at": time.time()}
        session.add(BlockRow(id="journeyblock1", composition=relayed.name, email="nobody@gone.example", **facts))
    assert relayed.stations()[2:5] == [("sender", "done"), ("suppression", "broken"), ("report", "done")]
    page = console.get(f"/mails/{relayed.mail_id}/journey").text
    assert "No server was asked: nobody@gone.example is suppressed since" in page and "(2 Unknown user × 3)" in page
    assert f"/suppression?composition={relayed.name}&amp;email=nobody@gone.example" in page
