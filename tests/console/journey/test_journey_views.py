"""The journey of a mail, from what the stores hold: a refusal that comes home, one that does not, a later bounce."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cmcdesk.processes.paths import mail_db
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import OutboundRow
from cmcdesk.store.desk.outbound import (
    NewOutbound,
    OutboundRecord,
    OwnMail,
    cancel_outbound,
    queue_outbound,
    record_outbound,
)
from cmcdesk.store.maillog.log import MailLog
from tests.console.conftest import Console

WaitFor = Callable[..., Any]
ORIGINAL = (
    b"From: shop@example.com\r\nTo: nobody@gone.example\r\nSubject: order\r\nMessage-ID: <%s@example.com>\r\n\r\nhi\r\n"
)
LATER = 86_400.0  # seconds: the worker of this desk leaves alone what is due by then
REFUSED = (550, "5.1.1", "User unknown", "RCPT TO")


def write_report(message_id: str) -> bytes:
    return (
        "From: MAILER-DAEMON@relay.example\r\nTo: shop@back.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; r.example\r\n\r\n"
        "Final-Recipient: rfc822; nobody@gone.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}@example.com>\r\n"
        "Subject: order\r\n\r\n--b--\r\n"
    ).encode()


class Relayed:
    """A stored mail that the outbound queue knows, as the worker would have written it there."""

    def __init__(self, console: Console, name: str, message_id: str, sender: str = "shop@back.example") -> None:
        self.console, self.name = console, name
        self.mail_id = console.send(name, ORIGINAL % message_id.encode())
        self.engine = console.desk._engine
        with MailLog(mail_db(Path(console.desk._options.folder))) as log:
            self.log_id = log.log_id

        new = NewOutbound(self.log_id, self.mail_id, name, 1, sender, "nobody@gone.example", "gone.example")
        with transaction(self.engine) as session:
            queue_outbound(session, self.log_id, self.mail_id, [new], time.time() + LATER)
            self.row = self.newest(session)

    def newest(self, session: Session) -> int:
        return int(session.scalar(select(func.max(OutboundRow.id))) or 0)

    def tried(self, row: int, state: Any, reply: Any, host: str = "mx.gone.example", report: bool = False) -> int:
        """A try, and with `report` the mail that tells of its failure; the row in which that goes."""
        code, enhanced, text, command = reply
        record = OutboundRecord(
            outbound_id=row, number=1, at=time.time() + LATER, milliseconds=5, host=host, address="127.0.1.9",
            code=code, enhanced=enhanced, text=text, command=command, outcome="permanent", state=state, due_at=None,
            ended_at=time.time(), error_status=2 if state == "failed" else None,
        )  # fmt: skip
        home = NewOutbound(self.log_id, None, self.name, 1, "", "shop@back.example", "back.example")
        with transaction(self.engine) as session:
            record_outbound(session, [record], [OwnMail((row,), b"report", home)] if report else [])
            return self.newest(session)

    def stations(self) -> list[tuple[str, str]]:
        answer = self.console.api(f"mails/{self.mail_id}/journey").json
        assert all(set(one) == {"station", "at", "state", "detail"} for one in answer)
        return [(one["station"], one["state"]) for one in answer]


ON_ITS_WAY = [("application", "done"), ("relay", "done"), ("sender", "done")]


def test_a_refusal_comes_home_and_is_told_of(console: Console, wait_for: WaitFor) -> None:
    name = console.add_composition()
    relayed = Relayed(console, name, "comes-home")
    assert relayed.stations() == [*ON_ITS_WAY, ("dns", "waiting")]
    sent = relayed.tried(relayed.row, "failed", REFUSED, report=True)
    assert relayed.stations()[3:] == [
        ("dns", "done"), ("destination", "broken"), ("report", "done"), ("mx", "waiting"),
    ]  # fmt: skip
    relayed.tried(sent, "succeeded", (250, "2.0.0", "Ok", "DATA"), f"{name}.smtps.jp")
    bounce_id = console.send(name, write_report("comes-home"), "", "shop@back.example")
    wait_for(lambda: ("bounce", "done") in relayed.stations())
    assert relayed.stations()[5:] == [
        ("report", "done"), ("mx", "done"), ("receiving", "done"), ("bounce", "done"), ("api", "done"),
    ]  # fmt: skip
    page = console.get(f"/mails/{relayed.mail_id}/journey").text
    assert 'data-station="destination" data-state="broken"' in page and "550 5.1.1 User unknown" in page
    from_bounce = console.get(f"/mails/{bounce_id}/journey", Accept_Language="ja").text
    assert f'href="/mails/{relayed.mail_id}"' in from_bounce and "リレーサーバ" in from_bounce
    assert not re.search(r"%\(\w+\)", from_bounce)


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
        assert cancel_outbound(session, relayed.row, time.time())
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


def test_a_mail_that_was_received_has_a_journey_too(console: Console, composition: Callable[[Console], str]) -> None:
    mail_id = console.send(composition(console), b"Subject: form\r\n\r\nx\r\n")
    answer = console.api(f"mails/{mail_id}/journey").json
    assert [one["station"] for one in answer] == ["application", "receiving", "webhook"]
    assert answer[-1]["state"] == "broken" and "No notification matched" in answer[-1]["detail"]
    assert f'href="/mails/{mail_id}/journey"' in console.get(f"/mails/{mail_id}").text


@pytest.mark.parametrize("path", ["/mails/99999999/journey", "/mails/99999999/journey/path"])
def test_no_mail_no_journey(console: Console, path: str) -> None:
    assert console.get(path).status_code == 404
    assert console.api("mails/99999999/journey").status_code == 404
