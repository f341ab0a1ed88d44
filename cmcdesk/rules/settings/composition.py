"""サーバ構成: all settings of one composition, in the nesting of one `[[composition]]` of the settings file."""

from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from cmcdesk.rules.settings.about import NEW_MAILS, About
from cmcdesk.rules.settings.advanced import Advanced
from cmcdesk.rules.settings.plans import STANDARD_SUBDOMAINS
from cmcdesk.rules.settings.receiving import Receiving, Security
from cmcdesk.rules.settings.relay import Relay
from cmcdesk.rules.settings.sending import NEXT_CONNECTIONS, Forwarding, SpeedFilter
from cmcdesk.rules.settings.values import CompositionName, Subdomain
from cmcdesk.rules.settings.webhooks import EventWebhook, InboundFilter
from cmcdesk.rules.stored_settings import StoredSettings
from cmcdesk.rules.texts import N_

Plan = Literal["pro", "standard"]
NEW_ADDRESS = N_("Takes effect when reflected.")


class Composition(BaseModel):
    """Valid settings: made by `check_composition`, `defaults_of` or `read_settings_file`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[
        CompositionName,
        About(
            "Name of the server composition",
            "Sent as “server_composition” of webhooks.",
            NEW_ADDRESS,
        ),
    ]
    plan: Annotated[
        Plan,
        About(
            "Plan",
            "On the standard plan only inbound domains, webhooks and forwarding may be changed.",
            NEW_ADDRESS,
            "by the name",
        ),
    ]
    subdomain: Annotated[
        Subdomain,
        About(
            "Subdomain",
            "SUBDOMAIN.smtps.jp is the value for MX records, return.SUBDOMAIN.smtps.jp the first bounce domain.",
            NEW_ADDRESS,
            "the name",
        ),
    ]
    receiving: Receiving = Field(default_factory=Receiving)
    relay: Relay = Field(default_factory=Relay)
    delivery_speed: Annotated[
        list[SpeedFilter],
        About(
            "Delivery speed",
            "Connections and interval by destination. The first filter that matches counts; a destination "
            "that none matches gets 10 connections and no interval (ours).",
            NEXT_CONNECTIONS,
        ),
    ] = Field(default_factory=list)
    forwarding: Forwarding = Field(default_factory=Forwarding)
    security: Security = Field(default_factory=Security)
    advanced: Advanced = Field(default_factory=Advanced)
    event_webhook: EventWebhook = Field(default_factory=EventWebhook)
    inbound_webhook: Annotated[
        list[InboundFilter],
        About(
            "Inbound notifications",
            "Mails that match the conditions are sent to a webhook; every matching one fires (ours).",
            NEW_MAILS,
        ),
    ] = Field(default_factory=list)

    @property
    def smtp_host(self) -> str:
        """The host for MX records, and what the servers call themselves."""
        return f"{self.subdomain or STANDARD_SUBDOMAINS.get(self.name, self.name)}.smtps.jp"

    def as_data(self) -> StoredSettings:
        """JSON-able, the nesting of one `[[composition]]`, every key present, domains lower case and A-labels."""
        return cast(StoredSettings, self.model_dump(mode="json"))
