"""The webhooks of a composition.

Inbound Webhook: one notification (受信通知) with its conditions (通知条件) and the endpoint it calls.

Event Webhook (MENU → API設定 → Webhook → イベント): where the events of one composition are sent, and in what form.

The fields are CMC's; that they are kept per composition and take effect by 設定反映 is ours, and so are the defaults.
"""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_MAILS, About
from cmcdesk.rules.settings.values import (
    ApiKey,
    BasicCredentials,
    BearerToken,
    Endpoint,
    EndpointOrNone,
    FilterName,
    HeaderName,
    Pattern,
    TimeZone,
)
from cmcdesk.rules.texts import DEFAULT_TIME_ZONE, N_

Format = Literal["multipart", "json"]
NEXT_NOTIFICATIONS = N_("Takes effect for the notifications of mails received after reflecting.")

NEXT_EVENTS = N_("Takes effect for the events of bounces read after reflecting.")
NEXT_DELIVERIES = N_("Takes effect for what happens to mails after reflecting.")
NEXT_CALLS = N_("Takes effect for calls made after reflecting, those that wait included (ours).")


class Condition(BaseModel):
    """The pattern is searched in each decoded value of the header (ours)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    header: Annotated[
        HeaderName,
        About(
            "Header name",
            "Case does not matter (ours).",
            NEW_MAILS,
        ),
    ]
    pattern: Annotated[
        Pattern,
        About(
            "Header value",
            "A regular expression, such as info@mailform\\.example\\.com; searched in the decoded value, with "
            "regard to case (ours).",
            NEW_MAILS,
        ),
    ]


class InboundFilter(BaseModel):
    """All conditions must match; every matching filter fires (ours)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[
        FilterName,
        About(
            "Filter name",
            "Sent as “filter” of the webhook.",
            NEW_MAILS,
        ),
    ]
    endpoint: Annotated[
        Endpoint,
        About(
            "Endpoint URL",
            "Begins with https://; http:// only for this computer, such as localhost, and for listed hosts "
            "of the own network (ours).",
            NEXT_NOTIFICATIONS,
        ),
    ]
    format: Annotated[
        Format,
        About(
            "Format",
            "multipart carries attachments; json does not.",
            NEXT_NOTIFICATIONS,
        ),
    ] = "multipart"
    enabled: Annotated[
        bool,
        About(
            "Enabled",
            "A disabled filter never fires (ours).",
            NEW_MAILS,
        ),
    ] = True
    api_key: Annotated[
        ApiKey,
        About(
            "API key",
            "Sent as “api_key” when set.",
            NEXT_NOTIFICATIONS,
        ),
    ] = Field("", repr=False)
    basic: Annotated[
        BasicCredentials,
        About(
            "BASIC authentication",
            "As user:password.",
            NEXT_NOTIFICATIONS,
        ),
    ] = Field("", repr=False)
    bearer: Annotated[
        BearerToken,
        About(
            "Bearer token",
            "Excludes BASIC authentication.",
            NEXT_NOTIFICATIONS,
        ),
    ] = Field("", repr=False)
    condition: Annotated[
        list[Condition],
        About(
            "Conditions",
            "All must match (ours).",
            NEW_MAILS,
        ),
    ] = Field(min_length=1)


EventFormat = Literal["form", "json"]
EventType = Literal["bounces", "deliveries", "blocks"]  # each a box of the same name
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)


class EventWebhook(BaseModel):
    """Nothing is sent unless an event is chosen, and then an endpoint is needed (`relations`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    endpoint: Annotated[
        EndpointOrNone,
        About(
            "Endpoint URL (event)",
            "Begins with https://; http:// only for this computer, such as localhost, and for listed hosts "
            "of the own network (ours).",
            NEXT_CALLS,
            on_screen="Endpoint URL",
        ),
    ] = ""
    bounces: Annotated[
        bool,
        About(
            "Bounces (event)",
            "Check to get error statuses; sent together, each second or each 100 events.",
            NEXT_EVENTS,
            on_screen="Bounces event",
        ),
    ] = False
    deliveries: Annotated[
        bool,
        About(
            "Deliveries (event)",
            "Check to get delivery statuses: queued, succeeded, failed, deferred; sent together, each second or each "
            "100 events.",
            NEXT_DELIVERIES,
            on_screen="Deliveries event",
        ),
    ] = False
    blocks: Annotated[
        bool,
        About(
            "Blocks (event)",
            "Check to get addresses as they are suppressed; for version 2 and the Pro plan only. The names of its keys "
            "are ours.",
            NEXT_DELIVERIES,
            on_screen="Blocks event",
        ),
    ] = False
    version: Annotated[
        int,
        About(
            "Version (event)",
            "Version of the event data, 1 or 2. The names of the keys of bounces are inferred by us.",
            NEXT_EVENTS,
            on_screen="Version",
        ),
    ] = Field(2, ge=1, le=2)
    time_zone: Annotated[
        TimeZone,
        About(
            "Time zone (event)",
            "Applied to dates in the event data, such as Asia/Tokyo or UTC.",
            NEXT_EVENTS,
            on_screen="Time zone",
        ),
    ] = DEFAULT_TIME_ZONE
    format: Annotated[
        EventFormat,
        About(
            "Content Type (event)",
            "json is “use JSON format” (application/json), for version 2 only; form is "
            "application/x-www-form-urlencoded.",
            NEXT_CALLS,
            on_screen="Content Type",
        ),
    ] = "form"
    api_key: Annotated[
        ApiKey,
        About(
            "API key (event)",
            "Sent as “api_key” when set.",
            NEXT_CALLS,
            on_screen="API key",
        ),
    ] = Field("", repr=False)
    basic: Annotated[
        BasicCredentials,
        About(
            "BASIC authentication (event)",
            "As user:password.",
            NEXT_CALLS,
            on_screen="BASIC authentication",
        ),
    ] = Field("", repr=False)
    bearer: Annotated[
        BearerToken,
        About(
            "Bearer token (event)",
            "Excludes BASIC authentication.",
            NEXT_CALLS,
            on_screen="Bearer token",
        ),
    ] = Field("", repr=False)
