"""Checks across settings. They look at data that may still be wrong elsewhere, so that all errors are told at once."""

from collections.abc import Iterator, Mapping
from typing import Any

from cmcdesk.rules.domains import NotADomain, parse_domain
from cmcdesk.rules.settings.errors import FieldError, field_error, join_path
from cmcdesk.rules.settings.plans import STANDARD_SUBDOMAINS, list_fixed
from cmcdesk.rules.settings.values import read_ip
from cmcdesk.rules.settings.webhooks import EVENT_TYPES
from cmcdesk.rules.stored_settings import look_up

Data = Mapping[str, Any]


def find_conflicts(data: Data, path: str) -> Iterator[FieldError]:
    """Errors between the settings of one composition (defaults filled in)."""
    yield from _check_name_and_plan(data, path)
    yield from _check_domain_tabs(_table(data, "receiving"), join_path(path, "receiving"))
    yield from _check_relay(_table(data, "relay"), join_path(path, "relay"))
    yield from _check_advanced(_table(data, "advanced"), join_path(path, "advanced"))
    yield from _check_mail_users(_table(data, "security").get("auth_users"), join_path(path, "security", "auth_users"))
    event = _table(data, "event_webhook")
    yield from _check_event_webhook(event, join_path(path, "event_webhook"))
    yield from _check_blocks(event, data.get("plan"), join_path(path, "event_webhook", "blocks"))
    yield from _check_filters(data, path)
    yield from _check_names(data.get("delivery_speed"), join_path(path, "delivery_speed"))
    forwarding = _table(data, "forwarding")
    for side in ("relay", "receiving"):
        yield from _check_names(forwarding.get(side), join_path(path, "forwarding", side))


def find_fixed(data: Data, path: str) -> Iterator[FieldError]:
    """What a composition of the standard plan changes though the plan fixes it."""
    name = data.get("name")
    if data.get("plan") != "standard" or not isinstance(name, str) or name not in STANDARD_SUBDOMAINS:
        return
    for field, value in list_fixed(name):
        given = look_up(data, field)
        if _compare_form(given) != _compare_form(value):
            yield field_error(join_path(path, field), given, "fixed_by_plan", value=_plain(value))


def _check_name_and_plan(data: Data, path: str) -> Iterator[FieldError]:
    name, plan, subdomain = data.get("name"), data.get("plan"), data.get("subdomain")
    is_standard_name = isinstance(name, str) and name in STANDARD_SUBDOMAINS
    if plan == "standard" and not is_standard_name and isinstance(name, str):
        yield field_error(join_path(path, "name"), name, "name_standard")
    if plan == "pro" and is_standard_name:
        yield field_error(join_path(path, "name"), name, "name_reserved")
    if plan == "pro" and not is_standard_name and subdomain in STANDARD_SUBDOMAINS.values():
        yield field_error(join_path(path, "subdomain"), subdomain, "subdomain_reserved")


def _check_domain_tabs(receiving: Data, path: str) -> Iterator[FieldError]:
    bounce = dict(_list_domains(receiving, "bounce_domains"))
    for tab in ("bounce_domains", "inbound_domains"):
        seen: set[str] = set()
        for index, domain in _list_domains(receiving, tab):
            field, given = join_path(path, tab, index), receiving[tab][index]
            if domain in seen:
                yield field_error(field, given, "domain_repeated")
            elif tab == "inbound_domains" and domain in bounce.values():
                yield field_error(field, given, "domain_in_both")
            seen.add(domain)


def _list_domains(receiving: Data, tab: str) -> Iterator[tuple[int, str]]:
    """(index, domain as compared) of those that are domains at all."""
    given = receiving.get(tab)
    for index, text in enumerate(given if isinstance(given, list) else []):
        if isinstance(text, str):
            try:
                yield index, parse_domain(text)
            except NotADomain:
                continue  # told by the check of that value


def _check_relay(relay: Data, path: str) -> Iterator[FieldError]:
    networks = relay.get("networks")
    if networks == [] and relay.get("access") in ("network", "network_and_auth"):
        yield field_error(join_path(path, "networks"), None, "networks_needed")
    seen: set[str] = set()
    for index, text in enumerate(networks if isinstance(networks, list) else []):
        address = read_ip(text) if isinstance(text, str) else None
        if address and str(address) in seen:
            yield field_error(join_path(path, "networks", index), text, "network_repeated")
        seen.add(str(address))


def _check_advanced(advanced: Data, path: str) -> Iterator[FieldError]:
    period, interval = advanced.get("resend_period_min"), advanced.get("resend_interval_min")
    if type(period) is int and type(interval) is int and 0 < period < interval:
        yield field_error(join_path(path, "resend_interval_min"), interval, "resend_over_period", period=period)
    envelope_from = _table(advanced, "envelope_from")
    if envelope_from.get("rewrite") is True and envelope_from.get("domain") == "":
        yield field_error(join_path(path, "envelope_from", "domain"), "", "rewrite_without_domain")


def _check_mail_users(given: Any, path: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, text in enumerate(given if isinstance(given, list) else []):
        user = text.partition(":")[0] if isinstance(text, str) else ""
        if user and user in seen:
            yield field_error(join_path(path, index), text, "mail_user_repeated")
        seen.add(user)


def _check_event_webhook(event: Data, path: str) -> Iterator[FieldError]:
    if any(event.get(kind) is True for kind in EVENT_TYPES) and event.get("endpoint", "") == "":
        yield field_error(join_path(path, "endpoint"), "", "event_without_endpoint")
    if event.get("version") == 1 and event.get("format") == "json":
        yield field_error(join_path(path, "format"), "json", "json_needs_version_2")
    if event.get("basic") and event.get("bearer"):
        yield field_error(join_path(path, "bearer"), event["bearer"], "basic_and_bearer")


def _check_blocks(event: Data, plan: Any, path: str) -> Iterator[FieldError]:
    if event.get("blocks") is not True:
        return
    if plan == "standard":
        yield field_error(path, True, "blocks_need_pro")
    elif event.get("version") == 1:
        yield field_error(path, True, "blocks_need_version_2")


def _check_filters(data: Data, path: str) -> Iterator[FieldError]:
    filters = data.get("inbound_webhook")
    seen: set[str] = set()
    for index, one in enumerate(filters if isinstance(filters, list) else []):
        if not isinstance(one, dict):
            continue
        field = join_path(path, "inbound_webhook", index)
        name = one.get("name")
        if isinstance(name, str) and name in seen:
            yield field_error(join_path(field, "name"), name, "filter_repeated")
        if isinstance(name, str):
            seen.add(name)
        if one.get("basic") and one.get("bearer"):
            yield field_error(join_path(field, "bearer"), one["bearer"], "basic_and_bearer")


def _check_names(given: Any, path: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, one in enumerate(given if isinstance(given, list) else []):
        name = one.get("name") if isinstance(one, dict) else None
        if isinstance(name, str):
            if name in seen:
                yield field_error(join_path(path, index, "name"), name, "list_name_repeated")
            seen.add(name)


def _table(data: Data, key: str) -> Data:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _compare_form(value: Any) -> Any:
    if isinstance(value, list):
        return [_compare_form(member) for member in value]
    if isinstance(value, str):
        try:
            return parse_domain(value)
        except NotADomain:
            return value
    return type(value), value  # True is not 1


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "[]"
    return str(value).lower() if isinstance(value, bool) else str(value)
