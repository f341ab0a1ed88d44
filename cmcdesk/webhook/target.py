"""Where a delivery goes: the filter of the settings, as the courier needs it."""

import base64
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from cmcdesk.rules.settings.errors import SECRET_MASK
from cmcdesk.rules.stored_settings import StoredSettings

Format = Literal["multipart", "json", "form"]  # form: urlencoded, for events only


@dataclass(frozen=True)
class Target:
    """One filter's endpoint, the form of its content, and what opens it; "" where nothing is set."""

    endpoint: str
    format: Format
    api_key: str = ""
    basic: str = ""  # "user:password"
    bearer: str = ""

    @cached_property
    def authorization(self) -> str:
        """The Authorization header's value, "" for none (RFC 7617 with UTF-8, RFC 6750)."""
        if self.basic:
            return f"Basic {self._basic_token}"
        return f"Bearer {self.bearer}" if self.bearer else ""

    @cached_property
    def _basic_token(self) -> str:
        return base64.b64encode(self.basic.encode()).decode() if self.basic else ""

    @cached_property
    def _secrets(self) -> tuple[str, ...]:
        password = self.basic.partition(":")[2]
        given = (self.api_key, self.basic, self._basic_token, password, self.bearer)
        return tuple(sorted({secret for secret in given if secret}, key=len, reverse=True))

    def mask(self, text: str) -> str:
        """The text without our secrets: an endpoint may echo what it was sent."""
        for secret in self._secrets:
            text = text.replace(secret, SECRET_MASK)
        return text


def find_target(settings: StoredSettings, filter_name: str) -> Target | None:
    """The target of the filter of that name in one composition's settings, None if it has none of that name."""
    for inbound in settings.get("inbound_webhook", ()):
        if inbound["name"] == filter_name:
            return Target(
                endpoint=inbound["endpoint"],
                format=inbound["format"],
                api_key=inbound.get("api_key", ""),
                basic=inbound.get("basic", ""),
                bearer=inbound.get("bearer", ""),
            )
    return None


def find_event_target(settings: StoredSettings) -> Target | None:
    """Where the events of one composition go, None if its settings name no endpoint for them."""
    event = settings.get("event_webhook")
    if not event or not event.get("endpoint"):
        return None
    return Target(event["endpoint"], event["format"], event["api_key"], event["basic"], event["bearer"])
