"""CMC's spam judgment for acceptable domains: a mail is judged as spam when

1. the header From is an acceptable domain of the receiving server, or
2. header From and header To are the same mail address.

Ours, where the documentation is silent: domains of both tabs count, domains compare exactly, addresses without regard
to case, any From address and any To address decide; the judgment looks at mails with an inbound recipient only.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from cmcdesk.mail.mime.addresses import read_addresses
from cmcdesk.rules.policy import Policy, domain_of

# One plain address, with or without a plain name before it: nearly every From and To. The rest goes the long way.
_ADDRESS = rb"[!#-'*+\-/-9=?A-Z^-~.]+@[A-Za-z0-9.-]+"
_PLAIN = re.compile(rb"[\w .=?-]*<(" + _ADDRESS + rb")>|(" + _ADDRESS + rb")")


# A longer From or To is judged by its beginning, so that no mail holds up the others.
JUDGED_FIELDS = 10
JUDGED_OCTETS = 4096


class Addresses(NamedTuple):
    """The addresses of header fields, lower case, and their domains as A-labels."""

    addresses: frozenset[str]
    domains: frozenset[str]


def is_spam(header_from: Sequence[bytes], header_to: Sequence[bytes], policy: Policy) -> bool:
    """header_from, header_to: the raw bodies of all From and To fields, unfolded."""
    senders = addresses_in(header_from)
    if not senders.domains.isdisjoint(policy.routes):
        return True
    return not senders.addresses.isdisjoint(addresses_in(header_to).addresses)


def addresses_in(bodies: Sequence[bytes]) -> Addresses:
    """All addresses of raw header field bodies."""
    if len(bodies) == 1 and len(bodies[0]) <= REMEMBERED_OCTETS:
        return _remember_addresses(bodies[0])
    found = [
        _remember_addresses(body) if len(body) <= REMEMBERED_OCTETS else _addresses_of(body[:JUDGED_OCTETS])
        for body in bodies[:JUDGED_FIELDS]
    ]
    return Addresses(
        frozenset().union(*(one.addresses for one in found)), frozenset().union(*(one.domains for one in found))
    )


def _addresses_of(body: bytes) -> Addresses:
    plain = _PLAIN.fullmatch(body)
    if plain:
        addresses = frozenset([(plain[1] or plain[2]).lower().decode("ascii")])
    else:
        addresses = frozenset(one.address.lower() for one in read_addresses(body) if "@" in one.address)
    return Addresses(addresses, frozenset(map(domain_of, addresses)))


REMEMBERED_OCTETS = 256
_remember_addresses = lru_cache(maxsize=4096)(_addresses_of)  # senders and forms repeat themselves
