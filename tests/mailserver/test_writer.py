"""The writer thread against a real mail.db, its callbacks gathered from where the loop would call them."""

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cmcdesk.mail import reply
from cmcdesk.mail.reply import Reply
from cmcdesk.mailserver.writer import Purge, WaitingMail, Writer
from cmcdesk.rules.matching import compile_filters
from cmcdesk.store.maillog import MailLog
from cmcdesk.store.maillog_writer import MailLogWriter
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
    assert all(one.sender.outcome is reply.STORED for one in mails)  # type: ignore[attr-defined]
    with MailLog(tmp_path / "mail.db") as log:
        assert log.count_mails() == 20
        assert [(match.filter, match.recipient) for match in log.matches_after(0, 2)] == [("f", "a@x"), ("f", "b@x")]
        assert len(log.list_refusals()) == 1


def test_a_failed_commit_is_told_to_all_and_its_refusals_are_written_later(tmp_path: Path) -> None:
    writer, calls = gather(tmp_path / "mail.db")
    bad, good = waiting("bad", received_at=None), waiting("same batch")
    for item in (bad, good):
        writer.submit(item)
    writer.record(refusal("size"))
    writer.start()
    call, arguments = calls.get(timeout=10)
    call(*arguments)
    assert bad.sender.outcome is good.sender.outcome is reply.NOT_STORED  # type: ignore[attr-defined]
    writer.submit(waiting("later"))
    writer.stop()
    with MailLog(tmp_path / "mail.db") as log:
        assert [row.subject for row in log.list_mails()] == ["later"]
        assert [row.gate for row in log.list_refusals()] == ["size"]


def test_a_purge_waits_its_turn(tmp_path: Path) -> None:
    writer, calls = gather(tmp_path / "mail.db")
    purged: list[int | None] = []
    writer.submit(waiting("gone"))
    writer.purge(Purge(MailLogWriter.purge_all, purged.append))
    writer.start()
    writer.stop()
    run_calls(calls)
    assert purged == [1]
