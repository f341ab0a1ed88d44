"""The writer on a real loop with a real mail.db: who does what, and what goes with one commit."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.dialogue import DialoguePart
from cmcdesk.mailserver import writer as writer_module
from cmcdesk.mailserver.committer import Purge, WaitingMail
from cmcdesk.mailserver.writer import GATHERED_MAILS, QUICK_OCTETS, Writer
from cmcdesk.store.maillog.insertion import Accepted
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.purge import purge_all
from tests.mailserver.test_committer import FILTERS, Unreadable, outcome_of, waiting
from tests.store.maillog.test_insertion import refusal

SEEN = b"form@x"  # a To that the filters have searched before


class Trace:
    """Who said what to SQLite: the beginnings of statements, by the loop's thread and by the committer's."""

    def __init__(self, writer: Writer) -> None:
        self.loop: list[str] = []
        self.committer: list[str] = []
        self._here = threading.get_ident()
        writer._log.connection.set_trace_callback(self._note)

    def _note(self, statement: str) -> None:
        said = self.loop if threading.get_ident() == self._here else self.committer
        said.append(" ".join(statement.split()[:3]))


def play(path: Path, work: Callable[[Writer, Trace], Awaitable[None]]) -> Trace:
    """Run `work` with a writer that is started, then stop it."""

    async def run() -> Trace:
        writer = Writer(path, asyncio.get_running_loop())
        trace = Trace(writer)
        writer.start()
        await asyncio.wait_for(work(writer, trace), 20)
        await writer.stop()
        return trace

    FILTERS.match({"to": [SEEN]})
    return asyncio.run(run())


def unreadable(text: str) -> WaitingMail:
    one = waiting(text)
    one.fields = Unreadable()
    return one


async def answered(*mails: WaitingMail) -> None:
    while any(outcome_of(one) is None for one in mails):
        await asyncio.sleep(0.001)


def subjects(path: Path) -> list[str]:
    with MailLog(path) as log:
        return [row.subject for row in log.list_mails(after=0)]


def test_all_of_one_turn_are_inserted_by_the_loop_and_committed_by_the_committer(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    mails = [waiting(str(number)) for number in range(20)]

    async def work(writer: Writer, _trace: Trace) -> None:
        for one in mails:
            writer.submit(one)
        writer.record(refusal("domain"))
        await answered(*mails)

    trace = play(path, work)
    assert trace.loop[:2] == ["BEGIN IMMEDIATE", "INSERT INTO mail"]
    assert "COMMIT" not in trace.loop
    assert trace.committer == ["COMMIT"]
    assert {outcome_of(one) for one in mails} == {reply.STORED}
    with MailLog(path) as log:
        assert [row.subject for row in log.list_mails(after=0)] == [str(number) for number in range(20)]
        assert len(log.matches_after(0, 100)) == 80
        assert len(log.list_refusals()) == 1


def test_a_commit_waits_while_each_turn_brings_some_more_until_it_is_worth_it(tmp_path: Path) -> None:
    mails = [waiting(str(number)) for number in range(2 * GATHERED_MAILS)]

    async def work(writer: Writer, trace: Trace) -> None:
        for one in mails[:10]:
            writer.submit(one)
            await asyncio.sleep(0)
        await answered(*mails[:10])
        assert trace.committer == ["COMMIT"]
        submitted = 10
        while trace.loop.count("BEGIN IMMEDIATE") == 1:
            writer.submit(mails[submitted])
            submitted += 1
            await asyncio.sleep(0)
        assert GATHERED_MAILS <= submitted - 10 <= GATHERED_MAILS + 1
        await answered(*mails[:submitted])

    play(tmp_path / "mail.db", work)


def test_what_comes_while_the_disk_is_waited_for_goes_with_the_next_commit(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    mails = [waiting(str(number)) for number in range(9)]

    async def work(writer: Writer, trace: Trace) -> None:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # the committer waits for this lock
        for number, one in enumerate(mails):
            writer.submit(one)
            await asyncio.sleep(0.01 if number == 0 else 0)
        assert not any(outcome_of(one) for one in mails)
        other.close()
        await answered(*mails)
        assert trace.committer.count("COMMIT") == 2

    play(path, work)
    assert subjects(path) == [str(number) for number in range(9)]


@pytest.mark.parametrize(
    "one",
    [
        waiting("with a pattern to be searched", to=b"never seen before"),
        waiting("large", octets=b"x" * (QUICK_OCTETS + 1)),
        waiting("no text \ud800"),
        unreadable("no fields"),
    ],
    ids=["unsearched", "large", "unstorable", "unreadable"],
)
def test_what_may_take_long_or_go_wrong_is_the_committers(tmp_path: Path, one: WaitingMail) -> None:
    async def work(writer: Writer, trace: Trace) -> None:
        writer.submit(one)
        await answered(one)
        trace.loop.clear()
        after = waiting("after")
        writer.submit(after)  # the loop has the connection again
        await answered(after)
        assert "INSERT INTO mail" in trace.loop

    trace = play(tmp_path / "mail.db", work)
    assert trace.committer.count("BEGIN IMMEDIATE") >= 1
    assert subjects(tmp_path / "mail.db")[-1] == "after"


def test_while_a_purge_is_under_way_the_committer_does_all(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    purged: list[int | None] = []

    async def work(writer: Writer, trace: Trace) -> None:
        first, meanwhile, after = (waiting(text) for text in ("first", "meanwhile", "after"))
        writer.submit(first)
        await answered(first)
        trace.loop.clear()
        writer.submit(meanwhile)  # its batch is made in the next turn of the loop, when the purge has begun
        writer.purge(Purge(purge_all, purged.append))
        await answered(meanwhile)
        assert trace.loop == []
        while not purged:
            await asyncio.sleep(0.001)
        writer.submit(after)
        await answered(after)
        assert "INSERT INTO mail" in trace.loop

    play(path, work)
    assert purged == [1]
    assert subjects(path) == ["meanwhile", "after"]


def test_refusals_that_could_not_be_written_go_with_the_next_mail(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"

    async def work(writer: Writer, _trace: Trace) -> None:
        connection = writer._log.connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")
        big, later = waiting("big", octets=b"x" * 100_000), waiting("later")
        writer.record(refusal("size"))
        writer.submit(big)
        await answered(big)
        assert outcome_of(big) is reply.DISK_FULL
        connection.execute("PRAGMA max_page_count=1000000")
        writer.submit(later)
        await answered(later)

    play(path, work)
    with MailLog(path) as log:
        assert [row.subject for row in log.list_mails()] == ["later"]
        assert [row.gate for row in log.list_refusals()] == ["size"]


def test_the_end_writes_what_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "BATCH_MAILS", 2)
    mails = [waiting(str(number)) for number in range(5)]

    async def run() -> None:
        writer = Writer(tmp_path / "mail.db", asyncio.get_running_loop())
        writer.start()
        for one in mails:
            writer.submit(one)
        writer.record(refusal("size"))
        await writer.stop()
        await answered(*mails)

    asyncio.run(run())
    assert subjects(tmp_path / "mail.db") == [str(number) for number in range(5)]


def test_dialogues_of_mails_go_with_the_next_batch_or_by_a_flush(tmp_path: Path) -> None:
    said = [Accepted(number, 7, DialoguePart(1.5, number, False, "[]")) for number in (1, 2)]

    async def work(writer: Writer, trace: Trace) -> None:
        writer.keep(said[0])
        await asyncio.sleep(0)
        writer.flush()
        writer.flush()
        while writer._lent or writer._is_writing:
            await asyncio.sleep(0.001)
        writer.keep(said[1])
        one = waiting("x", SEEN)
        writer.submit(one)
        await answered(one)

    path = tmp_path / "mail.db"
    trace = play(path, work)
    written = [words for words in trace.loop + trace.committer if words.startswith(("BEGIN", "INSERT INTO accepted"))]
    assert [words.split()[0] for words in written] == ["BEGIN", "INSERT", "BEGIN", "INSERT"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT mail_id FROM accepted").fetchall() == [(1,), (2,)]
