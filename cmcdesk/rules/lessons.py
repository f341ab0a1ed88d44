"""What the simulator's lessons need of a composition's settings, how that is put there, and how it is taken away: pure.

Settings are data in the shape of one `[[composition]]` of the settings file.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import regex

from cmcdesk.rules.matching import TIME_LIMIT

Need = Literal["domain", "inbound_domain", "bounce_domain", "notification", "event_webhook"]
Settings = Mapping[str, Any]

NEEDS: dict[str, tuple[Need, ...]] = {
    "sessions": ("domain",),
    "interval": ("domain",),
    "size": ("domain",),
    "domain": (),
    "spam": ("inbound_domain",),
    "webhook": ("inbound_domain", "notification"),
    "bounce": ("bounce_domain",),
    "event": ("bounce_domain", "event_webhook"),
}

INBOUND_DOMAIN = "mailform.example.com"  # the manual's own example
FILTER_NAME = "simulator"


@dataclass
class Added:
    """What a set-up put in. event_webhook: the table as it was before, None where it was not touched."""

    inbound_domains: list[str] = field(default_factory=list)
    bounce_domains: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    event_webhook: dict[str, Any] | None = None

    def as_data(self) -> dict[str, Any]:
        """JSON-able; `Added(**data)` reads it again."""
        return asdict(self)

    def __bool__(self) -> bool:
        return any(value for value in (self.inbound_domains, self.bounce_domains, self.filters)) or (
            self.event_webhook is not None
        )


def pick_inbound_domain(settings: Settings) -> str:
    """The first domain of the Inbound tab, or the one that a set-up adds."""
    receiving = settings["receiving"]
    return str((receiving["inbound_domains"] or [_offer_inbound(receiving)])[0])


def pick_bounce_domain(settings: Settings) -> str:
    """The first domain of the Bounce tab, or the one that a set-up adds: the plan's own."""
    return str((settings["receiving"]["bounce_domains"] or [f"return.{settings['subdomain']}.smtps.jp"])[0])


def find_missing(lesson: str, settings: Settings, is_reachable: Callable[[str], bool]) -> list[Need]:
    """What the lesson needs and these settings do not have. is_reachable: whether something listens at an endpoint."""
    receiving = settings["receiving"]
    event = settings["event_webhook"]
    has: dict[Need, Callable[[], bool]] = {
        "domain": lambda: bool(receiving["inbound_domains"] or receiving["bounce_domains"]),
        "inbound_domain": lambda: bool(receiving["inbound_domains"]),
        "bounce_domain": lambda: bool(receiving["bounce_domains"]),
        "notification": lambda: any(
            is_reachable(notification["endpoint"])
            for notification in settings["inbound_webhook"]
            if takes(notification, f"info@{pick_inbound_domain(settings)}")
        ),
        "event_webhook": lambda: bool(event["bounces"] and event["endpoint"]) and is_reachable(event["endpoint"]),
    }
    return [need for need in NEEDS.get(lesson, ()) if not has[need]()]


def takes(notification: Mapping[str, Any], address: str) -> bool:
    """Whether a notification surely fires for a mail whose To is this address alone, whatever its other fields are."""
    conditions = notification["condition"]
    return bool(notification["enabled"]) and all(
        each["header"].lower() == "to" and _is_found(each["pattern"], address) for each in conditions
    )


def prepare(settings: Settings, missing: list[Need], endpoint: str) -> tuple[dict[str, Any], Added]:
    """(settings with what was missing, what was put in). endpoint: where webhooks are to go."""
    new = {**settings, "receiving": dict(settings["receiving"])}
    receiving, added = new["receiving"], Added()
    if "inbound_domain" in missing or "domain" in missing:
        added.inbound_domains = [_offer_inbound(receiving)]
        receiving["inbound_domains"] = [*receiving["inbound_domains"], *added.inbound_domains]
    if "bounce_domain" in missing:
        added.bounce_domains = [pick_bounce_domain(settings)]
        receiving["bounce_domains"] = [*receiving["bounce_domains"], *added.bounce_domains]
    if "notification" in missing:
        one = _write_notification(new, endpoint)
        added.filters = [one["name"]]
        new["inbound_webhook"] = [*settings["inbound_webhook"], one]
    if "event_webhook" in missing:
        added.event_webhook = dict(settings["event_webhook"])
        new["event_webhook"] = {**settings["event_webhook"], "endpoint": endpoint, "bounces": True}
    return new, added


def take_away(settings: Settings, added: Added) -> dict[str, Any]:
    """The settings without what a set-up put in; what a person changed meanwhile stays."""
    receiving = dict(settings["receiving"])
    for tab, gone in (("inbound_domains", added.inbound_domains), ("bounce_domains", added.bounce_domains)):
        receiving[tab] = [domain for domain in receiving[tab] if domain not in gone]
    kept = [notification for notification in settings["inbound_webhook"] if notification["name"] not in added.filters]
    new = {**settings, "receiving": receiving, "inbound_webhook": kept}
    if added.event_webhook is not None:
        new["event_webhook"] = added.event_webhook
    return new


def join(first: Added, second: Added) -> Added:
    """What two set-ups, one after the other, put in."""
    before = first.event_webhook if first.event_webhook is not None else second.event_webhook
    return Added(
        [*first.inbound_domains, *second.inbound_domains],
        [*first.bounce_domains, *second.bounce_domains],
        [*first.filters, *second.filters],
        before,
    )


def _offer_inbound(receiving: Mapping[str, Any]) -> str:
    is_taken = INBOUND_DOMAIN in receiving["bounce_domains"]
    return f"inbound.{INBOUND_DOMAIN}" if is_taken else INBOUND_DOMAIN


def _write_notification(settings: Settings, endpoint: str) -> dict[str, Any]:
    names = {notification["name"] for notification in settings["inbound_webhook"]}
    free = (f"{FILTER_NAME} {number}" for number in range(2, len(names) + 3))
    name = FILTER_NAME if FILTER_NAME not in names else next(each for each in free if each not in names)
    pattern = regex.escape(f"info@{pick_inbound_domain(settings)}", special_only=True)
    return {
        "name": name,
        "endpoint": endpoint,
        "format": "multipart",
        "enabled": True,
        "condition": [{"header": "To", "pattern": pattern}],
    }


def _is_found(pattern: str, value: str) -> bool:
    try:
        return regex.search(pattern, value, timeout=TIME_LIMIT) is not None
    except (regex.error, TimeoutError):
        return False
