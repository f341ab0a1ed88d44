"""What the demo does and looks at, on the console that it plays on: settings saved and reflected, runs of the
simulator, a mail through the relay server, what the catcher answers, the simulated world; and the facts that scenes
wait for.
"""

import smtplib
from collections.abc import Callable, Mapping
from copy import deepcopy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from sqlalchemy import func, select

from cmcdesk.console.catcher.catching import find_first_url, set_answer
from cmcdesk.console.compositions.drafting import apply_draft, load_draft, save_draft
from cmcdesk.console.compositions.view import View, list_views
from cmcdesk.console.demo.scenes import Act, Deed, Fact
from cmcdesk.console.frame.current import current_mail_log, current_services
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.simulator.lessons import suggest_recipient
from cmcdesk.console.simulator.runs_page import current_runs, start_run
from cmcdesk.console.simulator.traffic_form import Traffic
from cmcdesk.console.world.world_use import current_world
from cmcdesk.store.desk import catcher
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.models import BounceRow

SENDER = "shop@example.com"
SMTP_SECONDS = 15.0
COUNTED = 5000  # refusals looked at


def do_act(act: Act) -> None:
    """Do it, within an application context. Raises what the deed raises."""
    DEEDS[act.do](act.values)


def _reflect(values: Mapping[str, Any]) -> None:
    """Save the settings and bring them into force."""
    view = find_own()
    settings = deepcopy(dict(view.draft))
    for path, value in values.items():
        *way, last = path.split(".")
        table: Any = settings
        for key in way:
            table = table[key]
        table[last] = _fill_in(value)
    stored = load_draft(view.name)
    save_draft(view.name, settings, stored.version)
    apply_draft(view.name)
    current_hub().publish("settings", "state")


def _send(values: Mapping[str, Any]) -> None:
    """Start a run of the simulator."""
    view = find_own()
    fields = {"to": suggest_recipient(view, str(values.get("mail", "plain"))), **values}
    start_run(Traffic.from_form({key: str(value) for key, value in fields.items()}), view, "")


def halt(_values: Mapping[str, Any]) -> None:
    """Stop every run: at once, for a run that is throttled would take its time."""
    for run in current_runs().list_runs():
        if run.is_running:
            run.was_stopped = True
            run.process.terminate()


def _relay(values: Mapping[str, Any]) -> None:
    """Hand one mail over to the relay server."""
    host, _colon, port = (find_own().placement.relay or "").rpartition(":")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, values["recipient"], "Thank you for your order"
    mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain="console.example")
    mail.set_content("Your order is on its way.\n")
    with smtplib.SMTP(host, int(port), "shop.example", timeout=SMTP_SECONDS) as client:
        client.send_message(mail)


def _answer(values: Mapping[str, Any]) -> None:
    """What the first endpoint of the catcher says from now on."""
    with reading(current_services().engine) as session:
        number = catcher.list_endpoints(session)[0].id
    set_answer(number, str(values["answer"]))


def begin_own_world(_values: Mapping[str, Any]) -> None:
    """The simulated world, if none is there yet."""
    current_world().start()


DEEDS: Mapping[Deed, Callable[[Mapping[str, Any]], None]] = {
    "reflect": _reflect,
    "send": _send,
    "halt": halt,
    "relay": _relay,
    "answer": _answer,
    "world": begin_own_world,
}


def find_own() -> View:
    """The composition that the demo plays on."""
    return list_views()[0]


def count_facts() -> dict[Fact, int]:
    """All that scenes wait for, as it is now."""
    log = current_mail_log()
    refusals = log.list_refusals(limit=COUNTED) if log else []
    with reading(current_services().engine) as session:
        bounces = session.scalar(select(func.count()).select_from(BounceRow)) or 0
        caught = sum(catcher.count_caught(session).values())
    worker = current_services().telemetry()["worker"]
    return {
        "mails": log.newest_mail() if log else 0,
        "refusals": sum(row.count for row in refusals),
        "421": sum(row.count for row in refusals if row.gate == "sessions"),
        "552": sum(row.count for row in refusals if row.gate == "size"),
        "spam": sum(row.count for row in refusals if row.gate == "spam"),
        "bounces": bounces,
        "caught": caught,
        "failing": worker.get("failing", 0) + worker.get("waiting", 0),
    }


def find_scene_page(page: str) -> str:
    """The address of a scene's page."""
    log = current_mail_log()
    if page == "{journey}":
        relayed = log.list_mails(limit=1, route="relay") if log else []
        return f"/mails/{relayed[0].id}/journey" if relayed else "/mails"
    refused = log.list_refusals(limit=1, gate="domain") if log else []
    return page.replace("{refusal}", str(refused[0].id)) if refused else page.replace("/{refusal}", "")


def _fill_in(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("{catcher}", find_first_url())
    if isinstance(value, list):
        return [_fill_in(one) for one in value]
    return {key: _fill_in(one) for key, one in value.items()} if isinstance(value, Mapping) else value
