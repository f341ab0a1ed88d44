"""The demo's story as data: scene by scene what is done, what is waited for, which page is shown, and what is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cmcdesk.rules.texts import N_

Deed = Literal["reflect", "send", "relay", "answer", "world", "halt"]
Fact = Literal["mails", "refusals", "421", "552", "spam", "bounces", "caught", "failing"]

FORM = {"mail": "form", "to": "info@mailform.example.com"}
INTERVAL, SIZE_KB = "receiving.interval_ms", "receiving.size_kb"


@dataclass(frozen=True)
class Act:
    """One deed and its values: of "reflect" dotted path → setting ({catcher}: the catcher's address), of "send" fields
    of the simulator's form, of "relay" the recipient, of "answer" what the catcher answers."""

    do: Deed
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoScene:
    """page: shown once the acts are done and `first` has come true ({refusal}, {journey}: the newest); until: fact →
    how many of it since the scene's begin must be there before the next one; seconds: at least, at the usual pace."""

    name: str
    title: str
    caption: str
    page: str
    seconds: float
    acts: tuple[Act, ...] = ()
    first: Mapping[Fact, int] = field(default_factory=dict)
    until: Mapping[Fact, int] = field(default_factory=dict)


def notify(endpoint: str) -> dict[str, object]:
    """A notification for what comes to the form's address."""
    condition = {"header": "To", "pattern": r"info@mailform\.example\.com"}
    return {
        "name": "contact form",
        "endpoint": endpoint,
        "format": "multipart",
        "enabled": True,
        "condition": [condition],
    }


def bounce(kind: str, count: int = 3) -> Act:
    """Some bounces of one system."""
    return Act("send", {"mail": "bounce", "kind": kind, "count": str(count)})


SCENES: tuple[DemoScene, ...] = (
    DemoScene(
        "begin",
        N_("The receiving server of CMC, on this computer"),
        N_(
            "Mails that come back from destinations, and mails of forms: both arrive at the receiving server. "
            "This is the management console, as CMC has it: server compositions, their states, save and reflect."
        ),
        "/compositions",
        14,
    ),
    DemoScene(
        "form",
        N_("Form mails arrive"),
        N_(
            "The simulator sends the mails of a contact form over SMTP, three a second. Each goes through the "
            "gates from left to right and is stored before the server answers 250."
        ),
        "/monitor",
        16,
        (Act("send", FORM | {"seconds": "60", "rate": "3", "sessions": "2"}),),
        until={"mails": 3},
    ),
    DemoScene(
        "webhook",
        N_("Each mail calls a webhook"),
        N_(
            "A notification was saved and reflected: whatever is for info@mailform.example.com is posted to an "
            "endpoint at once, with sender, subject, text and files. Below is the request as your "
            "application would get it."
        ),
        "/api-settings/webhook/catcher",
        18,
        (
            Act("reflect", {"inbound_webhook": [notify("{catcher}")]}),
            Act("halt"),  # sessions that are open keep the settings that they began with
            Act("send", FORM | {"seconds": "60", "rate": "1"}),
        ),
        {"caught": 1},
        {"caught": 3},
    ),
    DemoScene(
        "flood",
        N_("A flood is throttled"),
        N_(
            "Now five sessions send as fast as they can. The receiving interval is 500 ms: in each session one "
            "mail every half second, evenly spaced, however hard the sender pushes. The rate stays below the "
            "dashed ceiling."
        ),
        "/monitor",
        18,
        (
            Act("halt"),
            Act("reflect", {INTERVAL: 500, "inbound_webhook": []}),
            Act("send", FORM | {"mail": "plain", "seconds": "120", "sessions": "5"}),
        ),
        until={"mails": 6},
    ),
    DemoScene(
        "faster",
        N_("The limit is changed while mails flow"),
        N_(
            "The interval goes from 500 ms to 50 ms: saved, reflected, in force within a moment, and nothing was "
            "restarted. Open sessions keep the old limit, new connections have the new one: the rate is ten times"
            " as high."
        ),
        "/monitor",
        16,
        (
            Act("reflect", {INTERVAL: 50}),
            Act("halt"),
            Act("send", FORM | {"mail": "plain", "seconds": "120", "sessions": "5"}),
        ),
        until={"mails": 20},
    ),
    DemoScene(
        "sessions",
        N_("Too many sessions"),
        N_(
            "At most three sessions are allowed now, and eight come. Those over the limit are answered 421 at the"
            " door and come again later; no mail is lost by that."
        ),
        "/monitor",
        14,
        (
            Act("halt"),
            Act("reflect", {"receiving.max_sessions": 3}),
            Act("send", FORM | {"mail": "plain", "seconds": "120", "sessions": "8"}),
        ),
        until={"421": 1},
    ),
    DemoScene(
        "refusals",
        N_("What is refused, and why"),
        N_(
            "A mail over the receiving size: 552. A mail to a domain that is not acceptable: 550. A form mail "
            "whose From equals its To: judged as spam, 550. Every refusal is a row: when, who, at which gate, "
            "with which reply."
        ),
        "/refusals",
        18,
        (
            Act("halt"),
            Act("reflect", {"receiving.max_sessions": 10, INTERVAL: 10, SIZE_KB: 100}),
            Act("send", FORM | {"mail": "plain", "count": "2", "size": "200k"}),
            Act("send", FORM | {"count": "2", "spam": "same-address"}),
            Act("send", {"mail": "plain", "count": "3", "to": "info@foreign.example.net"}),
        ),
        {"552": 1, "spam": 1, "refusals": 3},
    ),
    DemoScene(
        "dialogue",
        N_("Every word of the session"),
        N_(
            "One refusal opened: what client and server said, line by line, with times. This is what the "
            "administrator of the sending system asks for."
        ),
        "/refusals/{refusal}",
        14,
    ),
    DemoScene(
        "bounces",
        N_("Bounces are read"),
        N_(
            "Bounces come in the dialects of many mail systems, in English and Japanese. Each is read: who "
            "failed, with which status, and which of CMC's error statuses that is, with the line that decided it."
        ),
        "/report/errors",
        20,
        (
            bounce("postfix/unknown-user"),
            bounce("docomo/unknown-user"),
            bounce("gmail/over-quota"),
            bounce("exim/unknown-user"),
        ),
        {"bounces": 3},
        {"bounces": 9},
    ),
    DemoScene(
        "event",
        N_("The application hears of bounces"),
        N_(
            "The event webhook tells your application of each bounce within seconds, so that it can stop sending "
            "to addresses that do not exist."
        ),
        "/api-settings/webhook/catcher",
        16,
        (
            Act("reflect", {"event_webhook.endpoint": "{catcher}", "event_webhook.bounces": True}),
            bounce("postfix/unknown-user", 2),
        ),
        {"caught": 1},
    ),
    DemoScene(
        "down",
        N_("The endpoint is down"),
        N_(
            "Your application answers 500. Nothing is lost: each delivery waits and is tried again, after ten "
            "seconds, a minute, five minutes and so on (the times are cmcdesk's own). The log has every attempt."
        ),
        "/api-settings/webhook/log",
        15,
        (
            Act("answer", {"answer": "500"}),
            Act("reflect", {"inbound_webhook": [notify("{catcher}")]}),
            Act("send", FORM | {"count": "3"}),
        ),
        {"failing": 1},
    ),
    DemoScene(
        "up",
        N_("It is back, and what waited arrives"),
        N_("The endpoint answers 200 again. At the next try what waited is delivered, by itself."),
        "/api-settings/webhook/log",
        18,
        (Act("answer", {"answer": "200"}),),
    ),
    DemoScene(
        "journey",
        N_("The journey of a mail that bounces"),
        N_(
            "The application hands a mail over to the relay server. The Envelope From is rewritten, DNS is asked,"
            " the destination refuses the recipient, a report goes back by the MX of the Envelope From, and comes"
            " in here as a bounce: the loop is closed. Name server and destination are simulated; every step is "
            "real SMTP."
        ),
        "{journey}",
        26,
        (Act("world"), Act("relay", {"recipient": "nobody@example.net"})),
        until={"bounces": 1},
    ),
    DemoScene(
        "end",
        N_("What was just seen"),
        N_(
            "%(mails)s mails stored, %(refusals)s refusals, %(bounces)s bounces read, %(posts)s webhooks called: "
            "all of it really happened on this computer, and nothing left it. Choose “Play again”, or end: what "
            "the demo made is removed."
        ),
        "/monitor",
        20,
        (Act("halt"), Act("reflect", {"inbound_webhook": []})),
    ),
)
