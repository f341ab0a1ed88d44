"""The DNS server of the world: zones over UDP and TCP on one loopback port (dnslib)."""

import time
from collections import deque
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any

from dnslib import CNAME, MX, QTYPE, RCODE, RR, SOA, TXT, A, DNSRecord
from dnslib.server import DNSLogger, DNSServer

from simulator.world.zones import Found, Record, Zones

TIME_TO_LIVE = 60  # seconds
MOST_QUESTIONS_KEPT = 10_000
POLL_SECONDS = 0.05  # how soon a server hears that it shall end
TRIES = 20  # to find a port that is free for both UDP and TCP


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
