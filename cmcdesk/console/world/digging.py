"""Questions to a name server, really asked, and shown as `dig` shows them (RFC 1035)."""

import time
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver

SECONDS = 2.0  # for one answer; `dig` waits for five
KINDS = ("MX", "A", "TXT", "CNAME")
SILENT = "TIMEOUT"


@dataclass(frozen=True)
class Dug:
    """code: NOERROR, NXDOMAIN, SERVFAIL …, or TIMEOUT: no answer. answers: (owner, kind, value) of the answer section,
    values as in zone files; text: as `dig` prints it."""

    code: str
    answers: tuple[tuple[str, str, str], ...]
    text: str

    def values(self, kind: str) -> list[str]:
        """The values of one kind, wherever a CNAME led."""
        return [value for _, found, value in self.answers if found == kind]


@dataclass(frozen=True)
class MailHosts:
    """Where the MX records of a domain lead. code: as of `Dug`; listed: (preference, host) with the lowest first, names
    lower case without their last dot; addresses: host → its addresses."""

    code: str
    listed: tuple[tuple[int, str], ...] = ()
    addresses: dict[str, tuple[str, ...]] | None = None


def dig(place: tuple[str, int], name: str, kind: str, seconds: float = SECONDS) -> Dug:
    """Ask the name server at `place` (address, port) over UDP, over TCP where the answer was cut (RFC 1035 4.2.1).
    Raises ValueError: a name that cannot be asked for."""
    server, port = place
    try:
        question = dns.message.make_query(name, dns.rdatatype.from_text(kind))
    except dns.exception.DNSException as fault:
        raise ValueError(str(fault)) from fault
    began = time.monotonic()
    head = f"; <<>> dig @{server} -p {port} {name} {kind}"
    try:
        answer, is_tcp = dns.query.udp_with_fallback(question, server, seconds, port)
    except (dns.exception.DNSException, OSError):
        return Dug(
            SILENT, (), f"{head}\n;; communications error to {server}#{port}: timed out\n;; no servers could be reached"
        )
    took = round((time.monotonic() - began) * 1000)
    foot = f";; Query time: {took} msec\n;; SERVER: {server}#{port}({server}) ({'TCP' if is_tcp else 'UDP'})"
    answers = tuple(
        (str(found.name).rstrip("."), dns.rdatatype.to_text(found.rdtype), str(one))
        for found in answer.answer
        for one in found
    )
    return Dug(dns.rcode.to_text(answer.rcode()), answers, "\n".join([head, *_write(answer), "", foot]))


def _write(answer: dns.message.Message) -> list[str]:
    """Header and sections as dig has them."""
    sections = {"ANSWER": answer.answer, "AUTHORITY": answer.authority, "ADDITIONAL": answer.additional}
    counts = ", ".join(f"{name}: {sum(len(one) for one in found)}" for name, found in sections.items())
    lines = [
        f";; ->>HEADER<<- opcode: QUERY, status: {dns.rcode.to_text(answer.rcode())}, id: {answer.id}",
        f";; flags: {dns.flags.to_text(answer.flags).lower()}; QUERY: {len(answer.question)}, {counts}",
        "",
        ";; QUESTION SECTION:",
        *(f";{one.name}\t\tIN\t{dns.rdatatype.to_text(one.rdtype)}" for one in answer.question),
    ]
    for name, found in sections.items():
        if found:
            records = [record for one in found for record in str(one).splitlines()]
            lines += ["", f";; {name} SECTION:", *(record.replace(" ", "\t", 4) for record in records)]
    return lines


def find_mail_hosts(place: tuple[str, int], domain: str) -> MailHosts:
    """The MX records of a domain and the addresses of their hosts. Raises ValueError as `dig`."""
    found = dig(place, domain, "MX")
    listed = []
    for value in found.values("MX"):
        preference, _, host = value.partition(" ")
        listed.append((int(preference), host.lower().rstrip(".") or "."))
    hosts = {host for _, host in listed if host != "."}
    addresses = {host: tuple(dig(place, host, "A").values("A")) for host in hosts}
    return MailHosts(found.code, tuple(sorted(listed)), addresses)


def find_real_resolver() -> tuple[str, int] | None:
    """The first name server that this computer uses (address, port); None where none is known."""
    try:
        found = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return None
    return (str(found.nameservers[0]), found.port) if found.nameservers else None
