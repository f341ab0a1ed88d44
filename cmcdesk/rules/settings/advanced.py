"""高度な設定: what the relay server does with the mails that it sends on. CMC documents the modes; numbers are ours."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_RELAYED, About
from cmcdesk.rules.settings.values import DomainOrNone
from cmcdesk.rules.texts import N_

DEFAULT_RESEND_PERIOD_MIN = 600  # ours: CMC's ranges and defaults are not known
DEFAULT_RESEND_INTERVAL_MIN = 10  # ours
LONGEST_RESEND_PERIOD_MIN = 10_080  # ours: a week, longer than RFC 5321 §4.5.4.1 asks of a sender
LONGEST_RESEND_INTERVAL_MIN = 1_440  # ours: a day

#: Received header: abbreviated, normal, none added, all removed.
Received = Literal["short", "normal", "none", "strip"]
NEXT_TRY = N_("Takes effect when the next try of a mail is set after reflecting.")


class EnvelopeFrom(BaseModel):
    """高度な設定 → エンベロープFrom: only the domain part is rewritten, the local part is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rewrite: Annotated[
        bool,
        About(
            "Rewriting of the Envelope From",
            "When rewritten, bounce mails return to the receiving server.",
            NEW_RELAYED,
            "rewrite",
        ),
    ] = False
    domain: Annotated[
        DomainOrNone,
        About(
            "Domain of the Envelope From",
            "Domain that the Envelope From gets.",
            NEW_RELAYED,
            "return.SUBDOMAIN.smtps.jp",
        ),
    ] = ""


class Advanced(BaseModel):
    """高度な設定."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    received: Annotated[
        Received,
        About(
            "Received header",
            "Whether a relayed mail gets a Received header, in which form, or loses all it has.",
            NEW_RELAYED,
        ),
    ] = "short"
    resend_period_min: Annotated[
        int,
        About(
            "Resend period",
            "How long a mail with transient errors is sent again, in minutes (1-10080); then it has timed "
            "out (range and default are ours).",
            NEXT_TRY,
            unit="min",
        ),
    ] = Field(DEFAULT_RESEND_PERIOD_MIN, ge=1, le=LONGEST_RESEND_PERIOD_MIN)
    resend_interval_min: Annotated[
        int,
        About(
            "Resend interval",
            "How long after a transient error the next try is, in minutes (1-1440); not above the resend "
            "period (range and default are ours).",
            NEXT_TRY,
            unit="min",
        ),
    ] = Field(DEFAULT_RESEND_INTERVAL_MIN, ge=1, le=LONGEST_RESEND_INTERVAL_MIN)
    envelope_from: EnvelopeFrom = Field(default_factory=EnvelopeFrom)
