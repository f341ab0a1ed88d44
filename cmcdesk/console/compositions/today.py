"""What came today, by the clock of the time zone that the pages show (表示設定)."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from cmcdesk.console.frame.current import current_mail_log
from cmcdesk.console.frame.language import page_zone
from cmcdesk.store.maillog.counts import Received, count_received


def count_today(now: Callable[[], float] = time.time) -> dict[str, Received]:
    """Composition → mails stored and refused since midnight; one that got nothing is not in it."""
    log = current_mail_log()
    return count_received(log, *find_day(now(), page_zone())) if log else {}


def find_day(now: float, zone: tzinfo) -> tuple[float, float]:
    """The beginning and the end of the day that `now` is in, all in seconds since 1970.

    A day has 23 to 25 hours where the clocks change. Where midnight itself is passed over it begins with the change:
    PEP 495 lets a time that does not exist (fold=0) be counted from the offset before.
    """
    today = datetime.fromtimestamp(now, zone).date()
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (today, today + timedelta(days=1)))
    return begin.timestamp(), end.timestamp()
