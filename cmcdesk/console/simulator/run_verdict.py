"""The verdict on a run's lesson, from what the simulator was told and what became of its mails here; and why a run
could not send, in the language of the page.
"""

import re
import time
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from cmcdesk.console.frame.current import current_mail_log
from cmcdesk.console.frame.database import db
from cmcdesk.console.simulator.runs import Run
from cmcdesk.rules.promises import Facts, PromiseVerdict, judge
from cmcdesk.store.desk import run_facts

READING_LESSONS = ("bounce", "event")

TOO_SMALL = re.compile(r"size: (\d+) was asked for, but (?:this form mail|a \S+ bounce) has (\d+) octets")
NOT_THAT_LONG = re.compile(r"size: a \S+ bounce of (\d+) octets cannot be made (\d+) long")
TOO_SMALL_PLAIN = re.compile(r"a plain mail cannot be so small: -?\d+ octets would be left for its text")


@dataclass(frozen=True)
class Judged:
    """verdict: None while it runs, and of no lesson; met: what a webhook that failed met."""

    verdict: PromiseVerdict | None = None
    met: str = ""


def judge_run(run: Run) -> Judged:
    """What is to be said about the promise now; what is known for good is kept in the run."""
    if run.verdict is not None or run.is_running or not run.order.lesson:
        return Judged(run.verdict)
    facts, met = gather_facts(run, time.time())
    verdict = judge(run.order.lesson, facts)
    if verdict.word == "kept":
        run.verdict = verdict
    return Judged(verdict, met)


def gather_facts(run: Run, at: float) -> tuple[Facts, str]:
    """The facts of a run that has ended, and what its last failed webhook met. at: now, unix seconds."""
    order, figures = run.order, run.figures
    log = current_mail_log()
    mails = run_facts.list_stored(log, run.name, order.after_mail) if log else []
    deliveries = run_facts.RunDeliveries({}, 0, "")
    if order.lesson == "webhook":
        deliveries = run_facts.count_run_deliveries(db.session(), order.composition, mails)
    elif order.lesson == "event":
        deliveries = run_facts.count_event_deliveries(db.session(), order.composition, run.started_at)
    is_read = log is not None and order.lesson in READING_LESSONS
    facts = Facts(
        replies=count_replies(figures),
        turned_away={int(code): count for code, count in figures.get("connections", {}).items() if code != "220"},
        gap_ms=(figures.get("gap_ms") or {}).get("mean"),
        interval_ms=order.interval_ms,
        deliveries=deliveries.states,
        attempted=deliveries.attempted,
        bounces=run_facts.count_read_bounces(db.session(), log.log_id, mails) if log and is_read else 0,
        seconds=at - (run.ended_at or at),
    )
    return facts, deliveries.last


def count_replies(figures: dict[str, Any]) -> dict[int, int]:
    """Code → mails, of a summary or of a progress."""
    if "replies" in figures:
        return {int(code): count for code, count in figures["replies"].items()}
    refused = [(each["code"], each["count"]) for each in figures.get("refusals", [])]
    counted = {250: figures.get("accepted", 0)}
    for code, count in refused:
        counted[code] = counted.get(code, 0) + count
    return {code: count for code, count in counted.items() if count}


def tell_run_error(said: str) -> str:
    """What the simulator said, where that is known, as the page says it; else as it was said."""
    if met := TOO_SMALL.search(said):
        return str(
            _("The size %(size)s is too small: this mail alone has %(octets)s bytes.", size=met[1], octets=met[2])
        )
    if met := NOT_THAT_LONG.search(said):
        told = _("This bounce of %(octets)s bytes cannot be made %(size)s long.", octets=met[1], size=met[2])
        return str(told)
    if TOO_SMALL_PLAIN.search(said):
        return str(_("The size is too small: nothing would be left for the text of the mail."))
    return said
