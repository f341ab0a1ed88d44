"""Settings as JSON, as they are stored, sent and shown: `Composition.as_data()`, every key of it.

What an older program stored may lack the tables and keys that came later (NotRequired): who needs all of them checks it
first, by `check_composition`.
"""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict


class StoredReceiving(TypedDict):
    """Of `Receiving`."""

    max_sessions: int
    interval_ms: int
    size_kb: int
    bounce_domains: list[str]
    inbound_domains: list[str]


class StoredRelay(TypedDict):
    """Of `Relay`."""

    max_sessions: int
    interval_ms: int
    size_kb: int
    access: Literal["network_or_auth", "network", "network_and_auth"]
    networks: list[str]


class StoredSpeed(TypedDict):
    """Of `SpeedFilter`."""

    name: str
    patterns: list[str]
    match_host: bool
    max_connections: int
    interval_ms: int


class StoredForward(TypedDict):
    """Of `ForwardingFilter`."""

    name: str
    header: str
    pattern: str
    address: str
    mode: Literal["copy", "rewrite"]


class StoredForwarding(TypedDict):
    """Of `Forwarding`."""

    relay: list[StoredForward]
    receiving: list[StoredForward]


class StoredSecurity(TypedDict):
    """Of `Security`."""

    starttls: Literal["off", "offered", "required"]
    implicit_tls: bool
    auth: Literal["off", "offered", "required"]
    auth_users: list[str]


class StoredEnvelopeFrom(TypedDict):
    """Of `EnvelopeFrom`."""

    rewrite: bool
    domain: str


class StoredAdvanced(TypedDict):
    """Of `Advanced`."""

    received: Literal["short", "normal", "none", "strip"]
    resend_period_min: int
    resend_interval_min: int
    envelope_from: StoredEnvelopeFrom


class StoredEvents(TypedDict):
    """Of `EventWebhook`."""

    endpoint: str
    bounces: bool
    deliveries: NotRequired[bool]
    blocks: NotRequired[bool]
    version: int
    time_zone: str
    format: Literal["form", "json"]
    api_key: str
    basic: str
    bearer: str


class StoredCondition(TypedDict):
    """Of `Condition`."""

    header: str
    pattern: str


class StoredFilter(TypedDict):
    """Of `InboundFilter`."""

    name: str
    endpoint: str
    format: Literal["multipart", "json"]
    enabled: NotRequired[bool]
    api_key: NotRequired[str]
    basic: NotRequired[str]
    bearer: NotRequired[str]
    condition: list[StoredCondition]


class StoredSettings(TypedDict):
    """Of `Composition`."""

    name: str
    plan: Literal["pro", "standard"]
    subdomain: str
    receiving: StoredReceiving
    relay: NotRequired[StoredRelay]
    delivery_speed: NotRequired[list[StoredSpeed]]
    forwarding: NotRequired[StoredForwarding]
    security: NotRequired[StoredSecurity]
    advanced: NotRequired[StoredAdvanced]
    event_webhook: NotRequired[StoredEvents]
    inbound_webhook: NotRequired[list[StoredFilter]]


def look_up(data: Mapping[str, Any], dotted: str) -> Any:
    """The value at a path such as `receiving.size_kb`, whatever stands there; None where nothing does."""
    value: Any = data
    for key in dotted.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
