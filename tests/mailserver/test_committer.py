"""The committer's thread with a real mail.db; what it tells is gathered from where the loop would hear of it."""

import queue
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.committer import Batch, Committer, Outcomes, Purge, Stop, WaitingMail
from cmcdesk.rules.matching import Filters, compile_filters
from cmcdesk.store.maillog import purge as maillog_purge
from cmcdesk.store.maillog.insertion import MailLogWriter, NewRefusal
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.purge import purge_all
from tests.store.maillog.test_insertion import mail, refusal


class Waiter:
    """A sender that notes its outcome."""

    def __init__(self) -> None:
        self.outcome: Reply | None = None

    def take_outcome(self, outcome: Reply, _mail_id: int) -> None:
        self.outcome = outcome


FILTERS = compile_filters([("f", [("To", "form")]), ("g", [("To", "@x")])])


def waiting(text: str, to: bytes = b"form@x", filters: Filters = FILTERS, octets: bytes = b"octets") -> WaitingMail:
    return WaitingMail(Waiter(), mail(text, octets=octets), {"to": [to]}, filters, ("a@x", "b@x"))


def outcome_of(one: WaitingMail) -> Reply | None:
    assert isinstance(one.sender, Waiter)
    return one.sender.outcome


def test_each_matching_filter_makes_a_delivery_for_each_inbound_recipient() -> None:
    one = waiting("one")
    one.match()
    assert one.mail.matches == [("f", "a@x"), ("f", "b@x"), ("g", "a@x"), ("g", "b@x")]


def test_it_is_recalled_only_if_the_filters_need_not_search() -> None:
    one = waiting("one", to=b"nobody@y")
    assert not one.recall()
    one.match()
    other = waiting("other", to=b"nobody@y")
    assert other.recall()
    assert not one.mail.matches
    assert not other.mail.matches


class Desk:
    """A committer and all that it told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = MailLogWriter(path)
        self.written: queue.Queue[Outcomes] = queue.Queue()
        self.purged: queue.Queue[tuple[Purge, int | None]] = queue.Queue()
        self.committer = Committer(
            self.log, lambda outcomes, _watch: self.written.put(outcomes), lambda *told: self.purged.put(told)
        )

    def write(self, mails: list[WaitingMail], refusals: list[NewRefusal] | None = None) -> dict[str, Reply]:
        """The outcome of each mail, by its subject."""
        self.committer.take(Batch(mails, refusals or [], 0))
        return {one.mail.subject: outcome for mails, outcome in self.written.get(timeout=10) for one in mails}

    def read(self) -> tuple[list[str], list[str]]:
        """The subjects and the gates that are on disk, oldest first."""
        with MailLog(self.path) as log:
            return [row.subject for row in log.list_mails(after=0)], [row.gate for row in log.list_refusals()][::-1]

    def stop(self) -> None:
        self.committer.take(Stop())
        self.committer.join(10)
        assert not self.committer.is_alive()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Not started yet."""
    desk = Desk(tmp_path / "mail.db")
    yield desk
    if desk.committer.is_alive():
        desk.stop()
    desk.log.close()


def test_what_the_loop_has_begun_is_committed(desk: Desk) -> None:
    mails = [waiting(str(number)) for number in range(20)]
    refused = [refusal("domain")]
    assert desk.log.begin_append([one.mail for one in mails], refused)
    assert desk.read() == ([], []) and desk.committer.written_refusals == 0
    desk.committer.start()
    desk.committer.take(Batch(mails, refused, 0, is_begun=True))
    assert desk.written.get(timeout=10) == [(mails, reply.STORED)]
    assert desk.committer.written_refusals == 1
    assert desk.read() == ([str(number) for number in range(20)], ["domain"])


def test_what_has_not_begun_is_matched_and_stored_in_one_commit(desk: Desk) -> None:
    said: list[str] = []
    desk.log.connection.set_trace_callback(said.append)
    desk.committer.start()
    assert desk.write([waiting("a"), waiting("b")], [refusal("size")]) == {"a": reply.STORED, "b": reply.STORED}
    assert said.count("COMMIT") == 1
    assert desk.read() == (["a", "b"], ["size"])
    with MailLog(desk.path) as log:
        assert [(match.mail_id, match.filter) for match in log.matches_after(0, 9)] == [
            (mail_id, name) for mail_id in (1, 2) for name in "ffgg"
        ]


def test_a_full_disk_is_told_to_all_and_the_refusals_are_written_later(desk: Desk) -> None:
    connection = desk.log.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 2}")  # what a full disk says
    desk.committer.start()
    outcomes = desk.write([waiting("big", octets=b"x" * 1_000_000), waiting("same batch")], [refusal("size")])
    assert outcomes == {"big": reply.DISK_FULL, "same batch": reply.DISK_FULL}
    assert desk.write([], [refusal("spam")]) == {}
    assert [one.gate for one in desk.committer.unwritten_refusals] == ["size", "spam"]
    assert desk.committer.written_refusals == 0, "a page that was told of them would look for rows that are not there"
    connection.execute("PRAGMA max_page_count=1000000")
    assert desk.write([waiting("later")]) == {"later": reply.STORED}
    assert desk.read() == (["later"], ["size", "spam"])
    assert not desk.committer.unwritten_refusals and desk.committer.written_refusals == 2


FAILING_COMMIT = """
CREATE TABLE parent(id INTEGER PRIMARY KEY);
CREATE TABLE child(parent_id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
CREATE TRIGGER orphan AFTER INSERT ON mail BEGIN INSERT INTO child VALUES(NEW.id); END;
PRAGMA foreign_keys=ON;
"""


def test_a_commit_that_fails_stores_nothing_and_the_next_one_works(desk: Desk) -> None:
    desk.log.connection.executescript(FAILING_COMMIT)  # whatever is inserted then: the commit of it is refused
    mails = [waiting("a"), waiting("b")]
    assert desk.log.begin_append([one.mail for one in mails], [])
    desk.committer.start()
    desk.committer.take(Batch(mails, [], 0, is_begun=True))
    outcomes = desk.written.get(timeout=10)
    assert [outcome for told, outcome in outcomes if told] == [reply.NOT_STORED]
    desk.log.connection.execute("DROP TRIGGER orphan")
    assert desk.write([waiting("after")]) == {"after": reply.STORED}
    assert desk.read() == (["after"], [])


def test_what_the_loop_began_is_written_anew_if_only_the_first_commit_fails(desk: Desk) -> None:
    mails = [waiting("a"), waiting("b")]
    assert desk.log.begin_append([one.mail for one in mails], [])
    desk.log.connection.execute("ROLLBACK")  # as SQLite itself does when the disk is full
    desk.committer.start()
    desk.committer.take(Batch(mails, [refusal("size")], 0, is_begun=True))
    assert [outcome for told, outcome in desk.written.get(timeout=10) if told] == [reply.STORED]
    assert desk.read() == (["a", "b"], ["size"])
    with MailLog(desk.path) as log:
        assert [row.id for row in log.list_mails(after=0)] == [1, 2]


class Unreadable(dict[str, list[bytes]]):
    """Fields that raise when a filter looks at them, as a fault of ours would."""

    def get(self, *_: Any) -> Any:
        raise ValueError("a fault in matching")


def test_only_a_mail_that_cannot_be_stored_or_matched_gets_451(desk: Desk) -> None:
    desk.log.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000)
    good = [waiting(str(number)) for number in range(3)]
    bad = [waiting("too big", octets=b"x" * 100_001), waiting("\ud800 is no text"), waiting("unreadable")]
    bad[-1].fields = Unreadable()
    unwritable = refusal("domain")
    unwritable.sender = "\udcff"
    desk.committer.start()
    outcomes = desk.write([good[0], bad[0], good[1], bad[1], bad[2], good[2]], [unwritable, refusal("size")])
    assert {name for name, outcome in outcomes.items() if outcome is reply.STORED} == {"0", "1", "2"}
    assert [outcomes[one.mail.subject] for one in bad] == [reply.NOT_STORED] * 3
    assert desk.read() == (["0", "1", "2"], ["size"])


def test_a_purge_waits_its_turn(desk: Desk) -> None:
    desk.committer.take(Batch([waiting("gone")], [], 0))
    purge = Purge(purge_all, lambda purged: None)
    desk.committer.take(purge)
    desk.committer.start()
    assert desk.purged.get(timeout=10) == (purge, 1)
    assert desk.read() == ([], [])


def begin_long_purge(desk: Desk, monkeypatch: pytest.MonkeyPatch, wait_for: Any) -> Purge:
    """All of 3,000 mails, one a slice; returns when some are gone."""
    monkeypatch.setattr(maillog_purge, "SLICE_MAILS", 1)
    desk.log.append([mail(str(number)) for number in range(3000)], [])
    purge = Purge(purge_all, lambda purged: None)
    desk.committer.take(purge)
    desk.committer.start()
    wait_for(lambda: purge.purged)
    return purge


def test_mails_are_stored_between_the_slices_of_a_purge(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, wait_for: Any
) -> None:
    purge = begin_long_purge(desk, monkeypatch, wait_for)
    assert desk.write([waiting("meanwhile")]) == {"meanwhile": reply.STORED}
    assert purge.purged < 3000


def test_a_purge_that_the_end_cuts_short_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch, wait_for: Any) -> None:
    purge = begin_long_purge(desk, monkeypatch, wait_for)
    desk.stop()
    assert desk.purged.get(timeout=10) == (purge, None)
    with MailLog(desk.path) as log:
        assert log.count_mails() == 3000 - purge.purged > 0
