"""Destinations (ours): the mail servers of the simulated world, what each answers, what it received, and what became of
the bounces it returned; and one mail sent to them, as an application would, by the relay server."""

import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cmcdesk.console.frame.current import current_mail_log, current_services
from cmcdesk.console.frame.language import write_failure
from cmcdesk.console.world.dns_page import tell_world_fault
from cmcdesk.console.world.simulated import WorldRefused, WorldSilent
from cmcdesk.console.world.world_use import current_world

SHOWN = 50  # of what arrived, and of what was returned
BEHAVIOURS = (
    "accept", "unknown-user", "mailbox-full", "mailbox-full-for-now", "policy", "busy", "greylist", "slow", "drop",
    "bounce-later", "loop",
)  # fmt: skip
SENDER, RECIPIENT = "shop@customer.example", "nobody@example.net"  # what the form begins with
REPLY_SECONDS = 30  # a receiving interval of 10 seconds stands between two replies at most
WORDINGS = ("enhanced", "plain", "clashing", "several-lines")

destinations = Blueprint("destinations", __name__)


@destinations.get("/world/destinations")
def show_destinations() -> str:
    """All of them; `host`: what arrived there only."""
    return render_template("world/destinations.html", **_gather(""))


@destinations.get("/world/destinations/arrived")
def show_arrived() -> str:
    """What arrived and what was returned, for the live page."""
    return render_template("world/arrived.html", **_gather(""))


@destinations.post("/world/destinations/<name>")
def change(name: str) -> ResponseReturnValue:
    """What a mail server answers from now on."""
    manners = {key: request.form[key] for key in ("behaviour", "wording") if key in request.form}
    try:
        current_world().ask("PUT", f"hosts/{quote(name, safe='')}", manners)
    except (WorldRefused, WorldSilent) as fault:
        return render_template("world/destinations.html", **_gather(tell_world_fault(fault))), 409
    return redirect(url_for("destinations.show_destinations"), 303)


@destinations.get("/world/destinations/arrived/<int:number>.eml")
def download(number: int) -> Response:
    """The octets of a mail that arrived."""
    try:
        octets = current_world().ask("GET", f"arrived/{number}/octets")
    except (WorldRefused, WorldSilent):
        abort(404)
    named = f"attachment; filename=arrived-{number}.eml"
    return Response(octets, mimetype="message/rfc822", headers={"Content-Disposition": named})


@destinations.post("/world/destinations/send")
def send() -> ResponseReturnValue:
    """One mail through the relay server of a composition; the page of its journey follows."""
    name, sender, recipient = (request.form.get(key, "").strip() for key in ("composition", "sender", "recipient"))
    relay = next((each.relay for each in current_services().placements() if each.name == name), None)
    if relay is None:
        return _refuse_sending(_("The relay server of this composition is not listening."))
    mail = EmailMessage()
    mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain="console.example")
    host, _colon, port = relay.rpartition(":")
    try:
        mail["From"], mail["To"], mail["Subject"] = sender, recipient, _("A mail on its journey")
        mail.set_content(_("Sent by the console through the relay server.") + "\n")
        with smtplib.SMTP(host, int(port), "console.example", timeout=REPLY_SECONDS) as client:
            client.sendmail(sender, [recipient], mail.as_bytes())
    except (OSError, ValueError, smtplib.SMTPException) as fault:
        return _refuse_sending(_tell_reply(fault, recipient))
    log = current_mail_log()
    found = log.list_mails(limit=1, route="relay", search=mail["Message-ID"]) if log else []
    if not found:  # it was deleted since
        return redirect(url_for("mails.show_list"), 303)
    return redirect(url_for("journey.show_journey", mail_id=found[0].id), 303)


def _refuse_sending(fault: str) -> ResponseReturnValue:
    return render_template("world/destinations.html", **_gather("") | {"send_fault": fault}), 422


def _tell_reply(fault: Exception, recipient: str) -> str:
    """What the relay server said, or why nothing could be sent."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        fault = smtplib.SMTPResponseException(*fault.recipients[recipient])
    if isinstance(fault, smtplib.SMTPResponseException):
        said = fault.smtp_error.decode("utf-8", "replace") if isinstance(fault.smtp_error, bytes) else fault.smtp_error
        return str(_("The relay server refused it: %(reply)s", reply=f"{fault.smtp_code} {said}"))
    reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
    return str(_("It could not be sent: %(reason)s", reason=write_failure(reason)))


def _gather(fault: str) -> dict[str, Any]:
    world = current_world()
    host = request.args.get("host", "")
    shown: dict[str, Any] = {
        "part": "destinations", "world": world, "faults": {"world": fault} if fault else {}, "host": host,
        "hosts": [], "arrived": [], "returned": [], "behaviours": name_behaviours(), "wordings": name_wordings(),
        "relays": [each.name for each in current_services().placements() if each.relay], "send_fault": "",
        "sender": request.form.get("sender", SENDER), "recipient": request.form.get("recipient", RECIPIENT),
    }  # fmt: skip
    if world.note is None:
        return shown
    try:
        zones, hosts = world.ask("GET", "zones")["zones"], world.ask("GET", "hosts")["hosts"]
        shown["arrived"] = world.ask("GET", f"arrived?newest=1&limit={SHOWN}&host={quote(host)}")["arrived"]
        shown["returned"] = world.ask("GET", f"returned?newest=1&limit={SHOWN}")["returned"]
    except (WorldRefused, WorldSilent) as silent:
        return shown | {"faults": {"world": tell_world_fault(silent)}}
    for each in hosts:
        each["domains"] = [zone["name"] for zone in zones if each["name"] in (mx for _, mx in zone["mx"])]
    return shown | {"hosts": hosts}


def name_behaviours() -> dict[str, str]:
    """What each does, in words."""
    return {
        "accept": _("takes everything"),
        "unknown-user": _("550 unknown user"),
        "mailbox-full": _("552 mailbox full"),
        "mailbox-full-for-now": _("452 mailbox full for now"),
        "policy": _("550 refused by policy, after DATA"),
        "busy": _("421 too busy"),
        "greylist": _("451 greylisted at first"),
        "slow": _("answers slowly"),
        "drop": _("drops the connection"),
        "bounce-later": _("250, and a bounce later"),
        "loop": _("554 mail loop"),
    }


def name_wordings() -> dict[str, str]:
    """How refusals are worded."""
    return {
        "enhanced": _("with enhanced code"),
        "plain": _("without enhanced code"),
        "clashing": _("clashing enhanced code"),
        "several-lines": _("several lines"),
    }
