"""What each plan fixes and pre-registers (manual, 初期設定)."""

from collections.abc import Iterator, Mapping
from typing import Any

from cmcdesk.rules.domains import is_label
from cmcdesk.rules.settings.advanced import Advanced
from cmcdesk.rules.settings.receiving import DEFAULT_INTERVAL_MS, DEFAULT_MAX_SESSIONS, DEFAULT_SIZE_KB
from cmcdesk.rules.settings.relay import Relay

STANDARD_SUBDOMAINS = {"sandbox": "sandbox", "transactional-email": "te"}
STANDARD_FREE = ("receiving.inbound_domains", "inbound_webhook")  # what Standard may change; the rest is fixed

Settings = dict[str, Any]


def plan_of(name: object) -> str:
    """The plan that goes with a name, where none is given."""
    return "standard" if isinstance(name, str) and name in STANDARD_SUBDOMAINS else "pro"


def subdomain_of(name: object) -> str | None:
    """The subdomain where none is given: fixed on Standard; on Pro the manual gives both one name, SUBDOMAIN."""
    if not isinstance(name, str):
        return None
    if name in STANDARD_SUBDOMAINS:
        return STANDARD_SUBDOMAINS[name]
    return name.lower() if is_label(name.lower()) else None


def plan_defaults(subdomain: object) -> Settings:
    """What a composition has before anything is changed, name, plan and subdomain aside."""
    bounce_domain = f"return.{subdomain}.smtps.jp" if isinstance(subdomain, str) and is_label(subdomain) else ""
    return {
        "receiving": {
            "max_sessions": DEFAULT_MAX_SESSIONS,
            "interval_ms": DEFAULT_INTERVAL_MS,
            "size_kb": DEFAULT_SIZE_KB,
            "bounce_domains": [bounce_domain] if bounce_domain else [],
            "inbound_domains": [],
        },
        "relay": Relay().model_dump(mode="json"),
        "delivery_speed": [],
        "advanced": {
            **Advanced().model_dump(mode="json"),
            "envelope_from": {"rewrite": bool(bounce_domain), "domain": bounce_domain},
        },
        "inbound_webhook": [],
    }


def fill_defaults(data: Mapping[str, Any]) -> Settings:
    """data with the keys that were left out; what was given stays as it is, right or wrong."""
    name = data.get("name")
    filled: Settings = {"plan": plan_of(name), **data}
    if "subdomain" not in data and (subdomain := subdomain_of(name)):
        filled["subdomain"] = subdomain
    return _fill(filled, plan_defaults(filled.get("subdomain")))


def _fill(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> Settings:
    filled = dict(given)
    for key, default in defaults.items():
        if key not in filled:
            filled[key] = default
        elif isinstance(default, dict) and isinstance(filled[key], dict):
            filled[key] = _fill(filled[key], default)
    return filled


def list_fixed(name: str) -> Iterator[tuple[str, Any]]:
    """(dotted path, value) of all that Standard fixes for that composition."""
    subdomain = STANDARD_SUBDOMAINS[name]
    yield "subdomain", subdomain
    for path, value in _list_leaves(plan_defaults(subdomain), ""):
        if path not in STANDARD_FREE:
            yield path, value


def _list_leaves(data: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _list_leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value
