"""保存期間: how much is kept and for how long, kept to by a clock (APScheduler) while the program runs.

CMC keeps its logs 40 days; here the same age is the default (ours to change). The numbers are ours: without them a
flood of refusals, fifty rows a second, would fill the disk within the days.
"""

import logging
import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.console.frame.current import Services
from cmcdesk.console.frame.database import load_desk_setting
from cmcdesk.processes.paths import mail_db
from cmcdesk.store.desk.audit import KEPT_DAYS, name_changes, note_operation
from cmcdesk.store.desk.audit import MOST_ROWS as MOST_AUDIT_ROWS
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import DeskSettingRow
from cmcdesk.store.desk.purge_desk import (
    Limits,
    purge_audit,
    purge_blocks,
    purge_bounces,
    purge_counts,
    purge_deliveries,
    purge_outbound,
)
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import MailLogMissing, find_first_since

SETTING_KEY = "retention"
CHECK_MINUTES = 10
DAY_SECONDS = 86400
MOST_ROWS = 100_000_000

log = logging.getLogger(__name__)


class Retention(BaseModel):
    """days: of all that follows; the rest are numbers of rows. 0 keeps all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int = Field(40, ge=0, le=3650)
    mails: int = Field(0, ge=0, le=MOST_ROWS)
    refusals: int = Field(1_000_000, ge=0, le=MOST_ROWS)
    bounces: int = Field(1_000_000, ge=0, le=MOST_ROWS)
    deliveries: int = Field(1_000_000, ge=0, le=MOST_ROWS)
    outbound: int = Field(1_000_000, ge=0, le=MOST_ROWS)


def load_retention(services: Services) -> Retention:
    """What is saved, else the defaults."""
    return Retention.model_validate(load_desk_setting(services.engine, SETTING_KEY))


def save_retention(services: Services, retention: Retention) -> None:
    """Keep it; it is kept to from the next check on."""
    with transaction(services.engine) as session:
        before, kept = load_retention(services).model_dump(), retention.model_dump()
        note_operation(session, "retention", "save", detail=name_changes(before, kept))
        session.merge(DeskSettingRow(key=SETTING_KEY, value=kept))


def keep_retention(services: Services, now: Callable[[], float] = time.time) -> int:
    """Delete what is over the limits: mails and refusals by the mail server; bounces, ended deliveries and
    outbound rows here.

    Returns how many mails went."""
    retention = load_retention(services)
    oldest = now() - retention.days * DAY_SECONDS if retention.days else None
    gone = {
        "bounces": purge_bounces(services.engine, Limits(retention.bounces, oldest)),
        "deliveries": purge_deliveries(services.engine, Limits(retention.deliveries, oldest)),
        "outbound": purge_outbound(services.engine, Limits(retention.outbound, oldest)),
        "counts": purge_counts(services.engine, oldest, now()),
        "blocks": purge_blocks(services.engine, Limits(oldest=oldest)),
        "audit": purge_audit(services.engine, Limits(MOST_AUDIT_ROWS, now() - KEPT_DAYS * DAY_SECONDS)),
    }
    try:
        with MailLog(mail_db(services.folder)) as mail_log:
            refusals = find_refusal_boundary(mail_log, Limits(retention.refusals, oldest))
            mails = find_boundary(mail_log, retention.mails, oldest)
    except MailLogMissing:
        return 0
    gone["refusals"] = services.send_purge(refusals_before_id=refusals) if refusals else 0
    gone["mails"] = services.send_purge(before_id=mails) if mails else 0
    if any(gone.values()):
        log.info("over the retention and deleted: %s", gone)
    return gone["mails"]


def find_boundary(log: MailLog, most: int, oldest: float | None) -> int:
    """The id below which all mails go, 0 for none. Ids grow with time, so age is found by halving."""
    newest = log.newest_mail()
    by_count = max(0, newest - most + 1) if most else 0
    return max(by_count, find_first_since(log.connection, "mail", "received_at", oldest) if oldest is not None else 0)


def find_refusal_boundary(log: MailLog, limits: Limits) -> int:
    """The id below which all refusals go, 0 for none."""
    by_count = max(0, log.newest_refusal() - limits.most + 1) if limits.most else 0
    by_age = find_first_since(log.connection, "refusal", "at", limits.oldest) if limits.oldest is not None else 0
    return max(by_count, by_age)
