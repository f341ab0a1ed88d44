"""The simulator's lessons on the running console: what is missing, set it up through 設定反映, and put it back; the
traffic of each, made from the limits that are live, and the words around it.
"""

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from cmcdesk.console.catcher.catching import find_first_url
from cmcdesk.console.compositions.drafting import DraftChanged, apply_draft, save_draft
from cmcdesk.console.compositions.view import View, find_view
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import load_desk_setting, save_desk_setting
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.frame.trouble import Refused, Told
from cmcdesk.console.simulator.traffic_form import Traffic
from cmcdesk.rules.lessons import (
    NEEDS,
    Added,
    Need,
    find_missing,
    join,
    pick_bounce_domain,
    pick_inbound_domain,
    prepare,
    take_away,
)
from cmcdesk.rules.policy import Policy
from cmcdesk.rules.promises import Reason

SETTING = "lessons"  # {composition: what set-ups put in}
REACH_SECONDS = 0.5
LOOPBACK = ("127.", "localhost", "::1")

PRESETS = tuple(NEEDS)
FOREIGN_DOMAIN = "foreign.example.net"
DECIDING = ("mail", "to", "size", "sessions", "spam")  # with another of these it is the lesson no more


@dataclass(frozen=True)
class NeedShown:
    """One thing that a lesson needs, in words; offer: what a set-up would put there, "" where nothing is missing."""

    name: Need
    label: str
    offer: str

    @property
    def is_met(self) -> bool:
        """Whether it is there."""
        return not self.offer


def list_needs(lesson: str, view: View) -> list[NeedShown]:
    """What the lesson needs of the live settings."""
    missing = find_missing(lesson, view.live, is_reachable)
    new, added = prepare(view.live, missing, find_first_url())
    offers = name_added(added, new)
    labels = name_needs()
    return [NeedShown(need, labels[need], offers[need] if need in missing else "") for need in NEEDS.get(lesson, ())]


def name_needs() -> dict[Need, str]:
    """Need → its label."""
    return {
        "domain": _("An acceptable domain"),
        "inbound_domain": _("An acceptable domain (Inbound)"),
        "bounce_domain": _("An acceptable domain (Bounce)"),
        "notification": _("A notification that matches and whose endpoint can be reached"),
        "event_webhook": _("An event webhook for bounces whose endpoint can be reached"),
    }


def name_added(added: Added, settings: Mapping[str, Any]) -> dict[Need, str]:
    """Need → what a set-up puts there, in words."""
    inbound = ", ".join(added.inbound_domains)
    filters = [notification for notification in settings["inbound_webhook"] if notification["name"] in added.filters]
    shown = [f"{one['name']} ({one['condition'][0]['pattern']} → {one['endpoint']})" for one in filters]
    return {
        "domain": inbound,
        "inbound_domain": inbound,
        "bounce_domain": ", ".join(added.bounce_domains),
        "notification": ", ".join(shown),
        "event_webhook": _name_event(settings) if added.event_webhook is not None else "",
    }


def _name_event(settings: Mapping[str, Any]) -> str:
    return f"{_('Event webhook')} → {settings['event_webhook']['endpoint']}"


def find_added(name: str) -> Added:
    """What set-ups put into a composition and was not put back yet."""
    kept = load_desk_setting(current_services().engine, SETTING).get(name, {})
    return Added(**kept)


def set_up(view: View, lesson: str) -> int | None:
    """Put what is missing into the draft and reflect it; the number of the revision, None where nothing is missing.

    Raises Refused, and then the draft is what it was.
    """
    missing = find_missing(lesson, view.live, is_reachable)
    if not missing:
        return None
    new, added = prepare(view.live, missing, find_first_url())
    number = _reflect(view, new)
    _remember(view.name, join(find_added(view.name), added))
    return number


def put_back(view: View) -> int | None:
    """Take out what set-ups put in, and reflect that; None where there is nothing. Raises Refused."""
    added = find_added(view.name)
    if not added:
        return None
    new = take_away(view.live, added)
    number = _reflect(view, new) if new != view.live else view.applied_revision
    _remember(view.name, Added())
    return number


def is_reachable(endpoint: str) -> bool:
    """Whether something listens there, asked of this machine's own addresses alone; of others it is supposed."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if not host.startswith(LOOPBACK):
        return True
    with suppress(OSError, ValueError):
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((host, port), REACH_SECONDS).close()
        return True
    return False


def _reflect(view: View, settings: Mapping[str, Any]) -> int:
    """Save and apply; a draft that holds other changes is not reflected with it."""
    if view.has_changes:
        told = _("This composition has saved changes that are not reflected yet. Reflect them first.")
        raise Refused([Told("composition", view.name, told)])
    try:
        saved = save_draft(view.name, settings, view.draft_version)
    except DraftChanged:
        told = _("These settings were saved in another window meanwhile. Try again.")
        raise Refused([Told("composition", view.name, told)]) from None
    try:
        number = apply_draft(view.name)
    except Refused:
        with suppress(DraftChanged):
            save_draft(view.name, view.draft, saved.version)
        raise
    current_hub().publish("settings", "state")
    return number


def _remember(name: str, added: Added) -> None:
    engine = current_services().engine
    kept = {key: value for key, value in load_desk_setting(engine, SETTING).items() if find_view(key)}
    save_desk_setting(engine, SETTING, {**kept, name: added.as_data()} if added else _without(kept, name))


def _without(kept: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in kept.items() if key != name}


def suggest_recipient(view: View, mail: str, preset: str = "") -> str:
    """Whom such a mail is for: bounces a bounce domain, forms an inbound domain, plain mails what there is."""
    has_inbound = bool(view.live["receiving"]["inbound_domains"])
    if preset == "domain":
        return f"bounce@return.{FOREIGN_DOMAIN}" if mail == "bounce" else f"info@{FOREIGN_DOMAIN}"
    if mail == "bounce" or (mail == "plain" and not has_inbound):
        return f"bounce@{pick_bounce_domain(view.live)}"
    return f"info@{pick_inbound_domain(view.live)}"


def default_traffic(view: View, mail: str = "plain", count: str = "10") -> Traffic:
    """Some mails to a domain that this composition takes."""
    return Traffic(mail=mail, to=suggest_recipient(view, mail), count=count)


def preset_traffic(preset: str, view: View, mail: str = "") -> Traffic:
    """The traffic of one lesson. mail: the kind that was chosen before, which the lesson on domains keeps."""
    limits = view.live["receiving"]
    subject = mail or ("plain" if limits["inbound_domains"] else "bounce")
    too_big = str(limits["size_kb"] * 1024 + 65536)
    lessons: dict[str, dict[str, Any]] = {
        "sessions": {"count": "", "seconds": "5", "sessions": str(limits["max_sessions"] + 5)},
        "interval": {"count": "", "seconds": "15", "sessions": str(min(5, limits["max_sessions"]))},
        "size": {"count": "3", "size": too_big},
        "domain": {"mail": subject, "count": "5"},
        "spam": {"mail": "form", "count": "3", "spam": "same-address"},
        "webhook": {"mail": "form", "count": "5", "rate": "2"},
        "bounce": {"mail": "bounce", "count": "5"},
        "event": {"mail": "bounce", "count": "3"},
    }
    traffic = replace(default_traffic(view), **lessons.get(preset, {}))
    return replace(traffic, to=suggest_recipient(view, traffic.mail, preset))


def is_lesson(traffic: Traffic, preset: str, view: View) -> bool:
    """Whether this is still what the lesson sends, so that its promise can be judged."""
    if preset not in PRESETS:
        return False
    own = preset_traffic(preset, view, traffic.mail)
    return all(getattr(traffic, name) == getattr(own, name) for name in DECIDING)


def describe_routes(traffic: Traffic, view: View) -> list[tuple[str, str]]:
    """(recipient, "inbound" | "bounce" | "" for none) of each recipient, by the settings that are live."""
    receiving = view.live["receiving"]
    policy = Policy.of(receiving["bounce_domains"], receiving["inbound_domains"])
    found = [(address, policy.recipient_of(address)) for address in traffic.to.split()]
    return [(address, recipient.route if recipient else "") for address, recipient in found]


def name_kinds() -> dict[str, str]:
    """Kind of mail → its label."""
    return {"plain": _("Plain mails"), "form": _("Form mails"), "bounce": _("Bounces")}


def name_presets() -> dict[str, str]:
    """Preset → its label."""
    return {
        "sessions": _("Over the session limit"),
        "interval": _("The receiving interval"),
        "size": _("Over the receiving size"),
        "domain": _("A foreign domain"),
        "spam": _("Spam judgment"),
        "webhook": _("Form mails to a webhook"),
        "bounce": _("Bounces"),
        "event": _("Bounces to the event webhook"),
    }


def explain_presets() -> dict[str, str]:
    """Preset → what is sent, and what will happen."""
    return {
        "sessions": _("Opens 5 sessions more than the maximum. Those over it are answered 421 and closed."),
        "interval": _(
            "Sends as fast as it is let to. In each session one mail an interval is taken: the monitor shows the dots "
            "evenly spaced, and the rate below the ceiling."
        ),
        "size": _("Sends mails larger than the receiving size. They are refused with 552."),
        "domain": _("Sends to a domain that is not acceptable. The recipient is refused with 550."),
        "spam": _("Sends form mails whose From and To are the same. They are judged as spam and refused with 550."),
        "webhook": _("Sends two form mails a second. Each calls the endpoint of every notification that it matches."),
        "bounce": _("Sends bounce mails. They are read and classed in the error log of the delivery report."),
        "event": _("Sends bounce mails. Each that is read becomes an event, and the events go to the event webhook."),
    }


def explain_reasons() -> dict[Reason, str]:
    """Why a promise was not kept."""
    return {
        "nothing_sent": _("No mail was answered."),
        "no_421": _("No connection was answered 421."),
        "accepted": _("Mails were accepted that were to be refused."),
        "other_reply": _("Mails were refused, but with another reply."),
        "too_fast": _("The replies came faster than the interval."),
        "too_few": _("No session got a second 250, so there is no spacing to measure."),
        "not_accepted": _("No mail was accepted."),
        "no_delivery": _("The mails matched no notification."),
        "not_delivered": _("The endpoint did not take the webhook."),
        "not_read": _("The mails were not read as bounces."),
    }
