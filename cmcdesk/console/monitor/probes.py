"""What other programs of this machine ask without a session: `/healthz`, whether all is well, and `/metrics`, the
counts of the telemetry in Prometheus' text format 0.0.4. Neither tells anything of a mail.

Who may ask is decided by the guard: the Host is checked as ever, /metrics is for this machine or the token (ours).
"""

import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from flask import Blueprint, Response, jsonify

from cmcdesk import __version__
from cmcdesk.console.frame.current import Services, current_services
from cmcdesk.console.frame.guard import PROBES_BLUEPRINT
from cmcdesk.pipe import CompositionCounts, ProcessStates

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SILENT_SECONDS = 15.0  # both processes tell how they are once a second; a busy machine is not a dead worker
PROBE_OCTETS = 4096

probes = Blueprint(PROBES_BLUEPRINT, __name__)


@probes.get("/healthz")
def tell_health() -> tuple[Response, int]:
    """200 while every part works, else 503: `{"status", "checks": {part: "ok" or what is wrong}}`."""
    checks = check_health(current_services(), time.time())
    is_well = all(said == "ok" for said in checks.values())
    return jsonify({"status": "ok" if is_well else "failing", "checks": checks}), 200 if is_well else 503


@probes.get("/metrics")
def tell_metrics() -> Response:
    """What Prometheus scrapes."""
    return Response(write_families(list_families(current_services().telemetry())), content_type=CONTENT_TYPE)


# -- health ----------------------------------------------------------------------------------------------------------


def check_health(services: Services, now: float) -> dict[str, str]:
    """Part → "ok" or what is wrong, in English. now: seconds since 1970."""
    told = services.telemetry()
    return {
        "console": "ok",
        "mail_server": _check_mail_server(told, now),
        "worker": _check_process(told["worker"]["state"], told["worker"].get("at"), now),
        "disk": check_writable(services.folder),
    }


def _check_mail_server(told: ProcessStates, now: float) -> str:
    state = told["mail_server"]
    alive = _check_process(state["state"], state.get("at"), now)
    if alive != "ok":
        return alive
    deaf = sum(place is None for place in state["receiving"].values())
    if deaf or not state["receiving"]:
        return f"not listening: {deaf} of {len(state['receiving'])} compositions"
    loss = state["mail_log"]["loss"] if "mail_log" in state else ""
    return f"stores no mails: mail.db {loss}" if loss else "ok"


def _check_process(state: str, told_at: float | None, now: float) -> str:
    if state != "operating":
        return state
    silent = now - (told_at if told_at is not None else now)
    return "ok" if silent <= SILENT_SECONDS else f"silent for {silent:.0f} s"


def check_writable(folder: Path) -> str:
    """Whether something can be written there now: it is tried, for a full disk and a mount that became read-only look
    well from outside."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE_OCTETS))
            file.flush()
    except OSError as error:
        return f"not writable: {error.strerror}"
    return "ok"


# -- metrics ---------------------------------------------------------------------------------------------------------

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


@dataclass
class Family:
    """One metric: its values by labels. A counter's name ends in _total."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    samples: list[Sample] = field(default_factory=list)


#: Of one server of a composition: key of the telemetry → metric, kind, help.
OF_SERVER: dict[Literal["sessions", "limit", "connected", "mails", "octets"], Family] = {
    "sessions": Family("cmcdesk_smtp_sessions", "gauge", "SMTP sessions that are open."),
    "limit": Family("cmcdesk_smtp_sessions_limit", "gauge", "SMTP sessions that the settings allow."),
    "connected": Family("cmcdesk_smtp_sessions_total", "counter", "SMTP sessions since the mail server started."),
    "mails": Family("cmcdesk_mails_total", "counter", "Mails answered 250 since the mail server started."),
    "octets": Family("cmcdesk_mail_octets_total", "counter", "Octets of stored mails since the mail server started."),
}
#: Of the mail server as a whole.
OF_MAIL_SERVER: dict[Literal["waiting_mails", "waiting_octets", "refusal_rows"], Family] = {
    "waiting_mails": Family("cmcdesk_mails_in_flight", "gauge", "Mails between their first octet and their commit."),
    "waiting_octets": Family("cmcdesk_mail_octets_in_flight", "gauge", "Octets of these mails."),
    "refusal_rows": Family("cmcdesk_refusal_rows_total", "counter", "Rows of refusals; a flood is counted in few."),
}
#: Of the worker.
WorkerKey = Literal[
    "waiting", "delivered", "attempts", "failing", "outbound", "outbound_sent", "outbound_attempts",
    "outbound_suppressed", "bounces", "bounces_waiting", "set_aside",
]  # fmt: skip
OF_WORKER: dict[WorkerKey, Family] = {
    "waiting": Family("cmcdesk_webhook_deliveries_waiting", "gauge", "Webhook deliveries that are still to be made."),
    "delivered": Family("cmcdesk_webhook_deliveries_total", "counter", "Delivered webhooks since the worker started."),
    "attempts": Family("cmcdesk_webhook_attempts_total", "counter", "HTTP attempts since the worker started."),
    "failing": Family("cmcdesk_webhook_filters_failing", "gauge", "Filters whose last attempt failed."),
    "outbound": Family("cmcdesk_outbound_waiting", "gauge", "Recipients whose mails are still to go out."),
    "outbound_sent": Family("cmcdesk_outbound_sent_total", "counter", "Recipients reached since the worker started."),
    "outbound_attempts": Family("cmcdesk_outbound_attempts_total", "counter", "Tries since the worker started."),
    "outbound_suppressed": Family(
        "cmcdesk_outbound_suppressed_total", "counter", "Recipients turned away (suppressed) since the worker started."
    ),
    "bounces": Family("cmcdesk_bounces_total", "counter", "Failed recipients read since the worker started."),
    "bounces_waiting": Family("cmcdesk_bounce_mails_waiting", "gauge", "Bounce mails that are not read yet."),
    "set_aside": Family("cmcdesk_mails_set_aside", "gauge", "Mails that are read no more."),
}


def list_families(told: ProcessStates) -> Iterator[Family]:
    """All metrics, from the telemetry as it is; what a process has not told yet is left out."""
    server, worker = told["mail_server"], told["worker"]
    yield Family("cmcdesk_build_info", "gauge", "The version that runs.", [({"version": __version__}, 1)])
    states = (("mail_server", server["state"]), ("worker", worker["state"]))
    alive: list[Sample] = [({"process": name}, float(state == "operating")) for name, state in states]
    yield Family("cmcdesk_process_up", "gauge", "Whether that process operates.", alive)
    listening: list[Sample] = [
        ({"composition": name}, float(place is not None)) for name, place in server["receiving"].items()
    ]
    yield Family("cmcdesk_listening", "gauge", "Whether the receiving server of a composition listens.", listening)
    counts = [
        ({"composition": name, "server": kind}, each)
        for kind, of_kind in (("receiving", server.get("compositions", {})), ("relay", server.get("relays", {})))
        for name, each in of_kind.items()
    ]
    for key, about in OF_SERVER.items():
        yield _fill(about, [(labels, float(each[key])) for labels, each in counts])
    yield _count_refusals(counts)
    for part, about in OF_MAIL_SERVER.items():
        yield _fill(about, [({}, float(server[part]))] if part in server else [])
    loss: list[Sample] = [({}, float(bool(server["mail_log"]["loss"])))] if "mail_log" in server else []
    yield Family("cmcdesk_mail_log_lost", "gauge", "Whether mails are not stored now.", loss)
    for task, about in OF_WORKER.items():
        yield _fill(about, [({}, float(worker[task]))] if task in worker else [])
    if "oldest_due_age" in worker:
        age = "Seconds that the oldest due webhook delivery is late; 0: none is due."
        yield Family("cmcdesk_webhook_oldest_due_seconds", "gauge", age, [({}, worker["oldest_due_age"] or 0.0)])


def _fill(about: Family, samples: list[Sample]) -> Family:
    return Family(about.name, about.kind, about.help, samples)


def _count_refusals(counts: Iterable[tuple[Mapping[str, str], CompositionCounts]]) -> Family:
    family = Family("cmcdesk_refusals_total", "counter", "Refusals by gate since the mail server started.")
    for labels, each in counts:
        family.samples += [({**labels, "gate": gate}, float(many)) for gate, many in each["refused"].items()]
    return family


def write_families(families: Iterable[Family]) -> str:
    """The text that Prometheus reads: HELP, TYPE and the samples of each family that has any."""
    lines: list[str] = []
    for family in families:
        if family.samples:
            lines += [f"# HELP {family.name} {escape_help(family.help)}", f"# TYPE {family.name} {family.kind}"]
            lines += [f"{family.name}{_write_labels(labels)} {value:.16g}" for labels, value in family.samples]
    return "\n".join(lines) + "\n"


def escape_help(text: str) -> str:
    """As the format wants it in a HELP line: backslash and line feed."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def escape_label(text: str) -> str:
    """As the format wants it within quotes: a quote too."""
    return escape_help(text).replace('"', '\\"')


def _write_labels(labels: Labels) -> str:
    written = ",".join(f'{name}="{escape_label(value)}"' for name, value in labels.items())
    return f"{{{written}}}" if written else ""
