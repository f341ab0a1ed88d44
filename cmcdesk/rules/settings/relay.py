"""リレーサーバ設定: the relay server of one composition, to which applications hand their mails. Ranges of sessions and
interval are the manual's; the defaults are the receiving server's (ours)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_SESSIONS, About
from cmcdesk.rules.settings.receiving import (
    DEFAULT_INTERVAL_MS,
    DEFAULT_MAX_SESSIONS,
    DEFAULT_SIZE_KB,
    LARGEST_SIZE_KB,
)
from cmcdesk.rules.settings.values import NetworkAddress

DEFAULT_NETWORKS = ("127.0.0.1",)  # ours

#: Who may relay: from a listed address or with AUTH; from a listed address, AUTH optional; both.
Access = Literal["network_or_auth", "network", "network_and_auth"]


class Relay(BaseModel):
    """Flow and size control as at the receiving server, and who may relay."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    max_sessions: Annotated[
        int,
        About(
            "Max sessions (relay)",
            "SMTP sessions that the relay server accepts at the same time (1-100); a connection over it is "
            "answered 421 (ours).",
            "Takes effect for connections made after reflecting; open sessions stay, even over the limit.",
            on_screen="Max sessions",
        ),
    ] = Field(DEFAULT_MAX_SESSIONS, ge=1, le=100)
    interval_ms: Annotated[
        int,
        About(
            "Receiving interval (relay)",
            "Interval at which mails are received from the application (processing time per mail), in ms "
            "(10-10000). For a client that times out after 2 s, 2000 and more is too long.",
            NEW_SESSIONS,
            unit="ms",
            on_screen="Receiving interval",
        ),
    ] = Field(DEFAULT_INTERVAL_MS, ge=10, le=10000)
    size_kb: Annotated[
        int,
        About(
            "Receiving size limit (relay)",
            "Largest content size of a relayed mail, in KByte (1-102400). 1 KByte is 1024 octets (ours, as the range).",
            NEW_SESSIONS,
            unit="KByte",
            on_screen="Receiving size limit",
        ),
    ] = Field(DEFAULT_SIZE_KB, ge=1, le=LARGEST_SIZE_KB)
    access: Annotated[
        Access,
        About(
            "Authentication method",
            "What lets a client relay: the acceptable network, SMTP AUTH, or both.",
            NEW_SESSIONS,
        ),
    ] = "network_or_auth"
    networks: Annotated[
        list[NetworkAddress],
        About(
            "Acceptable network",
            "IP addresses that may connect, one a line. CIDR notation is not available.",
            NEW_SESSIONS,
        ),
    ] = Field(default_factory=lambda: list(DEFAULT_NETWORKS))
