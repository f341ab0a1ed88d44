"""What a step of a lesson can be checked by: the closed vocabulary of checks, each with the keys that it takes. Pure:
the console looks (`console/lessons/checking.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cmcdesk.rules.gates import GATES
from cmcdesk.rules.lessons import NEEDS
from cmcdesk.rules.texts import N_, Text, tell

Argument = Literal["setting", "value", "whole", "text", "yes", "place", "screen"]

VALUE_KEYS: dict[str, Argument] = {"is": "value", "at_least": "whole", "at_most": "whole", "has": "text"}


@dataclass(frozen=True)
class CheckForm:
    """One kind of check. looks: what it looks at, for the page; needs, may: its keys; choices: key → what it may be."""

    looks: str
    needs: Mapping[str, Argument] = field(default_factory=dict)
    may: Mapping[str, Argument] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


ROUTES = ("inbound", "bounce", "relay")
STATES = ("done", "waiting", "broken")
STATIONS = (
    "application", "relay", "sender", "dns", "destination", "report", "dsn", "mx",
    "receiving", "bounce", "event", "webhook", "api", "suppression",
)  # fmt: skip
KIND = {"kind": ("inbound", "event")}

#: Every check there is. `fresh` (yes): only what happened since the step before turned green.
CHECKS: dict[str, CheckForm] = {
    "saved": CheckForm(N_("what is saved"), {"setting": "setting"}, VALUE_KEYS),
    "reflected": CheckForm(N_("what was reflected"), {}, {"setting": "setting", **VALUE_KEYS, "fresh": "yes"}),
    "waiting": CheckForm(N_("what is saved and not reflected"), {"setting": "setting"}),
    "refused_save": CheckForm(N_("what the console refused to save"), {"screen": "screen"}, {"fresh": "yes"}),
    "notifies": CheckForm(N_("the saved notifications"), {"address": "text"}),
    "accepted": CheckForm(
        N_("mails that were received"), {}, {"route": "text", "at_least": "whole", "old": "yes", "fresh": "yes"},
        {"route": ROUTES},
    ),
    "refused": CheckForm(
        N_("refusals that were recorded"), {"gate": "text"}, {"at_least": "whole", "fresh": "yes"},
        {"gate": tuple(GATES)},
    ),
    "unmatched": CheckForm(N_("inbound mails that called no webhook"), {}, {"fresh": "yes"}),
    "kept": CheckForm(
        N_("a run of the simulator that kept its promise"), {"preset": "text"}, {"fresh": "yes"},
        {"preset": tuple(NEEDS)},
    ),
    "bounce": CheckForm(
        N_("bounces that were read"), {}, {"status": "whole", "final": "yes", "at_least": "whole", "fresh": "yes"}
    ),
    "delivery": CheckForm(
        N_("webhooks that were called"), {"state": "text"},
        {"kind": "text", "again": "yes", "at_least": "whole", "fresh": "yes"},
        {"state": ("delivered", "failing", "given_up"), **KIND},
    ),
    "catcher": CheckForm(N_("what the webhook catcher answers"), {"answer": "text"}),
    "opened": CheckForm(N_("the page that you open"), {"place": "place"}),
    "world": CheckForm(N_("the simulated world")),
    "mx": CheckForm(N_("the MX record of a domain, in the simulated world"), {"domain": "text"}),
    "domain": CheckForm(
        N_("the domain doctor"), {"domain": "text"}, {"use": "text", "step": "text", "grade": "text", "place": "place"},
        {"use": ("bounce", "inbound"), "step": ("mx", "allowed", "envelope", "filter", "endpoint"),
         "grade": ("good", "bad", "note", "unknown")},
    ),
    "journey": CheckForm(
        N_("the journey of a mail"), {"station": "text"}, {"state": "text", "fresh": "yes"},
        {"station": STATIONS, "state": STATES},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class StepCheck:
    """What has to be seen. what: of CHECKS; arguments: its keys."""

    what: str
    arguments: Mapping[str, Any]

    @property
    def looks(self) -> Text:
        """What it looks at, in words."""
        return tell(CHECKS[self.what].looks)
