"""Whether what a step of a lesson asks for has really happened: each check of the vocabulary (`rules/lesson_checks.py`)
looks at settings, mail.db, desk.db, the simulator's runs or the simulated world, at no more than the newest rows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from cmcdesk.console.compositions.view import View
from cmcdesk.console.frame.current import current_mail_log
from cmcdesk.console.frame.database import db
from cmcdesk.console.journey.journey_views import find_journey
from cmcdesk.console.lessons.places import OpenPage
from cmcdesk.console.simulator.run_verdict import judge_run
from cmcdesk.console.simulator.runs_page import current_runs
from cmcdesk.console.world.domain_facts import (
    CheckedDomain,
    DomainSource,
    Looks,
    ask_world,
    check_domains,
    find_matching,
)
from cmcdesk.console.world.world_use import current_world
from cmcdesk.rules.lesson_checks import StepCheck
from cmcdesk.rules.stored_settings import look_up
from cmcdesk.store.desk.catcher import list_endpoints
from cmcdesk.store.desk.compositions import find_live, get_composition
from cmcdesk.store.desk.lesson_runs import LessonRunRow
from cmcdesk.store.desk.models import AttemptRow, BounceRow, DeliveryRow
from cmcdesk.store.desk.webhook_reach import load_reach
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import ROUTE_BITS, find_first_since

LOOKED_AT = 20_000  # newest rows of a table
JOURNEYS_LOOKED_AT = 5


@dataclass(frozen=True)
class Scene:
    """What a check looks at. view: the composition that the step is about; since: unix seconds from which things count;
    page: what the person has open."""

    run: LessonRunRow
    view: View
    since: float
    page: OpenPage

    @property
    def name(self) -> str:
        """Of the composition."""
        return self.view.name

    @property
    def old_revision(self) -> int:
        """Its revision when the lesson began; 0: it had none."""
        kept = self.run.kept.get(self.name)
        return (kept["revision"] or 0) if kept else 0


Given = Mapping[str, Any]
Looking = Callable[[Scene, Given], bool]


def is_seen(check: StepCheck, scene: Scene) -> bool:
    """Whether it is so now."""
    return LOOKINGS[check.what](scene, check.arguments)


def _is_as_wanted(settings: Given, given: Given) -> bool:
    """Whether a setting is what the check's keys say; without one of them, whatever it is."""
    value = look_up(settings, given["setting"])
    wanted: dict[str, Callable[[Any], bool]] = {
        "is": lambda one: bool(value == one),
        "at_least": lambda one: isinstance(value, int) and value >= one,
        "at_most": lambda one: isinstance(value, int) and value <= one,
        "has": lambda one: one in value if isinstance(value, list | str) else False,
    }
    return all(wanted[key](given[key]) for key in wanted if key in given)


def _look_at_saved(scene: Scene, given: Given) -> bool:
    return scene.view.draft_saved_at >= scene.run.began_at and _is_as_wanted(scene.view.draft, given)


def _look_at_reflected(scene: Scene, given: Given) -> bool:
    session = db.session()
    live = find_live(session, get_composition(session, scene.name))
    if live is None or live.number <= scene.old_revision or live.at < scene.since:
        return False
    return "setting" not in given or _is_as_wanted(live.settings, given)


def _look_at_waiting(scene: Scene, given: Given) -> bool:
    path = given["setting"]
    return bool(look_up(scene.view.draft, path) != look_up(scene.view.applied or {}, path))


def _look_at_refused_save(scene: Scene, given: Given) -> bool:
    return scene.run.turned_down.get(given["screen"], 0.0) >= scene.since


def _look_at_notifications(scene: Scene, given: Given) -> bool:
    if scene.view.draft_saved_at < scene.run.began_at:
        return False
    address = given["address"]
    tried, matching = find_matching(address.rpartition("@")[2], scene.view.draft, address)
    return tried == address and bool(matching)


def _newest(log: MailLog, table: str, at: str, scene: Scene) -> tuple[str, tuple[Any, ...]]:
    """The rows of a table since then, the newest ones, as SQL to select from."""
    first = find_first_since(log.connection, table, at, scene.since)
    return f"(SELECT * FROM {table} WHERE id >= ? ORDER BY id DESC LIMIT {LOOKED_AT})", (first,)


def _look_at_accepted(scene: Scene, given: Given) -> bool:
    log = current_mail_log()
    if log is None:
        return False
    rows, values = _newest(log, "mail", "received_at", scene)
    routes = ROUTE_BITS[given["route"]] if "route" in given else sum(ROUTE_BITS.values())
    until = scene.old_revision if given.get("old") else 1 << 62
    sql = f"SELECT count(*) FROM {rows} WHERE composition = ? AND routes & ? AND revision <= ?"
    counted = log.connection.execute(sql, (*values, scene.name, routes, until)).fetchone()[0]
    return bool(counted >= given.get("at_least", 1))


def _look_at_refused(scene: Scene, given: Given) -> bool:
    log = current_mail_log()
    if log is None:
        return False
    rows, values = _newest(log, "refusal", "at", scene)
    sql = f"SELECT coalesce(sum(count), 0) FROM {rows} WHERE composition = ? AND gate = ?"
    counted = log.connection.execute(sql, (*values, scene.name, given["gate"])).fetchone()[0]
    return bool(counted >= given.get("at_least", 1))


def _look_at_unmatched(scene: Scene, _given: Given) -> bool:
    log = current_mail_log()
    if log is None:
        return False
    rows, values = _newest(log, "mail", "received_at", scene)
    first_match = find_first_since(log.connection, "match", "mail_id", values[0])
    matched = "SELECT mail_id FROM match WHERE id >= ?"
    sql = f"SELECT 1 FROM {rows} WHERE composition = ? AND routes & ? AND id NOT IN ({matched}) LIMIT 1"
    found = log.connection.execute(sql, (*values, scene.name, ROUTE_BITS["inbound"], first_match)).fetchone()
    return found is not None


def _look_at_kept(scene: Scene, given: Given) -> bool:
    for run in current_runs().list_runs():
        order = run.order
        if (order.lesson, order.composition) == (given["preset"], scene.name) and run.started_at >= scene.since:
            verdict = judge_run(run).verdict
            if verdict is not None and verdict.word == "kept":
                return True
    return False


def _is_enough(some: Select[int], least: int) -> bool:
    """Whether a query finds as many rows; no more are looked at."""
    found = db.session().execute(some.limit(least)).all()
    return len(found) >= least


def _look_at_bounce(scene: Scene, given: Given) -> bool:
    wanted = [BounceRow.composition == scene.name, BounceRow.created_at >= scene.since]
    if "status" in given:
        wanted.append(func.coalesce(BounceRow.override, BounceRow.error_status) == given["status"])
    if "final" in given:
        wanted.append(BounceRow.final.is_(given["final"]))
    return _is_enough(select(BounceRow.id).where(*wanted), given.get("at_least", 1))


def _look_at_delivery(scene: Scene, given: Given) -> bool:
    newest = select(DeliveryRow.number).order_by(DeliveryRow.number.desc()).limit(LOOKED_AT)
    wanted = [DeliveryRow.number.in_(newest), DeliveryRow.composition == scene.name]
    if "kind" in given:
        wanted.append(DeliveryRow.kind == given["kind"])
    if given["state"] == "failing":
        attempts = select(AttemptRow.delivery_number).where(
            AttemptRow.outcome != "delivered", AttemptRow.at >= scene.since
        )
        wanted.append(DeliveryRow.number.in_(attempts))
    else:
        wanted += [DeliveryRow.state == given["state"], DeliveryRow.finished_at >= scene.since]
    if given.get("again"):
        wanted.append(DeliveryRow.attempts > 1)
    return _is_enough(select(DeliveryRow.number).where(*wanted), given.get("at_least", 1))


def _look_at_catcher(_scene: Scene, given: Given) -> bool:
    endpoints = list_endpoints(db.session())
    return bool(endpoints) and endpoints[0].answer == given["answer"]


def _look_at_opened(scene: Scene, given: Given) -> bool:
    return scene.page.is_at(given["place"], scene.name)


def _look_at_world(_scene: Scene, _given: Given) -> bool:
    return current_world().state == "running"


def _look_at_mx(scene: Scene, given: Given) -> bool:
    host = f"{scene.view.subdomain}.smtps.jp"
    found = ask_world(current_world().note)(given["domain"], host)
    return found is not None and host in {listed for _preference, listed in found.listed}


def _list_checked(scene: Scene) -> Iterator[CheckedDomain]:
    view = scene.view
    source = DomainSource(view.name, view.draft, view.applied, view.placement.receiving)
    yield from check_domains([source], Looks(ask_world(current_world().note), load_reach(db.session())))


def _look_at_domain(scene: Scene, given: Given) -> bool:
    use, wanted = given.get("use"), given.get("grade", "good")
    if "place" in given and not scene.page.is_at(given["place"], scene.name):
        return False
    for each in _list_checked(scene):
        if each.domain != given["domain"].replace("{subdomain}", scene.view.subdomain) or use not in (None, each.use):
            continue
        grades = [step.grade for step in each.steps if step.name == given["step"]] if "step" in given else [each.grade]
        if wanted in grades:
            return True
    return False


def _look_at_journey(scene: Scene, given: Given) -> bool:
    log = current_mail_log()
    if log is None:
        return False
    wanted = (given["station"], given.get("state", "done"))
    for row in log.list_mails(limit=JOURNEYS_LOOKED_AT, composition=scene.name, route="relay"):
        if row.received_at < scene.since:
            break
        found = find_journey(row.id)
        if found and any((station.name, station.state) == wanted for _recipient, station in found.list_all()):
            return True
    return False


LOOKINGS: dict[str, Looking] = {
    "saved": _look_at_saved,
    "reflected": _look_at_reflected,
    "waiting": _look_at_waiting,
    "refused_save": _look_at_refused_save,
    "notifies": _look_at_notifications,
    "accepted": _look_at_accepted,
    "refused": _look_at_refused,
    "unmatched": _look_at_unmatched,
    "kept": _look_at_kept,
    "bounce": _look_at_bounce,
    "delivery": _look_at_delivery,
    "catcher": _look_at_catcher,
    "opened": _look_at_opened,
    "world": _look_at_world,
    "mx": _look_at_mx,
    "domain": _look_at_domain,
    "journey": _look_at_journey,
}
