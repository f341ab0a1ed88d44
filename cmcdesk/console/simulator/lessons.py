"""The simulator's lessons on the running console: what is missing, set it up through 設定反映, and put it back."""

import socket
from contextlib import suppress
from dataclasses import dataclass
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
from cmcdesk.rules.lessons import NEEDS, Added, Need, find_missing, join, prepare, take_away

SETTING = "lessons"  # {composition: what set-ups put in}
REACH_SECONDS = 0.5
LOOPBACK = ("127.", "localhost", "::1")


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


def name_added(added: Added, settings: dict[str, Any]) -> dict[Need, str]:
    """Need → what a set-up puts there, in words."""
    inbound = ", ".join(added.inbound_domains)
    filters = [one for one in settings["inbound_webhook"] if one["name"] in added.filters]
    shown = [f"{one['name']} ({one['condition'][0]['pattern']} → {one['endpoint']})" for one in filters]
    return {
        "domain": inbound,
        "inbound_domain": inbound,
        "bounce_domain": ", ".join(added.bounce_domains),
        "notification": ", ".join(shown),
        "event_webhook": _name_event(settings) if added.event_webhook is not None else "",
    }


def _name_event(settings: dict[str, Any]) -> str:
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


def _reflect(view: View, settings: dict[str, Any]) -> int:
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


def _without(kept: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in kept.items() if key != name}
