"""Reading again: shown first, written whole, with what a person said kept."""

from collections.abc import Callable

from sqlalchemy import Engine

from cmcdesk.bounces.reader import read_next
from cmcdesk.bounces.rereading import find_changes, reread_all
from cmcdesk.store.desk.bounces import list_of_mail, override_bounce
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.maillog.log import MailLog

WriteBounce = Callable[..., bytes]
StoreMails = Callable[..., None]


def test_rows_that_are_read_otherwise_now_are_shown_then_written(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce
) -> None:
    store_mails([write_bounce("a@dest.example"), write_bounce("b@dest.example", "552 5.2.2 Mailbox full")])
    read_next(engine, mail_log)
    with transaction(engine) as session:  # as older tables would have read it
        (older,) = list_of_mail(session, mail_log.log_id, 2)
        older.error_status, older.rule = 99, "an older row"
        assert override_bounce(session, older.id, 4)
        kept = older.id
    (change,) = find_changes(engine, mail_log)
    assert change.mail_id == 2
    assert change.before == ("b@dest.example 99 5.2.2 an older row",)
    assert change.after[0].startswith("b@dest.example 5 5.2.2 ")
    assert reread_all(engine, mail_log) == 1
    with reading(engine) as session:
        (row,) = list_of_mail(session, mail_log.log_id, 2)
        assert (row.id, row.error_status, row.override) == (kept, 5, 4)
    assert list(find_changes(engine, mail_log)) == []
    assert reread_all(engine, mail_log) == 0


def test_a_recipient_that_was_not_seen_before_is_added(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce
) -> None:
    store_mails([write_bounce("a@dest.example")])
    read_next(engine, mail_log)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM bounce")
    assert reread_all(engine, mail_log) == 1
    with reading(engine) as session:
        assert [row.recipient for row in list_of_mail(session, mail_log.log_id, 1)] == ["a@dest.example"]


def test_mails_that_still_wait_are_left_to_the_reader(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce
) -> None:
    store_mails([write_bounce("a@dest.example")])
    assert reread_all(engine, mail_log) == 0
    assert read_next(engine, mail_log) == 1
