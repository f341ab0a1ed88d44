"""The writer thread against a real mail.db, its callbacks gathered from where the loop would call them."""

import queue
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.mail import reply
from cmcdesk.mail.reply import Reply
from cmcdesk.mailserver.writer import Purge, WaitingMail, Writer
from cmcdesk.rules.matching import compile_filters
from cmcdesk.store import maillog_purge
from cmcdesk.store.maillog import MailLog
from cmcdesk.store.maillog_purge import purge_all
from tests.store.test_maillog_writer import mail, refusal


class Waiter:
    """A sender that notes its outcome."""

    def __init__(self) -> None:
        self.outcome: Reply | None = None

    def take_outcome(self, outcome: Reply) -> None:
        self.outcome = outcome


Calls = queue.Queue[tuple[Callable[..., None], tuple[Any, ...]]]


def gather(path: Path) -> tuple[Writer, Calls]:
    calls: Calls = queue.Queue()
    return Writer(path, lambda call, *arguments: calls.put((call, arguments))), calls


def run_calls(calls: Calls) -> int:
    number = 0
    while not calls.empty():
        call, arguments = calls.get()
        call(*arguments)
        number += 1
    return number


FILTERS = compile_filters([("f", [("To", "form")])], bytes.decode)


def waiting(text: str, **changes: Any) -> WaitingMail:
    return WaitingMail(Waiter(), mail(text, **changes), {"to": [b"form@x"]}, FILTERS, ("a@x", "b@x"))


def test_all_that_wait_share_one_commit_and_one_call(tmp_path: Path) -> None:
    writer, calls = gather(tmp_path / "mail.db")
    mails = [waiting(str(number)) for number in range(20)]
    for one in mails:
        writer.submit(one)
    writer.record(refusal("domain"))
    writer.start()
    writer.stop()
    assert run_calls(calls) == 1
    assert all(outcome_of(one) is reply.STORED for one in mails)
    with MailLog(tmp_path / "mail.db") as log:
        assert log.count_mails() == 20
        assert [(match.filter, match.recipient) for match in log.matches_after(0, 2)] == [("f", "a@x"), ("f", "b@x")]
        assert len(log.list_refusals()) == 1


def run_until_answered(calls: Calls, mails: list[WaitingMail]) -> None:
    while any(outcome_of(one) is None for one in mails):
        call, arguments = calls.get(timeout=10)
        call(*arguments)


def outcome_of(one: WaitingMail) -> Reply | None:
    assert isinstance(one.sender, Waiter)
    return one.sender.outcome


def test_a_failed_commit_is_told_to_all_and_its_refusals_are_written_later(tmp_path: Path) -> None:
    writer, calls = gather(tmp_path / "mail.db")
    connection = writer._log.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 2}")  # what a full disk says
    mails = [waiting("big", octets=b"x" * 1_000_000), waiting("same batch")]
    for one in mails:
        writer.submit(one)
    writer.record(refusal("size"))
    writer.start()
    run_until_answered(calls, mails)
    assert [outcome_of(one) for one in mails] == [reply.DISK_FULL] * 2
    connection.execute("PRAGMA max_page_count=1000000")
    writer.submit(waiting("later"))
    writer.stop()
    with MailLog(tmp_path / "mail.db") as log:
        assert [row.subject for row in log.list_mails()] == ["later"]
        assert [row.gate for row in log.list_refusals()] == ["size"]


class Unreadable(dict[str, list[bytes]]):
    """Fields that raise when a filter looks at them, as a fault of ours would."""

    def get(self, *_: Any) -> Any:
        raise ValueError("a fault in matching")


def test_only_a_mail_that_cannot_be_stored_or_matched_gets_451(tmp_path: Path) -> None:
    writer, calls = gather(tmp_path / "mail.db")
    writer._log.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000)
    good = [waiting(str(number)) for number in range(3)]
    bad = [waiting("too big", octets=b"x" * 100_001), waiting("no text", subject="\ud800"), waiting("unreadable")]
    bad[-1].fields = Unreadable()
    mails = [good[0], bad[0], good[1], bad[1], bad[2], good[2]]
    for one in mails:
        writer.submit(one)
    unwritable = refusal("domain")
    unwritable.sender = "\udcff"
    writer.record(unwritable)
    writer.record(refusal("size"))
    writer.start()
    run_until_answered(calls, mails)
    writer.stop()
    assert {outcome_of(one) for one in good} == {reply.STORED}
    assert {outcome_of(one) for one in bad} == {reply.NOT_STORED}
    with MailLog(tmp_path / "mail.db") as log:
        assert [row.subject for row in log.list_mails(after=0)] == ["0", "1", "2"]
        assert [row.gate for row in log.list_refusals()] == ["size"]


def test_a_purge_waits_its_turn(tmp_path: Path) -> None:
    writer, calls = gather(tmp_path / "mail.db")
    purged: list[int | None] = []
    writer.submit(waiting("gone"))
    writer.purge(Purge(purge_all, purged.append))
    writer.start()
    while not purged:
        call, arguments = calls.get(timeout=10)
        call(*arguments)
    writer.stop()
    assert purged == [1]


def begin_long_purge(writer: Writer, monkeypatch: pytest.MonkeyPatch, wait_for: Any) -> Purge:
    """All of 3,000 mails, one a slice; returns when some are gone."""
    monkeypatch.setattr(maillog_purge, "SLICE_MAILS", 1)
    writer._log.append([mail(str(number)) for number in range(3000)], [])
    told: list[int | None] = []
    purge = Purge(purge_all, told.append)
    writer.purge(purge)
    writer.start()
    wait_for(lambda: purge.purged)
    return purge


def test_mails_are_stored_between_the_slices_of_a_purge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_for: Any
) -> None:
    writer, calls = gather(tmp_path / "mail.db")
    purge = begin_long_purge(writer, monkeypatch, wait_for)
    mails = [waiting("meanwhile")]
    writer.submit(mails[0])
    run_until_answered(calls, mails)
    assert outcome_of(mails[0]) is reply.STORED
    assert purge.purged < 3000
    writer.stop()
    run_calls(calls)


def test_a_purge_that_the_end_cuts_short_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_for: Any
) -> None:
    writer, calls = gather(tmp_path / "mail.db")
    purge = begin_long_purge(writer, monkeypatch, wait_for)
    writer.stop()
    assert calls.get(timeout=10) == (purge.done, (None,))
    with MailLog(tmp_path / "mail.db") as log:
        assert log.count_mails() == 3000 - purge.purged > 0
