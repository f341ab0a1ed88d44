"""受信サーバ設定: the receiving server of one composition. Ranges are the manual's; defaults are ours.

STARTTLS, implicit TLS and AUTH of the receiving server. CMC documents none of them there: all of it is ours, and off
unless it is switched on, on both plans.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_SESSIONS, About
from cmcdesk.rules.settings.values import Domain, MailUser

DEFAULT_MAX_SESSIONS = 10  # ours
DEFAULT_INTERVAL_MS = 100  # ours
DEFAULT_SIZE_KB = 10240  # ours
LARGEST_SIZE_KB = 102400  # ours
OCTETS_PER_KBYTE = 1024  # ours: CMC does not say whether 1000 or 1024


class Receiving(BaseModel):
    """Flow and size control and the acceptable domains (受信許可ドメイン) by tab."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    max_sessions: Annotated[
        int,
        About(
            "Max sessions",
            "SMTP sessions accepted at the same time (1-100); a connection over it is answered 421 (ours).",
            "Takes effect for connections made after reflecting; open sessions stay, even over the limit.",
        ),
    ] = Field(DEFAULT_MAX_SESSIONS, ge=1, le=100)
    interval_ms: Annotated[
        int,
        About(
            "Receiving interval",
            "Interval at which mails are received from the relaying server (processing time per mail), in ms "
            "(10-10000).",
            NEW_SESSIONS,
            unit="ms",
        ),
    ] = Field(DEFAULT_INTERVAL_MS, ge=10, le=10000)
    size_kb: Annotated[
        int,
        About(
            "Receiving size limit",
            "Largest content size of a received mail, in KByte (1-102400). 1 KByte is 1024 octets (ours, as "
            "the range).",
            NEW_SESSIONS,
            unit="KByte",
        ),
    ] = Field(DEFAULT_SIZE_KB, ge=1, le=LARGEST_SIZE_KB)
    bounce_domains: Annotated[
        list[Domain],
        About(
            "Acceptable domains (Bounce)",
            "Domains at which bounce mails are received; one a line, matched exactly (ours).",
            NEW_SESSIONS,
            "return.SUBDOMAIN.smtps.jp",
        ),
    ] = Field(default_factory=list)
    inbound_domains: Annotated[
        list[Domain],
        About(
            "Acceptable domains (Inbound)",
            "Domains at which mails for the Inbound Webhook are received; one a line, matched exactly (ours).",
            NEW_SESSIONS,
        ),
    ] = Field(default_factory=list)


Level = Literal["off", "offered", "required"]


class Security(BaseModel):
    """auth_users: `user:password` becomes `user:$scrypt$…`; none: any user with any password is let in."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    starttls: Annotated[
        Level,
        About(
            "STARTTLS",
            "offered announces STARTTLS; required answers 530 to a MAIL before it (ours).",
            NEW_SESSIONS,
        ),
    ] = "off"
    implicit_tls: Annotated[
        bool,
        About(
            "Implicit TLS",
            "Receives at a second port too (10465) that speaks TLS from the first octet on (ours).",
            "The port is opened or closed when reflected.",
        ),
    ] = False
    auth: Annotated[
        Level,
        About(
            "SMTP authentication (AUTH)",
            "PLAIN and LOGIN; only after TLS unless STARTTLS is off. required answers 530 to a MAIL before it (ours).",
            NEW_SESSIONS,
        ),
    ] = "off"
    auth_users: Annotated[
        list[MailUser],
        About(
            "Users (AUTH)",
            "Of a password only a hash is kept (in a settings file: user:password). With no user, any user "
            "and password is taken (ours).",
            NEW_SESSIONS,
        ),
    ] = Field(default_factory=list, repr=False)
