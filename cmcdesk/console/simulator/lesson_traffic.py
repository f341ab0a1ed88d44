"""The traffic of each lesson, made from the limits that are live, and the words around it."""

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from cmcdesk.console.compositions.view import View
from cmcdesk.console.simulator.traffic_form import Traffic
from cmcdesk.rules.lessons import NEEDS, pick_bounce_domain, pick_inbound_domain
from cmcdesk.rules.policy import Policy
from cmcdesk.rules.promises import Reason

PRESETS = tuple(NEEDS)
FOREIGN_DOMAIN = "foreign.example.net"
DECIDING = ("mail", "to", "size", "sessions", "spam")  # with another of these it is the lesson no more


def suggest_recipient(view: View, mail: str, preset: str = "") -> str:
    """Whom such a mail is for: bounces a bounce domain, forms an inbound domain, plain mails what there is."""
    has_inbound = bool(view.live["receiving"]["inbound_domains"])
    if preset == "domain":
        return f"bounce@return.{FOREIGN_DOMAIN}" if mail == "bounce" else f"info@{FOREIGN_DOMAIN}"
    if mail == "bounce" or (mail == "plain" and not has_inbound):
        return f"bounce@{pick_bounce_domain(view.live)}"
    return f"info@{pick_inbound_domain(view.live)}"


def default_traffic(view: View, mail: str = "plain") -> Traffic:
    """Ten mails to a domain that this composition takes."""
    return Traffic(mail=mail, to=suggest_recipient(view, mail), count="10")


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
