import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cmcdesk.store.maillog.counts import Received, count_received, count_relayed
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.purge import purge_all
from tests.store.maillog.test_insertion import mail, refusal

DAY = datetime(2026, 3, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mail.db"


def count(path: Path, since: float, until: float) -> dict[str, Received]:
    with MailLog(path) as log:
        return count_received(log, since, until)


def test_mails_and_refusals_are_counted_by_composition_and_quarter_of_an_hour(path: Path) -> None:
    writer = MailLogWriter(path)
    times = [DAY - 0.001, DAY, DAY + 899.999, DAY + 900, DAY + 86399.999, DAY + 86400]
    writer.append([mail("x", received_at=at) for at in times], [replace(refusal("domain"), at=DAY, count=7)])
    writer.append([mail("y", received_at=DAY, composition="sandbox")], [replace(refusal("size"), at=DAY)])
    writer.close()
    assert count(path, DAY, DAY + 86400) == {"pro": Received(4, 8), "sandbox": Received(1, 0)}
    assert count(path, DAY, DAY + 900) == {"pro": Received(2, 8), "sandbox": Received(1, 0)}
    assert count(path, DAY - 900, DAY) == {"pro": Received(1, 0)}
    assert count(path, DAY + 86400 * 2, DAY + 86400 * 3) == {}


def test_the_relay_is_counted_apart(path: Path) -> None:
    writer = MailLogWriter(path)
    mails = [mail("x", received_at=DAY), *[mail("y", received_at=DAY, routes=4) for _ in range(3)]]
    writer.append(mails, [replace(refusal("relay"), at=DAY, is_relay=True, count=2), replace(refusal("size"), at=DAY)])
    writer.close()
    assert count(path, DAY, DAY + 900) == {"pro": Received(1, 1)}
    with MailLog(path) as log:
        assert count_relayed(log, DAY, DAY + 900) == {"pro": Received(3, 2)}
        assert [row.server for row in log.list_refusals()] == ["receiving", "relay"]


def test_the_counts_are_those_of_the_rows(path: Path) -> None:
    rng = random.Random(1)
    writer = MailLogWriter(path)
    times = [DAY + rng.uniform(0, 86400) for _ in range(500)]
    for begin in range(0, 500, 50):
        writer.append([mail("x", received_at=at) for at in times[begin : begin + 50]], [])
    writer.close()
    for _ in range(50):
        since = DAY + 900 * rng.randrange(96)
        until = since + 900 * rng.randrange(1, 96)
        wanted = sum(since <= at < until for at in times)
        assert count(path, since, until).get("pro", Received()).mails == wanted


def test_what_was_counted_stays_when_the_mails_go_and_after_a_restart(path: Path) -> None:
    writer = MailLogWriter(path)
    writer.append([mail("x", received_at=DAY), mail("y", received_at=DAY)], [replace(refusal("domain"), at=DAY)])
    assert sum(purge_all(writer)) == 2
    writer.close()
    writer = MailLogWriter(path)
    writer.append([mail("z", received_at=DAY + 1)], [])
    writer.close()
    assert count(path, DAY, DAY + 86400) == {"pro": Received(3, 1)}


def test_only_what_is_stored_is_counted(path: Path) -> None:
    writer = MailLogWriter(path)
    bad = mail("x", subject="no text \ud800", received_at=DAY)
    faults = writer.append_each([mail("good", received_at=DAY), bad], [])
    assert [fault is None for fault in faults] == [True, False]
    writer.close()
    assert count(path, DAY, DAY + 86400) == {"pro": Received(1, 0)}
