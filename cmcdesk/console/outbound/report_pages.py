"""配信レポート → 配信グラフ, 配信統計: counts of what happened to mails, drawn and beside it as tables.

Deliveries are counted when they happen (`outbound_counts`), so that nothing here looks at mails. What CMC does not
document of these screens is ours.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from cmcdesk.console.compositions.view import list_names
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.language import page_zone, write_instant
from cmcdesk.console.frame.request import choose_part
from cmcdesk.console.frame.spreadsheet import answer_csv
from cmcdesk.console.mails.mail_export import name_export
from cmcdesk.rules.settings.form import plain_date
from cmcdesk.store.desk.outbound_counts import (
    MINUTE,
    Counts,
    Slots,
    list_counted_compositions,
    list_counting_users,
    list_counts,
    list_days,
)

report = Blueprint("report", __name__)

HOUR, DAY = 3600, 86400
GRAPH_SPANS = {"1h": HOUR, "3h": 3 * HOUR, "6h": 6 * HOUR, "12h": 12 * HOUR, "24h": DAY}  # seconds
UNITS = ("all", "domain", "status")
NO_USER = "-"  # mails that came without an API user
GRAPH_NAMES = ("queued", "succeeded", "failed", "deferred")
DAY_NAMES = ("queued", "succeeded", "failed", "blocked", "valid")


@dataclass(frozen=True)
class WantedReport:
    """What the fields hold. start: unix seconds, None: so that the span ends now; problem: what is wrong with one."""

    composition: str | None
    user: str | None
    start: float | None
    span: str
    unit: str = "all"
    problem: str = ""

    @classmethod
    def from_request(cls, spans: dict[str, int], usual: str) -> "WantedReport":
        """The fields of this request."""
        given = request.args
        start, problem = read_start(given.get("start", "").strip())
        return cls(
            given.get("composition") or None,
            given.get("user") or None,
            start,
            choose_part(given.get("span"), tuple(spans)) or usual,
            choose_part(given.get("unit"), UNITS) or "all",
            problem,
        )

    @property
    def compositions(self) -> list[str]:
        """Those that are counted: removed ones too, as in the delivery log."""
        return [self.composition] if self.composition else list_counted_compositions(db.session())

    @property
    def api_user(self) -> str | None:
        """As counts name it; None: all."""
        return "" if self.user == NO_USER else self.user

    def as_query(self, **more: Any) -> dict[str, Any]:
        """For url_for: the same, with `more` changed."""
        own = {"composition": self.composition, "user": self.user, "span": self.span, "unit": self.unit}
        own["start"] = write_instant(self.start, "yyyy-MM-dd HH:mm") if self.start is not None else None
        return {key: value for key, value in (own | more).items() if value is not None}


def read_start(text: str) -> tuple[float | None, str]:
    """開始日時 in the page's time zone → unix seconds, and what is wrong with it."""
    if not text:
        return None, ""
    try:
        at = datetime.strptime(plain_date(text[:40]).replace("T", " "), "%Y-%m-%d %H:%M")
        return at.replace(tzinfo=page_zone()).timestamp(), ""
    except (ValueError, OverflowError):
        said = _("Start: %(given)s is no date and time of the form YYYY-MM-DD HH:MM.", given=text[:40])
        return None, said


@report.get("/report/graph")
def show_graph() -> str:
    """配信グラフ: what happened, by minute; with HX-Request only its body."""
    wanted = WantedReport.from_request(GRAPH_SPANS, "1h")
    begin, minutes = count_minutes(wanted)
    return render_template(
        "outbound/graph_body.html" if request.headers.get("HX-Request") else "outbound/graph.html",
        wanted=wanted,
        spans=list(GRAPH_SPANS),
        **list_choices(),
        begin=begin,
        end=begin + GRAPH_SPANS[wanted.span],
        points=draw_points(begin, GRAPH_SPANS[wanted.span], minutes),
        minutes=minutes[::-1],
        total=sum((counts for _, counts in minutes), Counts()),
        texts={"time": _("Time"), **{name: name_count(name) for name in GRAPH_NAMES}},
    )


@report.get("/report/graph.csv")
def download_graph() -> Response:
    """The minutes in which something happened."""
    wanted = WantedReport.from_request(GRAPH_SPANS, "1h")
    _begin, minutes = count_minutes(wanted)
    heads = (_("Time"), *map(name_count, GRAPH_NAMES))
    rows = [
        [write_instant(at, "yyyy-MM-dd HH:mm"), *(str(each) for each in graph_values(counts))]
        for at, counts in minutes
    ]  # fmt: skip
    return answer_csv(name_export("delivery-graph", wanted.composition, "csv"), heads, rows)


def count_minutes(wanted: WantedReport) -> tuple[int, list[tuple[int, Counts]]]:
    """When the graph begins, and the minutes of it in which something happened."""
    span = GRAPH_SPANS[wanted.span]
    start = wanted.start if wanted.start is not None else time.time() + MINUTE - span
    begin = int(start // MINUTE) * MINUTE
    slots = Slots(MINUTE, begin, begin + span, wanted.api_user)
    return begin, list_counts(db.session(), wanted.compositions, slots)


def graph_values(counts: Counts) -> tuple[int, int, int, int]:
    """In the order of GRAPH_NAMES. What was suppressed is an event `failed`, so it counts among those."""
    return counts.queued, counts.succeeded, counts.failed + counts.blocked, counts.deferred


def draw_points(begin: int, span: int, minutes: Sequence[tuple[int, Counts]]) -> list[list[int]]:
    """Times, and a line of each name: minutes without events are 0."""
    found = dict(minutes)
    times = list(range(begin, begin + span, MINUTE))
    values = [graph_values(found.get(at, Counts())) for at in times]
    return [times, *([each[at] for each in values] for at in range(len(GRAPH_NAMES)))]


@report.get("/report/statistics")
def show_statistics() -> str:
    """配信統計: the days of a month."""
    wanted = WantedReport.from_request(GRAPH_SPANS, "1h")
    month, problem = read_month(request.args.get("month", "").strip())
    days = count_days(wanted, month)
    return render_template(
        "outbound/statistics.html",
        wanted=wanted,
        **list_choices(),
        month=f"{month[0]:04}-{month[1]:02}",
        problem=problem,
        days=days,
        total=sum((counts for _, counts in days), Counts()),
        heads=list(map(name_count, DAY_NAMES)),
        values=day_values,
        rate=write_rate,
    )


@report.get("/report/statistics.csv")
def download_statistics() -> Response:
    """The days of a month, and their sum."""
    wanted = WantedReport.from_request(GRAPH_SPANS, "1h")
    days = count_days(wanted, read_month(request.args.get("month", "").strip())[0])
    heads = (_("Date"), *map(name_count, DAY_NAMES), _("Error rate"))
    summed = (_("Total"), sum((counts for _, counts in days), Counts()))
    rows = [
        [str(day), *map(str, day_values(counts)), write_rate(counts)]
        for day, counts in [*((day.isoformat(), counts) for day, counts in days), summed]
    ]
    return answer_csv(name_export("statistics", wanted.composition, "csv"), heads, rows)


def count_days(wanted: WantedReport, month: tuple[int, int]) -> list[tuple[date, Counts]]:
    """The days of a month up to today."""
    today = datetime.now(page_zone()).date()
    days = list_days(db.session(), wanted.compositions, month, page_zone(), wanted.api_user)
    return [(day, counts) for day, counts in days if day <= today]


def read_month(text: str) -> tuple[tuple[int, int], str]:
    """(year, month), this month for none; and what is wrong with it."""
    today = datetime.now(page_zone()).date()
    if not text:
        return (today.year, today.month), ""
    try:
        found = datetime.strptime(plain_date(text[:10]), "%Y-%m").date()
        if 1970 < found.year < 9999:
            return (found.year, found.month), ""
    except ValueError:
        pass
    said = _("Month: %(given)s is no month of the form YYYY-MM from 1971-01 to 9998-12.", given=text[:10])
    return (today.year, today.month), said


def day_values(counts: Counts) -> list[int]:
    """In the order of DAY_NAMES."""
    return [getattr(counts, name) for name in DAY_NAMES]


def write_rate(counts: Counts) -> str:
    """エラー率 in percent; – where nothing was sent."""
    return "–" if counts.error_rate is None else f"{counts.error_rate:.2%}"


def list_choices() -> dict[str, list[str]]:
    """What the fields offer: compositions, and API users who sent something."""
    users = list_counting_users(db.session(), list_counted_compositions(db.session()))
    return {"names": list_names(), "users": [user or NO_USER for user in users]}


def name_count(name: str) -> str:
    """What a column or line of counts is called, as CMC calls it."""
    names: dict[str, str] = {
        "queued": _("Mails received"),
        "succeeded": _("Successful deliveries"),
        "failed": _("Delivery errors"),
        "deferred": _("Deferrals"),
        "blocked": _("Deliveries stopped"),
        "valid": _("Valid deliveries"),
    }
    return names[name]
