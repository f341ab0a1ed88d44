import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.store.maillog.insertion import MailLogWriter, NewMail, NewRefusal
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.purge import purge_all, purge_before, purge_mails
from cmcdesk.store.sqlite_faults import is_disk_full, is_of_one_row


def mail(text: str, **changes: Any) -> NewMail:
    facts: dict[str, Any] = {
        "received_at": 1.5, "composition": "pro", "revision": 1, "session": 7, "peer": "127.0.0.1",
        "sender": "a@client.example", "recipients": '[["b@return.example.com", "bounce"]]', "routes": 1,
        "subject": text, "header_from": "", "message_id": f"<{text}@x>", "octets": text.encode("utf-8", "replace"),
    }  # fmt: skip
    return NewMail(**facts | changes)


def refusal(gate: str) -> NewRefusal:
    return NewRefusal(2.5, "pro", gate, 550, "5.7.1", "no", "127.0.0.1", 8, "a@x.example", "b@y.example")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mail.db"


def test_what_is_appended_is_read_back(path: Path) -> None:
    writer = MailLogWriter(path)
    mails = [mail(str(number), matches=[("f", "b@return.example.com")] * (number % 2)) for number in range(75)]
    assert writer.append(mails, [refusal("domain")]) == 1
    assert writer.append([mail("next")], []) == 76
    writer.close()
    with MailLog(path) as log:
        assert log.count_mails() == 76
        assert [row.subject for row in log.list_mails(after=0, limit=100)] == [*map(str, range(75)), "next"]
        row = log.get_mail(3)
        assert row is not None
        assert (row.sender, row.recipients[0].address, row.recipients[0].route) == (
            "a@client.example", "b@return.example.com", "bounce",
        )  # fmt: skip
        assert log.get_octets(3) == b"2"
        assert len(log.matches_after(0, 100)) == 37
        assert [row.gate for row in log.list_refusals()] == ["domain"]


def test_a_failed_append_keeps_nothing_and_the_next_one_works(path: Path) -> None:
    writer = MailLogWriter(path)
    with pytest.raises(sqlite3.Error):
        writer.append([mail("good"), mail("bad", octets=None or [], received_at=None)], [])  # type: ignore[list-item]
    assert writer.append([mail("after")], []) == 1
    writer.close()
    with MailLog(path) as log:
        assert [row.subject for row in log.list_mails()] == ["after"]


def test_of_several_only_the_one_that_cannot_be_stored_is_left_out(path: Path) -> None:
    writer = MailLogWriter(path)
    writer.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000)
    matched = {"matches": [("f", "b@return.example.com")]}
    mails = [
        mail("first", **matched),
        mail("too big", octets=b"x" * 100_001),
        mail("x", subject="no text \ud800", **matched),
        mail("last", **matched),
    ]
    bad, good = refusal("domain"), refusal("size")
    bad.recipient = "\udcff@x.example"
    faults = writer.append_each(mails, [bad, good])
    assert [fault is None for fault in faults] == [True, False, False, True, False, True]
    assert all(is_of_one_row(fault) for fault in faults if fault)
    assert writer.append([mail("after", **matched)], [refusal("spam")]) == 3
    writer.close()
    with MailLog(path) as log:
        assert [(row.id, row.subject) for row in log.list_mails(after=0)] == [(1, "first"), (2, "last"), (3, "after")]
        assert [(match.id, match.mail_id) for match in log.matches_after(0, 9)] == [(1, 1), (2, 2), (3, 3)]
        assert [(row.id, row.gate) for row in log.list_refusals()] == [(2, "spam"), (1, "size")]


def test_a_full_disk_is_no_fault_of_one_row(path: Path) -> None:
    writer = MailLogWriter(path)
    pages = writer.connection.execute("PRAGMA page_count").fetchone()[0]
    writer.connection.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(sqlite3.OperationalError):
        writer.append_each([mail("small"), mail("big", octets=b"x" * 1_000_000)], [])
    writer.connection.execute("PRAGMA max_page_count=1000000")
    assert writer.append([mail("after")], []) == 1
    writer.close()


def test_a_full_disk_is_told_from_other_faults(path: Path) -> None:
    writer = MailLogWriter(path)
    pages = writer.connection.execute("PRAGMA page_count").fetchone()[0]
    writer.connection.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(sqlite3.OperationalError) as raised:
        writer.append([mail("big", octets=b"x" * 1_000_000)], [])
    assert is_disk_full(raised.value)
    assert not is_disk_full(sqlite3.OperationalError("other"))
    writer.connection.execute("PRAGMA max_page_count=1000000")
    writer.append([mail("small")], [])
    writer.close()
    with MailLog(path) as log:
        assert log.count_mails() == 1


def test_ids_go_on_after_a_purge_and_a_restart(path: Path) -> None:
    writer = MailLogWriter(path)
    writer.append([mail("a"), mail("b", matches=[("f", "x")]), mail("c")], [])
    assert sum(purge_mails(writer, [1, 99])) == 1
    assert sum(purge_before(writer, 3)) == 1
    assert sum(purge_all(writer)) == 1
    writer.close()
    writer = MailLogWriter(path)
    assert writer.append([mail("d", matches=[("f", "x")])], []) == 4
    assert writer.last_session() == 7
    writer.close()
    with MailLog(path) as log:
        assert [match.id for match in log.matches_after(0, 10)] == [2]
