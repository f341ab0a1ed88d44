from pathlib import Path

import pytest

from cmcdesk.mail.bounce.parts import MAX_OCTETS
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import BATCH_OCTETS, MailLog
from cmcdesk.store.maillog.schema import VERSION, MailLogMissing, NewerMailLog
from tests.store.maillog.test_insertion import mail, refusal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mail.db"


def test_a_missing_log_is_told(path: Path) -> None:
    with pytest.raises(MailLogMissing):
        MailLog(path)


def test_a_newer_log_is_refused_and_left_untouched(path: Path) -> None:
    writer = MailLogWriter(path)
    writer.connection.execute(f"PRAGMA user_version={VERSION + 1}")
    writer.close()
    before = path.read_bytes()
    for open_it in (MailLog, MailLogWriter):
        with pytest.raises(NewerMailLog, match=str(VERSION + 1)):
            open_it(path)
    assert path.read_bytes() == before


def test_pages_are_cut_by_key_and_filtered(path: Path) -> None:
    writer = MailLogWriter(path)
    inbound = '[["form@mailform.example.com", "inbound"]]'
    writer.append(
        [mail("one"), mail("two", recipients=inbound, routes=2), mail("three", composition="sandbox")],
        [refusal("domain"), refusal("size")],
    )
    writer.close()
    with MailLog(path) as log:
        assert [row.id for row in log.list_mails(limit=2)] == [3, 2]
        assert [row.id for row in log.list_mails(before=2)] == [1]
        assert [row.id for row in log.list_mails(after=1, limit=1)] == [2]
        assert [row.id for row in log.list_mails(composition="sandbox")] == [3]
        assert [row.id for row in log.list_mails(route="inbound")] == [2]
        assert [row.id for row in log.list_mails(search="MAILFORM")] == [2]
        assert [row.id for row in log.list_mails(search="100%")] == []
        assert [row.id for row, _octets in log.bounces_after(0, 10)] == [1, 3]
        assert log.bounces_after(0, 1)[0][1] == b"one"
        assert [log.count_bounces_after(position) for position in (0, 1, 3)] == [2, 1, 0]
        assert [log.count_octets(*ids) for ids in ((0, 3), (1, 2), (3, 3))] == [11, 3, 0]
        assert [row.gate for row in log.list_refusals(limit=1)] == ["size"]
        assert [row.gate for row in log.list_refusals(gate="domain", composition="pro")] == ["domain"]
        assert list(log.each_octets(b"hre")) == [b"three"]
        assert (log.newest_mail(), log.newest_match()) == (3, 0)


def test_a_reader_sees_what_is_written_while_it_is_open(path: Path) -> None:
    writer = MailLogWriter(path)
    with MailLog(path) as log:
        assert log.newest_mail() == 0
        writer.append([mail("now")], [])
        assert log.newest_mail() == 1
    writer.close()


def test_every_file_has_a_name_of_its_own(tmp_path: Path) -> None:
    names = set()
    for number in range(3):
        MailLogWriter(tmp_path / f"{number}.db").close()
        with MailLog(tmp_path / f"{number}.db") as log:
            names.add(log.log_id)
    assert len(names) == 3


def test_a_number_beyond_all_rows_names_none(path: Path) -> None:
    writer = MailLogWriter(path)
    writer.append([mail("one")], [])
    writer.close()
    with MailLog(path) as log:
        assert log.get_mail(10**30) is log.get_octets(10**30) is None
        assert log.list_mails(after=10**30) == []
        assert len(log.list_mails(before=10**30)) == 1
        assert log.list_refusals(before=10**30) == []


def test_of_large_bounce_mails_what_is_read_is_taken(tmp_path: Path) -> None:
    writer = MailLogWriter(tmp_path / "mail.db")
    writer.append([mail(str(number), octets=b"x" * 3 * MAX_OCTETS) for number in range(50)], [])
    writer.close()
    with MailLog(tmp_path / "mail.db") as log:
        first = log.bounces_after(0, 100)
        assert {len(octets) for _, octets in first} == {MAX_OCTETS}
        assert len(first) == -(-BATCH_OCTETS // MAX_OCTETS) < 50
        assert len(log.bounces_after(first[-1][0].id, 100)) == 50 - len(first)


def test_a_beginning_and_a_size_are_told_without_the_whole_mail(tmp_path: Path) -> None:
    writer = MailLogWriter(tmp_path / "mail.db")
    writer.append([mail("1", octets=b"0123456789")], [])
    writer.close()
    with MailLog(tmp_path / "mail.db") as log:
        assert log.get_beginning(1, 4) == b"0123" and log.get_beginning(1, 100) == b"0123456789"
        assert log.get_size(1) == 10
        assert (log.get_beginning(2, 4), log.get_size(2)) == (b"", 0)
