"""What the DNS of the world answers (RFC 1035, RFC 2308, RFC 7505). Names in, records out."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulator.world.file import Host, Zone

SLOW_ANSWER_SECONDS = 30.0  # longer than a resolver waits by default
RETURN = "return."  # what the service's own domains for bounces begin with
LONGEST_CHAIN = 8  # CNAMEs followed for one question


@dataclass(frozen=True)
class Record:
    """One resource record. kind: A, MX, TXT or CNAME; value: address, text or name; preference: of an MX."""

    name: str
    kind: str
    value: str
    preference: int = 0


@dataclass(frozen=True)
class Found:
    """The answer to one question. code: NOERROR, NXDOMAIN or SERVFAIL; delay: seconds to wait before it is sent."""

    code: str
    records: tuple[Record, ...] = ()
    delay: float = 0.0


class Zones:
    """All names of the world; may be changed while it is asked. Safe between threads."""

    def __init__(self, zones: Iterable[Zone] = (), hosts: Iterable[Host] = ()) -> None:
        self._lock = threading.Lock()
        self._zones = {zone.name: zone for zone in zones}
        self._addresses = {host.name: (host.address,) for host in hosts}
        self._receivers: dict[str, tuple[str, ...]] = {}

    def put(self, zone: Zone) -> None:
        """Add a name, or replace what it had."""
        with self._lock:
            self._zones[zone.name] = zone

    def remove(self, name: str) -> bool:
        """Take a name away; False where there was none."""
        with self._lock:
            return self._zones.pop(name, None) is not None

    def put_receivers(self, places: Mapping[str, str]) -> None:
        """Where the service receives: name → address, in place of what was told before. Like the service's own DNS,
        `return.NAME` has its MX there."""
        with self._lock:
            self._receivers = {name: (address,) for name, address in places.items()}

    def all(self) -> list[Zone]:
        """All names with records of their own, in the order of the file."""
        with self._lock:
            return list(self._zones.values())

    def find(self, name: str, kind: str) -> Found:
        """Answer a question for `name` (any case) and `kind`; a CNAME is followed."""
        with self._lock:
            return self._find(name.lower().rstrip("."), kind)

    def find_mail_hosts(self, domain: str) -> list[tuple[str, str]] | None:
        """(host, address) in the order to try for mail to `domain` (RFC 5321 5.1); None: it takes none (null MX, or
        there is no such domain); no address known: an empty list."""
        found = self.find(domain, "MX")
        listed = sorted((one.preference, one.value) for one in found.records if one.kind == "MX")
        if found.code != "NOERROR" or any(host == "." for _, host in listed):
            return None
        hosts = [host for _, host in listed] or [domain.lower().rstrip(".")]
        return [(host, one.value) for host in hosts for one in self.find(host, "A").records if one.kind == "A"]

    def _find(self, name: str, kind: str) -> Found:
        chain: list[Record] = []
        while len(chain) < LONGEST_CHAIN:
            zone = self._zones.get(name) or self._make_zone(name)
            if zone.answer:
                return _answer_badly(zone.answer)
            if not zone.cname or kind == "CNAME":
                own = tuple(one for one in self._list_records(zone) if one.kind == kind)
                return Found("NOERROR" if chain or self._exists(name) else "NXDOMAIN", (*chain, *own))
            chain.append(Record(name, "CNAME", zone.cname))
            name = zone.cname
        return Found("SERVFAIL")  # a circle

    def _make_zone(self, name: str) -> Zone:
        """Of a name that has no zone of its own."""
        receiver = name.removeprefix(RETURN)
        return Zone(name, mx=((10, receiver),) if name != receiver and receiver in self._receivers else ())

    def _list_records(self, zone: Zone) -> list[Record]:
        known = (*self._addresses.get(zone.name, ()), *self._receivers.get(zone.name, ()))
        addresses = dict.fromkeys((*zone.a, *known))
        return [
            *(Record(zone.name, "MX", host, preference) for preference, host in zone.mx),
            *(Record(zone.name, "A", address) for address in addresses),
            *(Record(zone.name, "TXT", text) for text in zone.txt),
            *([Record(zone.name, "CNAME", zone.cname)] if zone.cname else []),
        ]

    def _exists(self, name: str) -> bool:
        """Whether the name, or one below it, has records: then a question for others is NODATA (RFC 8020)."""
        names = (*self._zones, *self._addresses, *self._receivers, *(f"{RETURN}{one}" for one in self._receivers))
        return any(one == name or one.endswith(f".{name}") for one in names)


def _answer_badly(answer: str) -> Found:
    if answer == "slow":
        return Found("SERVFAIL", delay=SLOW_ANSWER_SECONDS)
    return Found(answer.upper())
