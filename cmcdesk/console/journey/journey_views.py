"""The journey of a mail: its page, live while it travels, and `GET /api/v1/mails/{id}/journey`."""

from typing import Any, Literal, get_args

from flask import Blueprint, Response, abort, jsonify, render_template
from flask_babel import gettext as _
from pydantic import Field, RootModel

from cmcdesk.console.compositions.view import list_views
from cmcdesk.console.frame.api_errors import refuse_missing
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape, format_instant
from cmcdesk.console.frame.current import current_mail_log
from cmcdesk.console.frame.database import db
from cmcdesk.console.journey.stations import Journey, StationName, tell_journey
from cmcdesk.console.journey.tracing import trace_mail
from cmcdesk.console.mails.mail_shapes import MailPath
from cmcdesk.console.world.simulated import WorldRefused, WorldSilent
from cmcdesk.console.world.world_use import current_world

RETURNED_LOOKED_AT = 1000  # tries of the simulated world to bring a bounce home, the newest

journey = Blueprint("journey", __name__)
journey_api = ApiPart("api_journey", __name__, "mails")


class StationShape(Shape):
    """One station. `detail` is in the language of Accept-Language; it begins with the recipient, where that is one of
    several ways."""

    station: str = Field(description=f"One of {', '.join(get_args(StationName))}")
    at: str | None
    state: Literal["done", "waiting", "broken"]
    detail: str


class Stations(RootModel[list[StationShape]]):
    """The stations in the order of the way."""


@journey.get("/mails/<int:mail_id>/journey")
def show_journey(mail_id: int) -> str:
    """The path, drawn."""
    found = find_journey(mail_id) or abort(404)
    return render_template("journey/journey.html", journey=found, names=name_stations(), asked=mail_id)


@journey.get("/mails/<int:mail_id>/journey/path")
def show_path(mail_id: int) -> str:
    """The path alone, for the live page."""
    found = find_journey(mail_id) or abort(404)
    return render_template("journey/path.html", journey=found, names=name_stations(), asked=mail_id)


@journey_api.get("/mails/<int:id>/journey", responses={200: Stations, 404: Errors})
def get_journey(path: MailPath) -> Response:
    """The stations of a mail: from the application to the destination, and of its bounce to event and API."""
    found = find_journey(path.id)
    if found is None:
        refuse_missing("id", path.id)
    shapes = [
        StationShape(
            station=one.name,
            at=format_instant(one.at),
            state=one.state,
            detail=f"{recipient}: {one.detail}" if recipient else one.detail,
        ).as_json()
        for recipient, one in found.list_all()
    ]
    return jsonify(shapes)


def find_journey(mail_id: int) -> Journey | None:
    """None where there is no such mail."""
    log = current_mail_log()
    row = log.get_mail(mail_id) if log else None
    if log is None or row is None:
        return None
    return tell_journey(trace_mail(log, db.session(), row, _list_returned()), _name_receivers())


def _name_receivers() -> frozenset[str]:
    """Names and addresses of the receiving servers."""
    views = list_views()
    addresses = {(view.placement.receiving or "").rpartition(":")[0] for view in views}
    return frozenset({f"{view.subdomain}.smtps.jp" for view in views} | addresses)


def _list_returned() -> list[dict[str, Any]]:
    """What the destinations of the simulated world tried to bring home, oldest first."""
    if current_world().note is None:
        return []
    try:
        told = current_world().ask("GET", f"returned?newest=1&limit={RETURNED_LOOKED_AT}")["returned"]
    except (WorldSilent, WorldRefused):
        return []
    return list(told)[::-1]


def name_stations() -> dict[str, str]:
    """What each is called on the page."""
    return {
        "application": _("Application"),
        "relay": _("Relay server"),
        "sender": _("Envelope From"),
        "dns": "DNS",
        "suppression": _("Suppression"),
        "destination": _("Destination server"),
        "report": _("Report of the failure"),
        "dsn": _("Bounce of the destination"),
        "mx": _("MX of the sender's domain"),
        "receiving": _("Receiving server"),
        "bounce": _("Error log"),
        "event": _("Event webhook"),
        "webhook": "Inbound Webhook",
        "api": _("Bounces API"),
    }
