"""What the domain doctor looks at: settings, DNS, filters and endpoints of each bounce and inbound domain."""

import re
import socket
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import regex

from cmcdesk.console.webhook.filter_verdict import try_value
from cmcdesk.console.world.digging import find_mail_hosts
from cmcdesk.processes.world_note import WorldNote
from cmcdesk.rules.domain_steps import (
    DomainFacts,
    DomainStep,
    EndpointAnswer,
    Grade,
    MxAnswer,
    Use,
    list_domains,
    list_steps,
    worst,
)
from cmcdesk.rules.reach import Reach, is_this_computer
from cmcdesk.rules.texts import Text, tell

ADDRESS_HEADERS = ("to", "cc")
AT_ONCE = 8  # domains that are looked at at the same time: a name server may be slow
CONNECT_SECONDS = 2.0
FIRST_LOCAL_PART = "info"  # the manual's

AskMx = Callable[[str, str], MxAnswer | None]


@dataclass(frozen=True)
class DomainSource:
    """One composition, as pages and the command line know it. receiving: "host:port" or None."""

    name: str
    draft: Mapping[str, Any]
    live: Mapping[str, Any] | None
    receiving: str | None


@dataclass(frozen=True)
class CheckedDomain:
    """One domain with its checklist. tried: the address that filters were tried with."""

    composition: str
    use: Use
    domain: str
    smtp_host: str
    tried: str
    steps: list[DomainStep]

    @property
    def grade(self) -> Grade:
        """Of the domain as a whole."""
        return worst(self.steps)


@dataclass(frozen=True)
class Looks:
    """How to look. ask_mx: (domain, SMTP host) → what the DNS says; reach: where webhooks may go; address: to try
    filters with ("": one of the domain is chosen); far: connect to endpoints on other computers too."""

    ask_mx: AskMx
    reach: Reach
    address: str = ""
    far: bool = False


def check_domains(sources: Iterable[DomainSource], looks: Looks) -> list[CheckedDomain]:
    """The checklists of all domains, in the order of the compositions."""
    asked = [(source, use, domain) for source in sources for use, domain in list_domains(source.draft, source.live)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda each: _check_domain(each[0], each[1:], looks), asked))


def _check_domain(source: DomainSource, asked: tuple[Use, str], looks: Looks) -> CheckedDomain:
    use, domain = asked
    smtp_host = f"{source.draft['subdomain']}.smtps.jp"
    is_inbound = use == "inbound"
    tried, matching = find_matching(domain, source.live or {}, looks.address) if is_inbound else ("", [])
    endpoints = [
        EndpointAnswer(one["name"], one["endpoint"], probe_endpoint(one["endpoint"], looks.reach))
        for one in matching
        if looks.far or is_this_computer(urlsplit(one["endpoint"]).hostname or "")
    ]
    facts = DomainFacts(
        use, domain, smtp_host, source.draft, source.live, source.receiving, looks.ask_mx(domain, smtp_host),
        tried, tuple(str(one["name"]) for one in matching), tuple(endpoints),
    )  # fmt: skip
    return CheckedDomain(source.name, use, domain, smtp_host, tried, list_steps(facts))


def find_matching(domain: str, settings: Mapping[str, Any], address: str = "") -> tuple[str, list[Mapping[str, Any]]]:
    """(address, the filters that match it): the address given if it is of this domain, else one that some filter is
    written for, else the manual's."""
    filters = [one for one in settings.get("inbound_webhook", ()) if one.get("enabled", True)]
    if address.lower().endswith(f"@{domain}"):
        return address, [one for one in filters if matches_address(one, address)]
    tried = f"{FIRST_LOCAL_PART}@{domain}"
    for candidate in (tried, *_list_written(filters, domain)):
        if found := [one for one in filters if matches_address(one, candidate)]:
            return candidate, found
    return tried, []


def matches_address(one: Mapping[str, Any], address: str) -> bool:
    """Whether the conditions on To and Cc match a mail to that address; others may be met or not."""
    return all(
        try_value(regex.compile(each["pattern"]), address).verdict == "match"
        for each in one["condition"]
        if each["header"].lower() in ADDRESS_HEADERS
    )


def _list_written(filters: Iterable[Mapping[str, Any]], domain: str) -> Iterable[str]:
    """Addresses of the domain that patterns spell out."""
    for one in filters:
        for each in one["condition"]:
            literal = re.sub(r"\\([@.+_-])", r"\1", each["pattern"].strip("^$"))
            if literal.lower().endswith(f"@{domain}") and re.fullmatch(r"[\w.+-]+@[\w.-]+", literal):
                yield literal


def probe_endpoint(url: str, reach: Reach) -> Text | None:
    """Why nobody takes a connection there, None where somebody does. Only connects: no request is sent."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    refusal = reach.refuse_host(parts.scheme, host)
    try:
        for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM) if refusal is None else ():
            refusal = refusal or reach.refuse_address(host, str(found[4][0]))
        if refusal:
            return tell("webhooks may not go there (%(refusal)s)", refusal=refusal)
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except socket.gaierror:
        return tell("there is no host %(host)s", host=host)
    except ConnectionRefusedError:
        return tell("no program listens at %(host)s:%(port)s", host=host, port=port)
    except OSError as fault:
        return tell("%(host)s:%(port)s cannot be reached (%(fault)s)", host=host, port=port, fault=fault)
    return None


def ask_world(note: WorldNote | None) -> AskMx:
    """Asks the name server of the simulated world; nobody where there is none."""

    def ask(domain: str, smtp_host: str) -> MxAnswer | None:
        if note is None:
            return None
        found = find_mail_hosts(note.resolver_place, domain)
        if smtp_host not in {host for _, host in found.listed}:
            return MxAnswer(found.code, found.listed)
        places = [
            f"{address}:{note.forwards.get(address, 25)}" for address in (found.addresses or {}).get(smtp_host, ())
        ]
        return MxAnswer(found.code, found.listed, ", ".join(places))

    return ask


def ask_real(place: tuple[str, int]) -> AskMx:
    """Asks the name server of this computer. Where the service's own host leads is not ours to judge."""

    def ask(domain: str, _smtp_host: str) -> MxAnswer:
        found = find_mail_hosts(place, domain)
        return MxAnswer(found.code, found.listed)

    return ask
