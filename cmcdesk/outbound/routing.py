"""Which mail servers a domain's mail goes to (RFC 5321 §5.1, RFC 7505), asked of the configured resolver only."""

import random
import threading
import time
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

import dns.exception
import dns.name
import dns.resolver

from cmcdesk.outbound.answer import BAD_ADDRESS, UNKNOWN_HOST, SmtpAnswer
from cmcdesk.outbound.network import Surroundings

LOOKUP_SECONDS = 10.0  # for one question, its repetitions included
TRY_SECONDS = 3.0
REMEMBERED_SECONDS = 1.0  # a burst to one domain asks once; who changes the zone sees it in the next try
MOST_REMEMBERED = 10_000
MOST_SERVERS = 10  # addresses tried in one attempt


@dataclass(frozen=True, slots=True)
class MailExchanger:
    """One address that takes mail for a domain; host: its name in the MX record."""

    host: str
    address: str


class NoRoute(Exception):
    """No mail server is known for a domain. `answer`: why, as a reply that nobody gave."""

    def __init__(self, enhanced: str, text: str, error_status: int = UNKNOWN_HOST) -> None:
        super().__init__(text)
        is_final = enhanced.startswith("5")
        self.answer = SmtpAnswer(None, enhanced, text, "DNS", error_status=error_status if is_final else None)


class Router:
    """Safe between threads."""

    def __init__(self, surroundings: Surroundings) -> None:
        surroundings.guard_lookups()
        self._resolver = dns.resolver.Resolver(configure=False)  # else /etc/resolv.conf would be asked
        self._is_asked = surroundings.resolver is not None
        if surroundings.resolver:
            self._resolver.nameservers, self._resolver.port = [surroundings.resolver[0]], surroundings.resolver[1]
        self._resolver.lifetime, self._resolver.timeout = LOOKUP_SECONDS, TRY_SECONDS
        self._lock = threading.Lock()
        self._remembered: dict[str, tuple[float, tuple[MailExchanger, ...] | NoRoute]] = {}

    def find(self, domain: str) -> tuple[MailExchanger, ...]:
        """The mail servers of a domain (lower case, A-labels; or an address literal) in the order to try, at least one.
        Raises NoRoute."""
        now = time.monotonic()
        with self._lock:
            until, found = self._remembered.get(domain, (0.0, NoRoute("4.4.3", "")))
        if until <= now:
            found = self._look_up(domain)
            with self._lock:
                if len(self._remembered) >= MOST_REMEMBERED:
                    self._remembered.clear()
                self._remembered[domain] = (time.monotonic() + REMEMBERED_SECONDS, found)
        if isinstance(found, NoRoute):
            raise found
        return found

    def recall_host(self, domain: str) -> str:
        """The first mail server's name, as it was found last; "" where that is not known."""
        with self._lock:
            _, found = self._remembered.get(domain, (0.0, ()))
        return found[0].host if isinstance(found, tuple) and found else ""

    def _look_up(self, domain: str) -> tuple[MailExchanger, ...] | NoRoute:
        try:
            if domain.startswith("["):
                return (read_literal(domain),)
            check_name(domain)
            return self._find_servers(domain)
        except NoRoute as none:
            return none

    def _find_servers(self, domain: str) -> tuple[MailExchanger, ...]:
        found = self._ask(domain, "MX")
        # Those of one preference in any order: that spreads the load (RFC 5321 §5.1).
        records = sorted((one.preference, random.random(), one.exchange) for one in found)
        if [exchange for _, _, exchange in records] == [dns.name.root]:
            raise NoRoute("5.1.10", f"Domain {domain} does not accept mail (null MX)")  # RFC 7505 §4.2
        hosts = [exchange.to_text(omit_final_dot=True).lower() for _, _, exchange in records] or [domain]
        fault: NoRoute | None = None
        servers = []
        for host in hosts:
            try:
                servers += [MailExchanger(host, one.address) for one in self._ask(host, "A")]
            except NoRoute as none:
                fault = fault if fault and fault.answer.outcome == "transient" else none
        if not servers:
            raise fault or NoRoute("5.4.4", f"Host or domain name not found: {', '.join(hosts)} has no address")
        return tuple(servers[:MOST_SERVERS])

    def _ask(self, name: str, kind: str) -> list[Any]:
        """The records; none for NODATA. Raises NoRoute."""
        if not self._is_asked:
            raise NoRoute("4.4.3", "There is no name server to ask")
        try:
            answer = self._resolver.resolve(dns.name.from_text(name), kind, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            raise NoRoute("5.1.2" if kind == "MX" else "5.4.4", f"Host or domain name not found: {name}") from None
        except (dns.exception.DNSException, OSError) as fault:
            told = type(fault).__name__ if isinstance(fault, dns.exception.DNSException) else str(fault)
            raise NoRoute("4.4.3", f"Name service error for {name}, type {kind}: {told}") from None
        return list(answer.rrset or ())


def read_literal(domain: str) -> MailExchanger:
    """The server that an address literal (RFC 5321 §4.1.3) is. Raises NoRoute for one that is none of IPv4."""
    literal = domain.strip("[]")
    try:
        return MailExchanger(literal, str(IPv4Address(literal)))
    except ValueError:
        raise NoRoute("5.1.3", f"{domain!r} is no address of IPv4", BAD_ADDRESS) from None


def check_name(domain: str) -> None:
    """Raises NoRoute for what cannot be a domain."""
    try:
        is_name = dns.name.from_text(domain) != dns.name.root and domain.isascii()
    except dns.exception.DNSException:
        is_name = False
    if not is_name:
        raise NoRoute("5.1.3", f"{domain!r} is no domain", BAD_ADDRESS)
