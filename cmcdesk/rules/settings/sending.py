"""配信速度設定 and メール転送設定: how fast mails go on to their destinations, and which go to another one."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_MAILS, NEW_RELAYED, About
from cmcdesk.rules.settings.values import FilterName, HeaderName, MailAddress, Pattern, Patterns
from cmcdesk.rules.texts import N_

#: A copy beside the mail itself, or the address in place of its destinations.
ForwardingMode = Literal["copy", "rewrite"]
NEXT_CONNECTIONS = N_("Takes effect for deliveries that begin after reflecting.")


class SpeedFilter(BaseModel):
    """The first filter that matches a destination counts (ours); any one of its patterns is enough. CMC's fix-speed
    box, IP count and forwarding to another server are not here."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[
        FilterName,
        About("Name of the filter", "Its name in the list.", NEXT_CONNECTIONS),
    ]
    patterns: Annotated[
        Patterns,
        About(
            "Patterns",
            "Regular expressions for the destination address, such as @docomo\\.ne\\.jp$, one a line; one that "
            "is found is enough. Case does not matter (how they are searched is ours).",
            NEXT_CONNECTIONS,
        ),
    ]
    match_host: Annotated[
        bool,
        About(
            "Host name",
            "Compares with the MX host of the destination instead of its address.",
            NEXT_CONNECTIONS,
        ),
    ] = False
    max_connections: Annotated[
        int,
        About(
            "Max connections (delivery)",
            "Most connections to one destination at a time (1-100), counted by destination domain (ours).",
            NEXT_CONNECTIONS,
            on_screen="Max connections",
        ),
    ] = Field(10, ge=1, le=100)
    interval_ms: Annotated[
        int,
        About(
            "Delivery interval",
            "Interval between mails of one connection, in ms (10-10000); nothing is waited for where sending "
            "takes longer.",
            NEXT_CONNECTIONS,
            unit="ms",
        ),
    ] = Field(100, ge=10, le=10000)


class ForwardingFilter(BaseModel):
    """All matching filters fire; of those that rewrite the destination the first (ours)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[
        FilterName,
        About("Name of the filter", "Its name in the list.", NEW_MAILS),
    ]
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
            "Pattern",
            "A regular expression for the header's value; searched in the decoded value (ours).",
            NEW_MAILS,
        ),
    ]
    address: Annotated[
        MailAddress,
        About(
            "Forwarding address",
            "One mail address, to which mails are forwarded.",
            NEW_MAILS,
        ),
    ]
    mode: Annotated[
        ForwardingMode,
        About(
            "Mode",
            "copy sends a copy to the forwarding address; rewrite puts it in place of the destination.",
            NEW_MAILS,
        ),
    ]


class Forwarding(BaseModel):
    """メール転送設定 by its tabs: mails that are relayed; bounces and inbound mails that are received."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    relay: Annotated[
        list[ForwardingFilter],
        About(
            "Mail forwarding (relay server)",
            "Forwards mails that are relayed; all matching filters count, of those that rewrite the first (ours).",
            NEW_RELAYED,
        ),
    ] = Field(default_factory=list)
    receiving: Annotated[
        list[ForwardingFilter],
        About(
            "Mail forwarding (receiving server)",
            "Forwards bounces and inbound mails that are received; in both modes they are kept, read and "
            "notified as without it (ours).",
            NEW_MAILS,
        ),
    ] = Field(default_factory=list)
