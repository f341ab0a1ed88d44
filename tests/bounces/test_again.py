"""A mail that is set aside is passed over by all readers, and read by all once somebody asks."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, func, select

from cmcdesk.bounces.again import AgainFollower
from cmcdesk.bounces.reader import BounceReader
from cmcdesk.processes.paths import mail_db, reading_note, search_db
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import BounceRow
from cmcdesk.store.desk.set_aside import add_strike, ask_again, find_set_aside
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.purge import purge_all
from cmcdesk.store.reading_guard import ReadingGuard
from cmcdesk.store.search.entry import ask_for_text
from cmcdesk.store.search.index_writer import SearchFollower
from cmcdesk.store.search.search_index import SearchIndex

StoreMails = Callable[..., None]
WriteBounce = Callable[..., bytes]


def set_aside(engine: Engine, log_id: str, mail_id: int) -> None:
    with transaction(engine) as session:
        for _ in range(2):
            add_strike(session, log_id, mail_id, "bounces", 1.0)


def list_recipients(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(BounceRow.recipient).order_by(BounceRow.id)))


def index_all(search: SearchFollower, mail_log: MailLog) -> None:
    while search.indexed < mail_log.newest_mail():
        search.tick()


def find_text(folder: Path, mail_log: MailLog, text: str) -> list[int]:
    with SearchIndex(search_db(folder), mail_log.log_id) as index:
        return list(index.find(ask_for_text(text), 10**9, True))


def test_it_is_passed_over_and_then_read_by_all(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce, tmp_path: Path
) -> None:
    store_mails([write_bounce(f"{name}@dest.example") for name in ("first", "second", "third")])
    set_aside(engine, mail_log.log_id, 2)
    guard = ReadingGuard(reading_note(tmp_path), engine)
    reader = BounceReader(engine, mail_log, guard=guard)
    assert (reader.read_next(), reader.read_next()) == (3, 0)
    assert list_recipients(engine) == ["first@dest.example", "third@dest.example"]
    search = SearchFollower(mail_db(tmp_path), search_db(tmp_path), guard)
    index_all(search, mail_log)
    assert find_text(tmp_path, mail_log, "second@dest") == [] and find_text(tmp_path, mail_log, "third@dest") == [3]

    announced: list[str] = []
    follower = AgainFollower(
        engine,
        mail_db(tmp_path),
        guard,
        lambda _session, rows: announced.extend(row.recipient for row in rows),
        search.read_again,
    )
    follower.tick()
    assert (follower.set_aside, len(list_recipients(engine))) == (1, 2), "nobody has asked yet"
    with transaction(engine) as session:
        assert ask_again(session, mail_log.log_id, 2)
    follower._look_at = 0.0
    follower.tick()
    assert announced == ["second@dest.example"] and len(list_recipients(engine)) == 3
    assert find_text(tmp_path, mail_log, "second@dest") == [2]
    with reading(engine) as session:
        assert find_set_aside(session, mail_log.log_id, 2) is None
    assert guard.list_set_aside(mail_log.log_id) == []
    follower.stop(1)
    search.stop(1)


def test_what_fails_again_stays_set_aside(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce, tmp_path: Path
) -> None:
    store_mails([write_bounce("first@dest.example")])
    set_aside(engine, mail_log.log_id, 1)
    guard = ReadingGuard(reading_note(tmp_path), engine)

    def fail(_log: MailLog, _mail_id: int) -> None:
        raise MemoryError

    follower = AgainFollower(engine, mail_db(tmp_path), guard, lambda _session, _rows: None, fail)
    with transaction(engine) as session:
        ask_again(session, mail_log.log_id, 1)
    follower.tick()
    with reading(engine) as session:
        found = find_set_aside(session, mail_log.log_id, 1)
        assert found and (found.strikes, found.is_asked) == (3, False)
        assert session.scalar(select(func.count()).select_from(BounceRow)) == 1
    follower.stop(1)


def test_a_mail_that_was_purged_is_forgotten(
    engine: Engine, mail_log: MailLog, store_mails: StoreMails, write_bounce: WriteBounce, tmp_path: Path
) -> None:
    store_mails([write_bounce("first@dest.example")])
    set_aside(engine, mail_log.log_id, 1)
    guard = ReadingGuard(reading_note(tmp_path), engine)
    writer = MailLogWriter(mail_db(tmp_path))
    sum(purge_all(writer))
    writer.close()
    follower = AgainFollower(engine, mail_db(tmp_path), guard, lambda _session, _rows: None, lambda _log, _id: None)
    follower.tick()
    assert (follower.set_aside, guard.list_set_aside(mail_log.log_id)) == (0, [])
    follower.stop(1)
