"""Stored bounce mails become rows, each once."""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from cmcdesk.bounces.reader import BounceReader, read_mail, read_next
from cmcdesk.mail.smtp.envelope import Recipient
from cmcdesk.store.desk.bounces import CURSOR, list_of_mail
from cmcdesk.store.desk.database import read_cursor, reading
from cmcdesk.store.desk.models import BounceRow
from cmcdesk.store.maillog.log import MailLog, MailRow

WriteBounce = Callable[..., bytes]
StoreMails = Callable[..., None]
WaitFor = Callable[..., object]

MAIL = MailRow(
    7, 12.5, "pro", 1, 1, "127.0.0.1", "",
    (Recipient("x@in.example", "inbound"), Recipient("r@return.example", "bounce")),
    "", "", "", 0,
)  # fmt: skip

# A reader in a process of its own: reads all that waits, in small batches, then ends.
READ_ALL = """
import sys
from pathlib import Path
from cmcdesk.bounces.reader import BounceReader
from cmcdesk.processes.paths import mail_db
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.maillog.log import MailLog
folder = Path(sys.argv[1])
with MailLog(mail_db(folder)) as log:
    reader = BounceReader(open_desk(folder), log)
    while reader.read_next(10):
        pass
"""


def test_a_bounce_becomes_a_row_tied_to_its_original(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce
) -> None:
    store_mails([write_bounce("a@dest.example", "552 5.2.2 Mailbox full")], at=7.5)
    assert read_next(engine, mail_log) == 1
    with reading(engine) as session:
        (row,) = list_of_mail(session, mail_log.log_id, 1)
    assert (row.recipient, row.error_status, row.status, row.reply) == ("a@dest.example", 5, "5.2.2", "552")
    assert (row.header_from, row.message_id, row.subject) == ("news@sender.example", "<1@sender.example>", "お知らせ")
    assert (row.api_data, row.return_path) == ("order-7", "news@return.sender.example")
    assert (row.created_at, row.composition, row.final, row.override) == (7.5, "pro", True, None)
    assert "552 5.2.2 Mailbox full" in row.diagnostic
    assert row.evidence == "552 5.2.2 Mailbox full"


def test_what_is_no_bounce_leaves_no_row_and_is_not_read_again(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce
) -> None:
    store_mails([b"From: a@b.example\nSubject: Hello\n\nHello\n", write_bounce("a@dest.example")])
    reader = BounceReader(engine, mail_log)
    assert reader.read_next() == 2
    assert reader.read_next() == 0
    assert count_rows(engine) == 1


def test_inbound_mail_is_passed_over_without_writing(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce
) -> None:
    reader = BounceReader(engine, mail_log)
    store_mails([write_bounce("a@dest.example")] * 5, routes=2)
    assert reader.read_next() == 0
    assert position_of(engine, mail_log) == 0
    store_mails([write_bounce("a@dest.example")])
    assert reader.read_next() == 1
    assert position_of(engine, mail_log) == 6


def test_what_waits_is_counted(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce
) -> None:
    reader = BounceReader(engine, mail_log)
    store_mails([write_bounce("a@dest.example")] * 5)
    store_mails([write_bounce("a@dest.example")], routes=2)
    assert reader.count_waiting() == 5
    assert (reader.read_next(3), reader.count_waiting()) == (3, 2)
    assert (reader.read_next(3), reader.count_waiting()) == (2, 0)
    assert (reader.read_next(3), reader.count_waiting()) == (0, 0)


def test_reading_again_from_the_start_adds_nothing(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce
) -> None:
    store_mails([write_bounce(f"a{number}@dest.example") for number in range(7)])
    assert [read_next(engine, mail_log, 3) for _ in range(4)] == [3, 3, 1, 0]
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM cursor")
    assert read_next(engine, mail_log) == 7
    assert count_rows(engine) == 7


def test_who_is_told_is_told_in_the_same_transaction(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce
) -> None:
    store_mails([write_bounce("a@dest.example"), write_bounce("b@dest.example")])
    told: list[str] = []

    def announce(_session: Session, rows: Sequence[BounceRow]) -> None:
        told.extend(row.recipient for row in rows)
        if len(told) == 2:
            raise RuntimeError("the event could not be queued")

    reader = BounceReader(engine, mail_log, announce)
    try:
        reader.read_next()
    except RuntimeError:
        pass
    assert count_rows(engine) == 0, "rows without their events must not be kept"
    assert reader.read_next() == 2
    assert told == ["a@dest.example", "b@dest.example"] * 2


def test_two_readers_at_once_make_each_row_once(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce
) -> None:
    store_mails([write_bounce("a@dest.example")])
    other = BounceReader(engine, mail_log)
    reads_between = ReadsBetween(mail_log, other)
    assert BounceReader(engine, reads_between).read_next() == 0
    assert count_rows(engine) == 1


class ReadsBetween(MailLog):
    """A mail log at which another reader is quicker, between the looking and the writing of the first."""

    def __init__(self, mail_log: MailLog, other: BounceReader) -> None:
        self.connection, self.log_id, self.path, self.other = mail_log.connection, mail_log.log_id, mail_log.path, other

    def bounces_after(self, position: int, limit: int):  # type: ignore[no-untyped-def]
        found = super().bounces_after(position, limit)
        assert self.other.read_next() == 1
        return found


def test_a_killed_reader_goes_on_where_it_was_and_each_bounce_is_there_once(
    tmp_path: Path,
    engine: Engine,
    mail_log: MailLog,
    store_mails: StoreMails,
    write_bounce: WriteBounce,
    wait_for: WaitFor,
) -> None:
    store_mails([write_bounce(f"a{number}@dest.example") for number in range(2000)])
    killed = 0
    for share in (300, 900, 1500):
        process = subprocess.Popen([sys.executable, "-c", READ_ALL, str(tmp_path)])
        wait_for(lambda wanted=share: count_rows(engine) >= wanted, 60)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed == 3, "the reader must have been killed while it read"
    assert 1500 <= count_rows(engine) < 2000
    subprocess.run([sys.executable, "-c", READ_ALL, str(tmp_path)], check=True)
    with reading(engine) as session:
        recipients = list(session.scalars(select(BounceRow.recipient).order_by(BounceRow.mail_id)))
    assert recipients == [f"a{number}@dest.example" for number in range(2000)]


def count_rows(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalar(select(func.count(BounceRow.id))) or 0


def position_of(engine: Engine, mail_log: MailLog) -> int:
    with reading(engine) as session:
        return read_cursor(session, CURSOR, mail_log.log_id)


def test_the_row_says_which_mail_and_which_original(write_bounce: WriteBounce) -> None:
    (row,) = read_mail("log", MAIL, write_bounce("a@dest.example"))
    assert (row.log_id, row.mail_id, row.ordinal, row.created_at) == ("log", 7, 0, 12.5)
    assert row.rule == "RFC 3464 delivery report | no such user"
    assert row.return_path == "news@return.sender.example"


def test_without_a_returned_header_the_return_path_is_where_the_bounce_came_to() -> None:
    octets = (
        b"From: MAILER-DAEMON@x\nSubject: failure notice\n\nThis is the qmail-send program.\n\n<a@b.example>:\nno\n"
    )
    (row,) = read_mail("log", MAIL, octets)
    assert (row.return_path, row.message_id, row.header_from) == ("r@return.example", "", "")


def test_what_the_database_cannot_hold_is_taken_out() -> None:
    octets = b"From: MAILER-DAEMON@x\nSubject: failure notice\n\nundeliverable\n\n<a@b.example>: \x00 550 no\xff\n"
    (row,) = read_mail("log", MAIL, octets)
    assert "\x00" not in row.diagnostic
    assert row.diagnostic.encode("utf-8")


def test_the_null_path_of_the_envelope_counts_as_that_of_the_header() -> None:
    """RFC 5321 §4.4: a mail that comes in has no Return-Path field yet."""
    octets = (
        b"From: gw7@mx.example\nSubject: 5521\n\nYour message could not be delivered.\n\n<a@b.example>: 550 no user\n"
    )
    assert [row.recipient for row in read_mail("log", MAIL, octets)] == ["a@b.example"]
    assert read_mail("log", replace(MAIL, sender="gw7@mx.example"), octets) == []


def test_no_bounce_no_row() -> None:
    assert read_mail("log", MAIL, b"Subject: Hello\n\nHello\n") == []
