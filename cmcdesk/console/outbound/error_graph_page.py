"""配信レポート → エラーグラフ: the errors of a time as a pie, by error status, by domain or by both.

They are the rows of the error log (`bounces`), found by their time. How the units group is ours: CMC only names them.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from cmcdesk.console.bounces.error_status import name_status
from cmcdesk.console.compositions.view import list_names
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.frame.spreadsheet import answer_csv
from cmcdesk.console.mails.mail_export import name_export
from cmcdesk.console.outbound.report_pages import DAY, HOUR, WantedReport
from cmcdesk.store.desk.bounce_lists import BounceQuery, count_by_status_and_domain

error_graph = Blueprint("error_graph", __name__)

ERROR_SPANS = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "31d": 31 * DAY}  # seconds
MOST_PARTS = 11  # of a pie; what is more is one part, "others"


@dataclass(frozen=True)
class PiePart:
    """A part of the error graph: what it is of, its number and share, and its slice of the circle as an SVG path."""

    label: str
    count: int
    share: float
    path: str = ""


@error_graph.get("/report/error-graph")
def show_error_graph() -> str:
    """エラーグラフ: the errors of a time as a pie; with HX-Request only its body."""
    wanted = WantedReport.from_request(ERROR_SPANS, "24h")
    begin, parts = count_errors_of(wanted)
    return render_template(
        "outbound/error_graph_body.html" if request.headers.get("HX-Request") else "outbound/error_graph.html",
        wanted=wanted,
        spans=list(ERROR_SPANS),
        names=list_names(),
        begin=begin,
        end=begin + ERROR_SPANS[wanted.span],
        parts=parts,
        total=sum(part.count for part in parts),
    )


@error_graph.get("/report/error-graph.csv")
def download_error_graph() -> Response:
    """The parts of the pie."""
    wanted = WantedReport.from_request(ERROR_SPANS, "24h")
    _begin, parts = count_errors_of(wanted)
    rows = [[part.label, str(part.count), f"{part.share:.4f}"] for part in parts]
    heads = (name_unit(wanted.unit), _("Errors"), _("Share"))
    return answer_csv(name_export("error-graph", wanted.composition, "csv"), heads, rows)


def count_errors_of(wanted: WantedReport) -> tuple[float, list[PiePart]]:
    """When the time begins, and the parts of the pie, the largest first."""
    span = ERROR_SPANS[wanted.span]
    begin = wanted.start if wanted.start is not None else time.time() - span
    query = BounceQuery(composition=wanted.composition, created_from=begin, created_until=begin + span)
    found: dict[str, int] = {}
    for status, domain, count in count_by_status_and_domain(db.session(), query):
        name = f"{status} {pick_text(name_status(status))}"
        label = {"all": name, "domain": domain or "–", "status": f"{name} – {domain or '–'}"}[wanted.unit]
        found[label] = found.get(label, 0) + count
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    if len(ordered) > MOST_PARTS + 1:
        rest = sum(count for _, count in ordered[MOST_PARTS:])
        ordered = [*ordered[:MOST_PARTS], (_("Other %(unit)s", unit=name_unit(wanted.unit)), rest)]
    return begin, draw_parts(ordered)


def draw_parts(counted: Sequence[tuple[str, int]]) -> list[PiePart]:
    """Each with its slice of a circle of radius 100 around 0, 0, from the top on, clockwise."""
    total = sum(count for _, count in counted)
    parts, before = [], 0
    for label, count in counted:
        parts.append(PiePart(label, count, count / total, _slice(before / total, (before + count) / total)))
        before += count
    return parts


def _slice(begin: float, end: float) -> str:
    """An SVG path; a whole circle as two halves, since an arc cannot end where it begins."""
    if end - begin >= 1:
        return "M0 -100A100 100 0 1 1 0 100A100 100 0 1 1 0 -100Z"
    (x1, y1), (x2, y2) = (
        (math.sin(2 * math.pi * at) * 100, -math.cos(2 * math.pi * at) * 100) for at in (begin, end)
    )  # fmt: skip
    return f"M0 0L{x1:.2f} {y1:.2f}A100 100 0 {int(end - begin > 0.5)} 1 {x2:.2f} {y2:.2f}Z"


def name_unit(unit: str) -> str:
    """What a unit of the error graph groups by."""
    names: dict[str, str] = {
        "all": _("Error status"),
        "domain": _("Domain"),
        "status": _("Error status and domain"),
    }
    return names[unit]
