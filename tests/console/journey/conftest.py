"""A mail that the outbound queue knows, as the worker writes it there; the report of its failure."""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cmcdesk.processes.paths import mail_db
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import OutboundRow
from cmcdesk.store.desk.outbound import (
    NewOutbound,
    OutboundRecord,
    OwnMail,
    queue_outbound,
    record_outbound,
)
from cmcdesk.store.maillog.log import MailLog
from tests.console.conftest import Console

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
