"""What the receiving settings decide of a mail: the route of a recipient (受信許可ドメイン), whether it is spam
(迷惑メール判定), and when its 250 may leave (受信間隔). Pure.

受信許可ドメイン decides at RCPT, by the two lists. Ours: domains match exactly and case-insensitively,
internationalized ones as A-labels. `Postmaster` without a domain is taken too (RFC 5321 §4.5.1); that it goes the way
of bounces, where nothing is judged and no webhook called, is ours.

CMC's spam judgment for acceptable domains: a mail is judged as spam when

1. the header From is an acceptable domain of the receiving server, or
2. header From and header To are the same mail address.

Ours, where the documentation is silent: domains of both tabs count, domains compare exactly (as A-labels, so that both
forms of an internationalized one are the same), addresses without regard to case and to quotes around the local part,
any From address and any To address decide, however long the fields are; the judgment looks at mails with an inbound
recipient only.

受信間隔: when the 250 of a session's next mail may leave. Times are seconds of the server's monotonic clock.

"Interval at which mails are received (processing time per mail)": a minimum spacing, never an added sleep.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import idna

from cmcdesk.mail.mime.addresses import read_addresses
from cmcdesk.mail.smtp.envelope import Recipient, Route

POSTMASTER = "postmaster"

# One plain address, with or without a plain name before it: nearly every From and To. The rest goes the long way.
_ADDRESS = rb"[!#-'*+\-/-9=?A-Z^-~.]+@[A-Za-z0-9.-]+"
_PLAIN = re.compile(rb"[\w .=?-]*<(" + _ADDRESS + rb")>|(" + _ADDRESS + rb")")

_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)

REMEMBERED_OCTETS = 256

# How much of a late reply may be made up by the next one, so that the mean stays the interval itself (ours).
CATCH_UP = 0.002


@dataclass(frozen=True, slots=True)
class Policy:
    """The two tabs of 受信許可ドメイン, as lower-case A-labels."""

    routes: dict[str, Route]

    @classmethod
    def of(cls, bounce_domains: Iterable[str], inbound_domains: Iterable[str]) -> "Policy":
        routes: dict[str, Route] = dict.fromkeys(inbound_domains, "inbound")
        routes.update(dict.fromkeys(bounce_domains, "bounce"))
        return cls(routes)

    def route_of(self, address: str) -> Route | None:
        """The route of a recipient's address; None: a foreign domain, or no domain at all."""
        return "bounce" if address.lower() == POSTMASTER else self.routes.get(domain_of(address))

    def recipient_of(self, address: str) -> Recipient | None:
        """The recipient with its route; None as `route_of`."""
        route = self.route_of(address)
        return None if route is None else Recipient(address, route)


def relay_to(address: str) -> Recipient | None:
    """The recipient of a relayed mail, wherever it goes; None: an address without a domain goes nowhere."""
    return Recipient(address, "relay") if domain_of(address) else None


def domain_of(address: str) -> str:
    """The domain of an address, lower case, as A-labels; "" if it has none or it is no domain name."""
    _local_part, at, domain = address.rpartition("@")
    if not at:
        return ""
    return domain.lower() if domain.isascii() else _a_labels(domain)


def _a_labels(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return ""


class Addresses(NamedTuple):
    """The addresses of header fields, lower case with their domains as A-labels, and these domains."""

    addresses: frozenset[str]
    domains: frozenset[str]


def is_spam(header_from: Sequence[bytes], header_to: Sequence[bytes], policy: Policy) -> bool:
    """header_from, header_to: the raw bodies of all From and To fields, unfolded."""
    senders = addresses_in(header_from)
    if not senders.domains.isdisjoint(policy.routes):
        return True
    for body in header_to:
        plausible = len(body) <= REMEMBERED_OCTETS or _may_hold(body, senders.addresses)
        if plausible and not senders.addresses.isdisjoint(addresses_in((body,)).addresses):
            return True
    return False


def addresses_in(bodies: Sequence[bytes]) -> Addresses:
    """All addresses of raw header field bodies."""
    if len(bodies) == 1 and len(bodies[0]) <= REMEMBERED_OCTETS:
        return _remember_addresses(bodies[0])
    found = [_remember_addresses(body) if len(body) <= REMEMBERED_OCTETS else _addresses_of(body) for body in bodies]
    return Addresses(
        frozenset().union(*(one.addresses for one in found)), frozenset().union(*(one.domains for one in found))
    )


def _may_hold(body: bytes, addresses: frozenset[str]) -> bool:
    """Whether one of the addresses may be in a long field: it need not be taken apart if no local part occurs in it."""
    if not body.isascii() or b"=?" in body or b"\x1b" in body or b"\\" in body:
        return True
    lowered = body.lower()
    return any(address.rpartition("@")[0].encode() in lowered for address in addresses)


def _addresses_of(body: bytes) -> Addresses:
    plain = _PLAIN.fullmatch(body)
    if plain:
        addresses = frozenset([(plain[1] or plain[2]).lower().decode("ascii")])
    else:
        addresses = frozenset(
            _comparable(address.address.lower()) for address in read_addresses(body) if "@" in address.address
        )
    return Addresses(addresses, frozenset(map(domain_of, addresses)))


def _comparable(address: str) -> str:
    """The address with its domain as A-labels, and as it is where that is no domain name; without quotes, which are no
    part of it (RFC 5321 §4.1.2): mailers put them around the two dots of "a..b"@docomo.ne.jp, and phones do not."""
    local_part, _at, domain = address.rpartition("@")
    if local_part.startswith('"'):
        local_part = _QUOTED_PAIR.sub(r"\1", local_part.removeprefix('"').removesuffix('"'))
    return f"{local_part}@{domain if domain.isascii() else domain_of(address) or domain}"


_remember_addresses = lru_cache(maxsize=4096)(_addresses_of)  # senders and forms repeat themselves


def first_due(connected_at: float, interval: float) -> float:
    """A new session for every mail gains nothing: its first mail waits one interval too."""
    return connected_at + interval


def next_due(due: float, left_at: float, interval: float) -> float:
    """Given when the last 250 was due and when it left: when the next one is due."""
    return max(due + interval, left_at + interval - CATCH_UP)
