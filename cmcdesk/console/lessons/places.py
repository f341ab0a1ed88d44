"""Where a step of a lesson happens: the closed vocabulary of places, each a page of the console and a control on it, by
an id or an attribute that tests hold in place. A lesson names places, and never holds an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

OF_COMPOSITION = {"name": "{name}"}
CHOOSING = {"composition": "{name}"}


@dataclass(frozen=True)
class LessonPlace:
    """endpoint: the page; control: a CSS selector, {name} standing for the composition ("" for the page as a whole);
    query: what the page's address is made with; saves: the endpoint that its form goes to; by: the page that leads
    there, where its own address is not known before (one mail, one refusal); also: another page of the same form."""

    endpoint: str
    control: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    saves: str = ""
    by: str = ""
    also: str = ""


def _list_settings(screen: str, saves: str, controls: Mapping[str, str], **query: str) -> dict[str, LessonPlace]:
    """The fields of a settings screen by their keys, and its 保存する."""
    endpoint = f"settings.show_{screen}"
    fields = {
        f"{screen}.{key}": LessonPlace(
            endpoint, control, OF_COMPOSITION | ({"tab": query[key]} if key in query else {})
        )
        for key, control in controls.items()
    }
    return {**fields, f"{screen}.save": LessonPlace(endpoint, "#save", OF_COMPOSITION, f"settings.save_{saves}")}


def _by_id(server: str, *keys: str) -> dict[str, str]:
    return {key: f"[id='{server}.{key}']" for key in keys}


REFLECT = "reflect"
FLOW = ("max_sessions", "interval_ms", "size_kb")
FILTER, ONE_FILTER = "webhook.show_new_filter", "webhook.show_filter"
EVENT = "webhook_event.show_event"
RECEIVING_FIELDS = _by_id("receiving", *FLOW) | {
    "bounce_domains": "#tab-bounce, #pane-bounce .domain-add",
    "inbound_domains": "#tab-inbound, #pane-inbound .domain-add",
}
ADVANCED_FIELDS = {
    "rewrite": "[aria-labelledby='rewrite-label']",
    "domain": "[id='advanced.envelope_from.domain']",
    "received": "[aria-labelledby='received-label']",
}

#: Name → place. What stands here can be named by trainers: docs/lessons-by-trainers.md lists it.
PLACES: dict[str, LessonPlace] = {
    "compositions": LessonPlace("compositions.show_list", "#composition-list"),
    "reflect": LessonPlace("compositions.show_list", "#reflect-of-{name}, #reflect-now, #apply-now"),
    "history": LessonPlace("compositions.show_history", "[data-lesson='restore']", OF_COMPOSITION),
    **_list_settings("receiving", "receiving", RECEIVING_FIELDS, bounce_domains="bounce", inbound_domains="inbound"),
    **_list_settings("relay", "relay", _by_id("relay", *FLOW, "networks")),
    **_list_settings("advanced", "advanced", ADVANCED_FIELDS),
    **_list_settings("delivery_speed", "delivery-speed", {"filters": "[data-add-row]"}),
    **_list_settings("forwarding", "forwarding", {"filters": "[data-add-row]"}),
    "notifications": LessonPlace("webhook.show_filters", "#filter-list .btn-primary", CHOOSING),
    "notification.name": LessonPlace(FILTER, "#name", OF_COMPOSITION, also=ONE_FILTER),
    "notification.endpoint": LessonPlace(FILTER, "#endpoint", OF_COMPOSITION, also=ONE_FILTER),
    "notification.conditions": LessonPlace(FILTER, "#conditions", OF_COMPOSITION, also=ONE_FILTER),
    "notification.tester": LessonPlace(FILTER, "[aria-labelledby='tester-title']", OF_COMPOSITION, also=ONE_FILTER),
    "notification.save": LessonPlace(FILTER, "#save", OF_COMPOSITION, "webhook.save_filter", also=ONE_FILTER),
    "event.endpoint": LessonPlace(EVENT, "[id='event_webhook.endpoint'], .catcher-offer button", OF_COMPOSITION),
    "event.bounces": LessonPlace(EVENT, "[name='event_webhook.bounces'][type='checkbox']", OF_COMPOSITION),
    "event.save": LessonPlace(EVENT, "#save", OF_COMPOSITION, "webhook_event.save_event"),
    "webhook.log": LessonPlace("webhook_log.show_log", "#delivery-list", CHOOSING),
    "webhook.again": LessonPlace("webhook_log.show_log", "#choose-all, #retry-several", CHOOSING),
    "catcher.answer": LessonPlace("catcher.show_endpoint", "[role='group'][aria-labelledby='answer-label']"),
    "catcher": LessonPlace("catcher.show_endpoint", "#arrivals"),
    "simulator.start": LessonPlace("simulator.show_panel", "#start", CHOOSING),
    "mails": LessonPlace("mails.show_list", "#mail-list", CHOOSING),
    "mail": LessonPlace("mail.show_mail", "#main h1", by="mails"),
    "refusals": LessonPlace("mails.show_refusals", "#refusal-list", CHOOSING),
    "refusal": LessonPlace("refusal.show_refusal", ".dialogue", by="refusals"),
    "errors": LessonPlace("bounces.show_log", "#bounce-list", CHOOSING),
    "outbound": LessonPlace("outbound_log.show_queue", "#outbound-list", CHOOSING),
    "monitor": LessonPlace("monitor.show_monitor", "#monitor", CHOOSING),
    "world.start": LessonPlace("dns_page.show_dns", "#start-world, #stop-world"),
    "dns.record": LessonPlace("dns_page.show_dns", "#record, #wanted"),
    "dns.remove": LessonPlace("dns_page.show_dns", "#records button"),
    "destinations.send": LessonPlace("destinations.show_destinations", "#send"),
    "domains": LessonPlace("domains.show_domains", "#domains"),
    "journey": LessonPlace("journey.show_journey", "#path", by="destinations.send"),
}


def write_place_address(place: str, name: str, query: Mapping[str, str] | None = None) -> str:
    """The address of a place's page for that composition; of the page that leads there, where it has none."""
    found = PLACES[place]
    if found.by:
        return write_place_address(found.by, name, query)
    filled: dict[str, Any] = {key: value.format(name=name) for key, value in found.query.items()}
    return url_for(found.endpoint, **(filled | dict(query or {})))


@dataclass(frozen=True)
class OpenPage:
    """The page that a person looks at."""

    endpoint: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def is_at(self, place: str, name: str) -> bool:
        """Whether it is this place, of that composition where its address names one."""
        found = PLACES[place]
        return self.endpoint in (found.endpoint, found.also or None) and self.arguments.get("name", name) == name

    def write_controls(self, places: tuple[str, ...], name: str) -> str:
        """One selector for those controls of these places that are on this page; 設定反映 is on several."""
        here = [PLACES[each].control for each in places if each == REFLECT or self.is_at(each, name)]
        return ", ".join(control.replace("{name}", name) for control in here if control)


def find_open_page(path: str) -> OpenPage:
    """The page at a path of this console; one that is none for a path that leads nowhere."""
    try:
        endpoint, arguments = current_app.create_url_adapter(request).match(path.partition("?")[0])  # type: ignore[union-attr]
    except (HTTPException, RequestRedirect):
        return OpenPage()
    return OpenPage(str(endpoint), arguments)


def find_screen(endpoint: str) -> str | None:
    """The place whose form goes to that endpoint."""
    return next((name for name, place in PLACES.items() if place.saves == endpoint), None)


def list_screens() -> list[str]:
    """The places that save a form: the console's refusal to do so can be checked."""
    return [name for name, place in PLACES.items() if place.saves]
