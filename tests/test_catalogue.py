"""Every kind of the simulator's catalogue goes through SMTP and is read back by the worker as it was meant."""

import random
import smtplib
from pathlib import Path
from typing import Any

from cmcdesk.store.desk.bounce_lists import BounceQuery, list_bounces
from cmcdesk.store.desk.database import open_desk, reading
from cmcdesk.store.maillog.log import MailLog
from simulator.traffic.bounces import BounceOptions, make_bounce
from simulator.traffic.catalogue import CATALOGUE

SETTINGS = """
[[composition]]
name = "pro"
plan = "pro"
[composition.receiving]
interval_ms = 10
size_kb = 102400
"""

Meant = dict[int, tuple[str, set[tuple[str, int | None, bool]]]]


def send_catalogue(address: tuple[str, int], log: MailLog) -> Meant:
    """Mail id → kind and what each recipient's failure was meant to be."""
    meant: Meant = {}
    with smtplib.SMTP(*address) as client:
        for number, kind in enumerate(CATALOGUE):
            options = BounceOptions(return_address="info@return.pro.smtps.jp")
            mail = make_bounce(random.Random(number), kind.name, options)
            client.sendmail(mail.sender, list(mail.recipients), mail.octets)
            failures = (
                {(one.recipient, one.error_status, one.final) for one in mail.expectations} if kind.is_bounce else set()
            )
            meant[log.newest_mail()] = (kind.name, failures if kind.is_bounce else set())
    return meant


def test_every_kind_is_read_back_as_meant(start_serve: Any, wait_for: Any, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    served = start_serve("--settings", str(tmp_path / "settings.toml"))
    with MailLog(served.folder / "mail.db") as log:
        meant = send_catalogue(served.receiving("pro"), log)
    assert len(meant) == len(CATALOGUE) >= 40
    engine = open_desk(served.folder)
    expected = sum(len(failures) for _kind, failures in meant.values())

    def seen() -> list[Any]:
        with reading(engine) as session:
            rows = list_bounces(session, BounceQuery(final=None), limit=10_000)
        return rows if len(rows) >= expected else []

    rows = wait_for(seen, 60)
    read: dict[int, set[tuple[str, int | None, bool]]] = {mail_id: set() for mail_id in meant}
    for row in rows:
        read[row.mail_id].add((row.recipient, row.error_status, row.final))
    engine.dispose()
    wrong = {
        kind: (read[mail_id], failures) for mail_id, (kind, failures) in meant.items() if read[mail_id] != failures
    }
    assert wrong == {}
