"""The DNS server of the world: zones over UDP and TCP on one loopback port (dnslib), and what they answer (RFC 1035,
RFC 2308, RFC 7505).
"""

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any

from dnslib import CNAME, MX, QTYPE, RCODE, RR, SOA, TXT, A, DNSRecord
from dnslib.server import DNSLogger, DNSServer

from simulator.world.file import Host, Zone

SLOW_ANSWER_SECONDS = 30.0  # longer than a resolver waits by default
RETURN = "return."  # what the service's own domains for bounces begin with
LONGEST_CHAIN = 8  # CNAMEs followed for one question

TIME_TO_LIVE = 60  # seconds
MOST_QUESTIONS_KEPT = 10_000
POLL_SECONDS = 0.05  # how soon a server hears that it shall end
TRIES = 20  # to find a port that is free for both UDP and TCP


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
        listed = sorted((record.preference, record.value) for record in found.records if record.kind == "MX")
        if found.code != "NOERROR" or any(host == "." for _, host in listed):
            return None
        hosts = [host for _, host in listed] or [domain.lower().rstrip(".")]
        return [(host, record.value) for host in hosts for record in self.find(host, "A").records if record.kind == "A"]

    def _find(self, name: str, kind: str) -> Found:
        chain: list[Record] = []
        while len(chain) < LONGEST_CHAIN:
            zone = self._zones.get(name) or self._make_zone(name)
            if zone.answer:
                return _answer_badly(zone.answer)
            if not zone.cname or kind == "CNAME":
                own = tuple(record for record in self._list_records(zone) if record.kind == kind)
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
        names = (
            *self._zones,
            *self._addresses,
            *self._receivers,
            *(f"{RETURN}{receiver}" for receiver in self._receivers),
        )
        return any(one == name or one.endswith(f".{name}") for one in names)


def _answer_badly(answer: str) -> Found:
    if answer == "slow":
        return Found("SERVFAIL", delay=SLOW_ANSWER_SECONDS)
    return Found(answer.upper())


@dataclass(frozen=True)
class Question:
    """What a resolver asked: `at` in unix seconds, `code` as answered."""

    at: float
    name: str
    kind: str
    code: str


class NameServer:
    """Answers for all names of `zones`; there is nobody else to ask. ``start`` binds; ``port`` is then the port."""

    def __init__(self, zones: Zones, address: str = "127.0.0.1", port: int = 0) -> None:
        self.address, self.port = address, port
        self._zones = zones
        self._lock = Lock()
        self._questions: deque[Question] = deque(maxlen=MOST_QUESTIONS_KEPT)
        self._servers: list[Any] = []

    def start(self) -> "NameServer":
        """Bind UDP and TCP to one port. Raises OSError."""
        for left in range(TRIES, 0, -1):
            udp = self._make(self.port, tcp=False)
            try:
                tcp = self._make(udp.server.server_address[1], tcp=True)
            except OSError:
                udp.server.server_close()
                if self.port or left == 1:
                    raise
                continue
            self._servers = [udp, tcp]
            break
        self.port = self._servers[0].server.server_address[1]
        for server in self._servers:
            Thread(target=server.server.serve_forever, args=(POLL_SECONDS,), name="dns", daemon=True).start()
        return self

    def stop(self) -> None:
        """Close both."""
        for server in self._servers:
            server.stop()
            server.server.server_close()
        self._servers = []

    def questions(self) -> list[Question]:
        """The newest questions, oldest first."""
        with self._lock:
            return list(self._questions)

    def resolve(self, request: DNSRecord, _handler: Any) -> DNSRecord:
        """dnslib's hook: the reply to one request. A delay is waited here: each request has its own thread."""
        name, kind = str(request.q.qname), QTYPE[request.q.qtype]
        found = self._zones.find(name, kind)
        with self._lock:
            self._questions.append(Question(time.time(), name.rstrip("."), str(kind), found.code))
        if found.delay:
            time.sleep(found.delay)
        return write_reply(request, found)

    def _make(self, port: int, tcp: bool) -> DNSServer:
        logger = DNSLogger(log="-request,-reply,-truncated,-error", logf=lambda line: None)
        return DNSServer(self, address=self.address, port=port, tcp=tcp, logger=logger)


def write_reply(request: DNSRecord, found: Found) -> DNSRecord:
    """The records as a reply; what is not there is said with an SOA (RFC 2308 3)."""
    reply = request.reply(ra=1, aa=1)
    reply.header.rcode = getattr(RCODE, found.code)
    for record in found.records:
        reply.add_answer(_write_record(record))
    if not found.records and found.code in ("NOERROR", "NXDOMAIN"):
        times = (1, 3600, 600, 86400, TIME_TO_LIVE)
        start = SOA("ns.world.example", "hostmaster.world.example", times)
        reply.add_auth(RR(request.q.qname, QTYPE.SOA, rdata=start, ttl=TIME_TO_LIVE))
    return reply


def _write_record(record: Record) -> RR:
    match record.kind:
        case "MX":
            data: Any = MX(record.value, preference=record.preference)
        case "A":
            data = A(record.value)
        case "TXT":
            octets = record.value.encode()
            data = TXT([octets[at : at + 255] for at in range(0, len(octets), 255)] or [b""])
        case _:
            data = CNAME(record.value)
    return RR(record.name, getattr(QTYPE, record.kind), rdata=data, ttl=TIME_TO_LIVE)
