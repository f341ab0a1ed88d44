"""A data folder with a mail log, as the mail server leaves it, and an opened desk.db."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cmcdesk.processes.paths import mail_db
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.maillog.insertion import MailLogWriter, NewMail
from cmcdesk.store.maillog.log import MailLog

StoreMails = Callable[..., None]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def store_mails(tmp_path: Path) -> Iterator[StoreMails]:
    """`store_mails([octets, …], at=1.0, routes=1)`: the next mails of the log; routes 1: bounce, 2: inbound."""
    writer = MailLogWriter(mail_db(tmp_path))

    def store(mails: Sequence[bytes], at: float = 1.0, routes: int = 1) -> None:
        route = {1: "bounce", 2: "inbound"}[routes]
        recipients = f'[["news@return.sender.example", "{route}"]]'
        facts = (at, "pro", 1, 1, "127.0.0.1", "", recipients, routes, "", "", "")
        writer.append([NewMail(*facts, octets) for octets in mails], [])

    yield store
    writer.close()


@pytest.fixture
def mail_log(tmp_path: Path, store_mails: StoreMails) -> Iterator[MailLog]:
    with MailLog(mail_db(tmp_path)) as log:
        yield log


@pytest.fixture
def write_bounce() -> Callable[..., bytes]:
    """`write_bounce(recipient, answer)`: a bounce as Postfix writes it, with the head of the mail that failed."""

    def write(recipient: str, answer: str = "550 5.1.1 User unknown", message_id: str = "<1@sender.example>") -> bytes:
        return (
            "From: MAILER-DAEMON@mx.example (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
            "--b\nContent-Type: text/plain\n\nThis is the mail system at host mx.example.\n\n"
            f"<{recipient}>: {answer}\n\n"
            f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; "
            f"{recipient}\nAction: failed\nStatus: {answer[4:9]}\nDiagnostic-Code: smtp; {answer}\n\n"
            f"--b\nContent-Type: text/rfc822-headers\n\nReturn-Path: <news@return.sender.example>\nFrom: Shop "
            f"<news@sender.example>\nTo: {recipient}\nSubject: =?utf-8?B?44GK55+l44KJ44Gb?=\nMessage-ID: {message_id}\n"
            "X-Api-Data: order-7\n\n--b--\n"
        ).encode()

    return write
