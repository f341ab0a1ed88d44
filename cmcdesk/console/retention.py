"""保存期間: how many mails are kept and for how long, kept to by a clock (APScheduler) while the program runs.

CMC keeps its logs 40 days; here the same age is the default and the number is open (both ours to change).
"""

import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete

from cmcdesk.console.desk_settings import load_desk_setting, save_desk_setting
from cmcdesk.console.services import Services
from cmcdesk.paths import mail_db
from cmcdesk.store.database import transaction
from cmcdesk.store.maillog import MailLog
from cmcdesk.store.maillog_schema import MailLogMissing
from cmcdesk.store.models import DeliveryRow

SETTING_KEY = "retention"
CHECK_MINUTES = 10
DAY_SECONDS = 86400


class Retention(BaseModel):
    """0 keeps all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int = Field(40, ge=0, le=3650)
    mails: int = Field(0, ge=0, le=100_000_000)


def load_retention(services: Services) -> Retention:
    """What is saved, else the defaults."""
    return Retention.model_validate(load_desk_setting(services.engine, SETTING_KEY))


def save_retention(services: Services, retention: Retention) -> None:
    """Keep it; it is kept to from the next check on."""
    save_desk_setting(services.engine, SETTING_KEY, retention.model_dump())


def keep_retention(services: Services, now: Callable[[], float] = time.time) -> int:
    """Delete what is over the limits: mails by the mail server, delivered or given-up deliveries here.

    Returns how many mails went."""
    retention = load_retention(services)
    oldest = now() - retention.days * DAY_SECONDS if retention.days else None
    if oldest is not None:
        forget_deliveries(services, oldest)
    try:
        with MailLog(mail_db(services.folder)) as log:
            boundary = find_boundary(log, retention.mails, oldest)
    except MailLogMissing:
        return 0
    return services.send_purge(before_id=boundary) if boundary else 0


def find_boundary(log: MailLog, most: int, oldest: float | None) -> int:
    """The id below which all mails go, 0 for none. Ids grow with time, so age is found by halving."""
    newest = log.newest_mail()
    by_count = max(0, newest - most + 1) if most else 0
    return max(by_count, find_first_since(log, oldest) if oldest is not None else 0)


def find_first_since(log: MailLog, at: float) -> int:
    """The lowest id of a mail received at `at` (unix seconds) or later; one above the newest if all are older."""
    low, high = 1, log.newest_mail() + 1
    while low < high:
        middle = (low + high) // 2
        following = log.list_mails(after=middle - 1, limit=1)
        if following and following[0].received_at >= at:
            high = middle
        else:
            low = (following[0].id if following else middle) + 1
    return low


def forget_deliveries(services: Services, before: float) -> None:
    """Delete deliveries that ended before `before`, with their attempts; what waits stays."""
    with transaction(services.engine) as session:
        session.execute(delete(DeliveryRow).where(DeliveryRow.state != "waiting", DeliveryRow.finished_at < before))
