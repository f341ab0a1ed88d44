"""受信許可ドメイン: the route of a recipient, decided at RCPT by the domain lists.

Ours: domains match exactly and case-insensitively, internationalized ones as A-labels. `Postmaster` without a domain is
taken too (RFC 5321 §4.5.1); that it goes the way of bounces, where nothing is judged and no webhook called, is ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import idna

from cmcdesk.mail.smtp.envelope import Recipient, Route

POSTMASTER = "postmaster"


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
