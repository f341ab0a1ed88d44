"""The gates where a mail can be turned away or put off, in the order in which a mail meets them: what the mail server
records is one of these, and pages, API and monitor offer these and no others."""

from typing import Literal

from cmcdesk.rules.texts import N_

#: A new gate stands here and, with its name, below; the types see to it that nothing else is recorded.
Gate = Literal["sessions", "slow", "errors", "tls", "auth", "relay", "domain", "size", "spam", "busy"]

GATES: dict[Gate, str] = {
    "sessions": N_("Sessions"),
    "slow": N_("Slow client"),
    "errors": N_("Too many errors"),
    "tls": N_("TLS"),
    "auth": N_("AUTH"),
    "relay": N_("Relaying"),
    "domain": N_("Domain"),
    "size": N_("Size"),
    "spam": N_("Spam judgment"),
    "busy": N_("Busy"),
}
