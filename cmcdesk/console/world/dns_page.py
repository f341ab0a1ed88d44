"""DNS (ours): the simulated world started and stopped, its records entered as the manual's STEP2 tells, and what `dig`
says beside it, asked of its name server really."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.compositions.view import list_views
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.world.digging import KINDS, Dug, dig
from cmcdesk.console.world.simulated import WorldRefused, WorldSilent
from cmcdesk.console.world.world_use import current_world, put_records, start_own_world, stop_world
from cmcdesk.rules.domain_steps import list_domains
from cmcdesk.rules.domains import NotADomain, parse_domain
from cmcdesk.rules.settings.form import plain_number
from cmcdesk.rules.settings.messages import tell_code

ANSWERS = {"SERVFAIL": "servfail", "NXDOMAIN": "nxdomain", "slow": "slow"}  # what a name may do in place of answering
SPEEDS = ("1", "10", "60", "600")
LARGEST_PREFERENCE = 65535  # RFC 1035 3.3.9
LONGEST_TEXT = 1000
NULL_MX = "."  # RFC 7505

TABS = {"destinations": "destinations.show_destinations", "domains": "domains.show_domains"}

dns_page = Blueprint("dns_page", __name__)


@dataclass(frozen=True)
class RecordForm:
    """One record as it was typed. preference: of an MX."""

    name: str = ""
    kind: str = "MX"
    value: str = ""
    preference: str = "10"

    @classmethod
    def from_values(cls, given: Mapping[str, str]) -> "RecordForm":
        """From a form or a query; what is left out has its default."""
        read = {key: given[key].strip() for key in ("name", "kind", "value") if key in given}
        return cls(**read, preference=plain_number(given.get("preference", cls.preference)))


@dns_page.get("/world")
def show_world() -> ResponseReturnValue:
    """The first of its pages."""
    return redirect(url_for("dns_page.show_dns"))


@dns_page.get("/world/dns")
def show_dns() -> str:
    """The records, the form (filled with what the query says), and an answer to `name` and `kind`."""
    return _render(RecordForm.from_values(request.args))


@dns_page.get("/world/dns/answer")
def show_answer() -> str:
    """What `dig` says, alone."""
    form = RecordForm.from_values(request.args)
    return render_template("world/answer.html", dug=_dig(form.name, form.kind))


@dns_page.post("/world/dns")
def add() -> ResponseReturnValue:
    """Enter one record."""
    form = RecordForm.from_values(request.form)
    faults, name, value = check_record(form)
    if not faults:
        try:
            put_records(name, add_record(_find_records(name), form, value))
        except (WorldRefused, WorldSilent) as fault:
            faults["world"] = tell_world_fault(fault)
    if faults:
        return _render(form, faults), 422
    return redirect(url_for("dns_page.show_dns", name=name, kind=form.kind if form.kind in KINDS else "MX"), 303)


@dns_page.post("/world/dns/remove")
def remove() -> ResponseReturnValue:
    """Take one record away."""
    form = RecordForm.from_values(request.form)
    try:
        put_records(form.name, remove_record(_find_records(form.name), form))
    except (WorldRefused, WorldSilent) as fault:
        return _render(RecordForm(), {"world": tell_world_fault(fault)}), 409
    return redirect(url_for("dns_page.show_dns", name=form.name, kind=form.kind if form.kind in KINDS else "MX"), 303)


@dns_page.post("/world/start")
def start() -> ResponseReturnValue:
    """Start the own world."""
    speed = request.form.get("speed", "1")
    try:
        start_own_world(float(speed) if speed in SPEEDS else 1.0)
    except (WorldRefused, WorldSilent, OSError) as fault:
        return _render(RecordForm(), {"world": tell_world_fault(fault)}), 409
    return _go_back()


@dns_page.post("/world/stop")
def stop() -> ResponseReturnValue:
    """Stop it, or let go of another."""
    stop_world()
    return _go_back()


def _go_back() -> ResponseReturnValue:
    """To the tab whose button it was."""
    return redirect(url_for(TABS.get(request.form.get("part", ""), "dns_page.show_dns")), 303)


def check_record(form: RecordForm) -> tuple[dict[str, str], str, str]:
    """(faults by field, name and value as they are kept)."""
    faults: dict[str, str] = {}
    name, value = _domain(form.name, "name", faults), form.value
    if form.kind == "MX":
        value = value if value == NULL_MX else _domain(value, "value", faults)
        if not _is_preference(form.preference):
            faults["preference"] = _("A whole number from 0 to %(most)s.", most=LARGEST_PREFERENCE)
    elif form.kind == "CNAME":
        value = _domain(value, "value", faults)
    elif form.kind == "A":
        if not _is_loopback(value):
            faults["value"] = _("An address within 127.0.0.0/8: the simulated world has no other places.")
    elif form.kind == "TXT":
        if not 0 < len(value) <= LONGEST_TEXT:
            faults["value"] = _("A text of 1 to %(most)s characters.", most=LONGEST_TEXT)
    elif form.kind not in ANSWERS:
        faults["kind"] = _("One of %(kinds)s.", kinds=", ".join((*KINDS, *ANSWERS)))
    return faults, name, value


def add_record(zone: Mapping[str, Any], form: RecordForm, value: str) -> dict[str, Any]:
    """The records of a name with one more; an MX for the same host is replaced."""
    if form.kind == "MX":
        others = [one for one in zone.get("mx", []) if one[1] != value and NULL_MX not in (value, one[1])]
        return {**zone, "mx": sorted([*others, [0 if value == NULL_MX else int(form.preference), value]])}
    if form.kind == "CNAME":
        return {"cname": value}
    if form.kind in ANSWERS:
        return {**zone, "answer": ANSWERS[form.kind]}
    key = form.kind.lower()
    return {**zone, key: [*(one for one in zone.get(key, []) if one != value), value]}


def remove_record(zone: Mapping[str, Any], form: RecordForm) -> dict[str, Any]:
    """The records of a name without one."""
    if form.kind == "MX":
        left: Any = [one for one in zone.get("mx", []) if one[1] != form.value]
    elif form.kind in ("A", "TXT"):
        left = [one for one in zone.get(form.kind.lower(), []) if one != form.value]
    else:
        left = ""
    key = "answer" if form.kind in ANSWERS else form.kind.lower()
    return {kind: found for kind, found in {**zone, key: left}.items() if found}


def list_records(zones: list[Mapping[str, Any]]) -> list[RecordForm]:
    """All records of the world's zones, one a row, names in the order of the alphabet."""
    rows = []
    for zone in sorted(zones, key=lambda zone: str(zone["name"])):
        name = zone["name"]
        rows += [RecordForm(name, "MX", host, str(preference)) for preference, host in zone["mx"]]
        rows += [RecordForm(name, kind.upper(), value, "") for kind in ("a", "txt") for value in zone[kind]]
        rows += [RecordForm(name, "CNAME", zone["cname"], "")] if zone["cname"] else []
        rows += [RecordForm(name, kind, "", "") for kind, answer in ANSWERS.items() if answer == zone["answer"]]
    return rows


def tell_world_fault(fault: Exception) -> str:
    """Why the world could not be asked."""
    if isinstance(fault, WorldSilent):
        return str(_("The simulated world does not answer. Start it first."))
    return str(_("The simulated world refused: %(why)s", why=fault))


def _domain(text: str, field: str, faults: dict[str, str]) -> str:
    try:
        return parse_domain(text)
    except NotADomain as fault:
        faults[field] = pick_text(tell_code(fault.reason))
        return text


def _is_preference(text: str) -> bool:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_PREFERENCE))
    return is_number and int(text) <= LARGEST_PREFERENCE


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.IPv4Address(text).is_loopback
    except ValueError:
        return False


def _find_records(name: str) -> dict[str, Any]:
    """What a name has now, empty kinds left out."""
    zones = current_world().ask("GET", "zones")["zones"]
    found: dict[str, Any] = next((zone for zone in zones if zone["name"] == name), {})
    return {key: value for key, value in found.items() if value and key != "name"}


def _dig(name: str, kind: str) -> Dug | None:
    """None where there is nothing to ask, or nobody."""
    note = current_world().note
    if note is None or not name or kind not in KINDS:
        return None
    try:
        return dig(note.resolver_place, name, kind)
    except ValueError:
        return None


def _list_wanted() -> list[RecordForm]:
    """The MX records that the domains of all compositions need, those that the service has itself left out."""
    wanted = {
        domain: f"{view.subdomain}.smtps.jp"
        for view in list_views()
        for _use, domain in list_domains(view.draft, view.live)
        if domain != f"return.{view.subdomain}.smtps.jp"
    }
    return [RecordForm(domain, "MX", host) for domain, host in wanted.items()]


def _render(form: RecordForm, faults: Mapping[str, str] | None = None) -> str:
    world = current_world()
    try:
        records = list_records(world.ask("GET", "zones")["zones"]) if world.note else []
    except (WorldSilent, WorldRefused):
        records = []
    entered = {(row.name, row.value) for row in records if row.kind == "MX"}
    return render_template(
        "world/dns.html",
        part="dns",
        world=world,
        speeds=SPEEDS,
        form=form,
        faults=faults or {},
        kinds=(*KINDS, *ANSWERS),
        asked_kinds=KINDS,
        records=records,
        wanted=[(row, (row.name, row.value) in entered) for row in _list_wanted()],
        dug=_dig(form.name, form.kind),
        null_mx=NULL_MX,
    )
