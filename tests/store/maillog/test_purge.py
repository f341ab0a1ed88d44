import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from cmcdesk.mail.smtp.dialogue import DialoguePart
from cmcdesk.store.maillog import purge as maillog_purge
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.purge import purge_all, purge_before, purge_mails, purge_refusals
from tests.store.maillog.test_insertion import mail, refusal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mail.db"


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maillog_purge, "SLICE_MAILS", 10)
    monkeypatch.setattr(maillog_purge, "SLICE_OCTETS", 1000)
    monkeypatch.setattr(maillog_purge, "SLICE_REFUSALS", 4)


def fill(writer: MailLogWriter, count: int) -> None:
    """Every second mail has two matches."""
    some = [mail(str(number), matches=[("f", "a@x"), ("g", "a@x")] * (number % 2)) for number in range(1, count + 1)]
    writer.append(some, [])


def test_a_purge_goes_in_slices_lowest_first_and_each_is_whole(path: Path) -> None:
    writer = MailLogWriter(path)
    fill(writer, 35)
    slices = purge_before(writer, 33)
    assert next(slices) == 10
    with MailLog(path) as log:
        assert (log.oldest_mail(), log.count_mails(), len(list(log.each_octets()))) == (11, 25, 25)
        assert {match.mail_id for match in log.matches_after(0, 100)} == set(range(11, 36, 2))
    assert list(slices) == [10, 10, 2]
    with MailLog(path) as log:
        assert (log.oldest_mail(), len(list(log.each_octets()))) == (33, 3)
        assert [match.mail_id for match in log.matches_after(0, 100)] == [33, 33, 35, 35]
    writer.close()


def test_large_mails_make_small_slices(path: Path) -> None:
    writer = MailLogWriter(path)
    writer.append([mail(str(size), octets=b"x" * size) for size in (400, 600, 1, 5000, 5000, 10)], [])
    assert list(purge_before(writer, 7)) == [2, 1, 1, 1, 1]
    writer.close()


def test_what_arrives_while_all_goes_stays(path: Path) -> None:
    writer = MailLogWriter(path)
    fill(writer, 15)
    writer.append([], [refusal("size") for _ in range(9)])
    slices = purge_all(writer)
    assert next(slices) == 10
    writer.append([mail("new", matches=[("f", "a@x")])], [refusal("spam")])
    assert sum(slices) == 5
    writer.close()
    with MailLog(path) as log:
        assert [row.subject for row in log.list_mails()] == ["new"]
        assert [match.mail_id for match in log.matches_after(0, 9)] == [16]
        assert [row.gate for row in log.list_refusals()] == ["spam"]


def test_single_mails_go_in_slices_too(path: Path) -> None:
    writer = MailLogWriter(path)
    fill(writer, 40)
    assert list(purge_mails(writer, [*range(1, 40, 3), 99])) == [10, 3]
    assert list(purge_mails(writer, [])) == []
    writer.close()
    with MailLog(path) as log:
        assert log.count_mails() == 27
        assert 1 not in {match.mail_id for match in log.matches_after(0, 100)}


def test_a_purge_cut_short_is_taken_up_by_the_next_and_ids_go_on(path: Path) -> None:
    writer = MailLogWriter(path)
    fill(writer, 25)
    next(purge_all(writer))
    writer.close()
    writer = MailLogWriter(path)
    assert sum(purge_all(writer)) == 15
    writer.close()
    writer = MailLogWriter(path)
    assert writer.append([mail("next")], []) == 26
    writer.close()


def test_the_space_is_used_again(path: Path) -> None:
    def fill_and_count() -> int:
        for _ in range(20):
            writer.append([mail("x", octets=b"x" * 20_000) for _ in range(20)], [])
        pages: int = writer.connection.execute("PRAGMA page_count").fetchone()[0]
        return pages

    writer = MailLogWriter(path)
    full = fill_and_count()
    assert sum(purge_all(writer)) == 400
    assert fill_and_count() <= full + 5
    writer.close()


def test_a_slice_that_fails_keeps_what_it_was_to_delete(path: Path) -> None:
    writer = MailLogWriter(path)
    fill(writer, 25)
    slices = purge_all(writer)
    next(slices)
    writer.connection.execute("PRAGMA query_only=1")
    with pytest.raises(sqlite3.OperationalError):
        next(slices)
    writer.connection.execute("PRAGMA query_only=0")
    writer.close()
    with MailLog(path) as log:
        assert log.count_mails() == len(list(log.each_octets())) == 15


def test_refusals_alone_go_in_slices_with_their_dialogues(path: Path) -> None:
    writer = MailLogWriter(path)
    said = [replace(refusal("size"), dialogue=DialoguePart(1.0, number, False, "x")) for number in range(10)]
    writer.append([mail("kept")], said)
    assert list(purge_refusals(writer, 10)) == [4, 4, 1]
    assert [row[0] for row in writer.connection.execute("SELECT refusal_id FROM dialogue")] == [10]
    writer.append([], [refusal("size")])
    writer.close()
    with MailLog(path) as log:
        assert [row.id for row in log.list_refusals()] == [11, 10] and log.count_mails() == 1
