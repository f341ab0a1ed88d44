"""What a program needs to speak with this cmcdesk (host, port, domain, relay, token), and examples of it in the
languages that such programs are written in, each whole: pasted into a file, it runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import render_template, request
from flask_babel import gettext as _

from cmcdesk.console.compositions.view import View
from cmcdesk.console.frame.current import current_services

SENDER = "customer@sender.example"
RELAY_SENDER = "shop@example.com"
RELAY_RECIPIENT = "someone@example.net"  # a domain of the simulated world

#: Language → (what it is called, the file that its example is pasted into, the command that runs it).
LANGUAGES: Mapping[str, tuple[str, str, str]] = {
    "python": ("Python", "example.py", "python3 example.py"),
    "php": ("PHP", "example.php", "php example.php"),
    "node": ("Node", "example.mjs", "node example.mjs"),
    "ruby": ("Ruby", "example.rb", "ruby example.rb"),
    "curl": ("curl", "example.sh", "sh example.sh"),
}


@dataclass(frozen=True)
class Handout:
    """Host and port are "" and 0 where the server does not listen; inbound, bounce: an acceptable address of each kind,
    "" where there is none."""

    host: str
    port: int
    relay_host: str
    relay_port: int
    inbound: str
    bounce: str
    api: str
    token: str

    @property
    def recipient(self) -> str:
        """Whom a mail to the receiving server can be for."""
        return self.inbound or self.bounce


@dataclass(frozen=True)
class Example:
    """One language's text of one task."""

    language: str
    label: str
    file: str
    command: str
    text: str


@dataclass(frozen=True)
class Task:
    """What the examples do; missing: why there are none now, "" where there are."""

    name: str
    title: str
    help: str
    missing: str
    examples: tuple[Example, ...] = ()


def read_given(view: View) -> Handout:
    """Of a composition, by the settings that are live."""
    receiving = view.live["receiving"]
    host, port = _split(view.placement.receiving)
    relay_host, relay_port = _split(view.placement.relay)
    return Handout(
        host=host,
        port=port,
        relay_host=relay_host,
        relay_port=relay_port,
        inbound=f"info@{receiving['inbound_domains'][0]}" if receiving["inbound_domains"] else "",
        bounce=f"bounce@{receiving['bounce_domains'][0]}" if receiving["bounce_domains"] else "",
        api=f"{request.host_url}api/v1",
        token=current_services().token,
    )


def list_tasks(given: Handout) -> list[Task]:
    """Send to the receiving server, hand over to the relay server, ask the API; each in all languages."""
    unable = "" if given.host and given.recipient else _("No domain is acceptable yet, or this server does not listen.")
    deaf = "" if given.relay_host else _("This relay server does not listen at the moment.")
    return [
        Task(
            "receive",
            _("Send to the receiving server"),
            _("As a mail from outside comes in: it is judged, stored, and calls the webhooks that match."),
            unable,
            () if unable else _write_sending(given.host, given.port, SENDER, given.recipient),
        ),
        Task(
            "relay",
            _("Hand a mail over to the relay server"),
            _("As your application sends through CMC. Then it needs DNS: the simulated world has example.net."),
            deaf,
            () if deaf else _write_sending(given.relay_host, given.relay_port, RELAY_SENDER, RELAY_RECIPIENT),
        ),
        Task(
            "ask",
            _("Ask the API what came"),
            _("The API is cmcdesk's own (ours). The token is good until cmcdesk ends; the next start makes a new one."),
            "",
            _write_asking(given),
        ),
    ]


def _write_sending(host: str, port: int, sender: str, recipient: str) -> tuple[Example, ...]:
    return _write_all("send", {"host": host, "port": port, "sender": sender, "recipient": recipient})


def _write_asking(given: Handout) -> tuple[Example, ...]:
    place = urlsplit(given.api)
    told = {"host": place.hostname, "port": place.port or 80, "path": f"{place.path}/mails?limit=5"}
    return _write_all("ask", {**told, "token": given.token})


def _write_all(task: str, values: Mapping[str, str | int | None]) -> tuple[Example, ...]:
    return tuple(
        Example(
            name, label, file, command, render_template(f"welcome/examples/{task}.{name}.txt", **values).strip() + "\n"
        )
        for name, (label, file, command) in LANGUAGES.items()
    )


def _split(place: str | None) -> tuple[str, int]:
    host, _colon, port = (place or "").rpartition(":")
    return host.strip("[]"), int(port or 0)
