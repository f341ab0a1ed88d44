"""What a listener offers and demands beyond plain SMTP: STARTTLS (RFC 3207), AUTH (RFC 4954); and who may relay."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.auth import MECHANISMS, AnyUser, Authenticator, KeptUsers, KeyDigests
from cmcdesk.rules.settings import Security
from cmcdesk.rules.settings.receiving import Level
from cmcdesk.rules.settings.relay import Access, Relay

FindContext = Callable[[], ssl.SSLContext]  # may make a certificate at its first call, which takes some 70 ms


@dataclass(frozen=True, slots=True)
class Protection:
    """find_context: None where nothing speaks TLS; has_implicit: a second port speaks it from the first octet on;
    takes_clear: passwords may come over a plain connection though there is STARTTLS."""

    starttls: Level
    auth: Level
    has_implicit: bool
    find_context: FindContext | None
    authenticator: Authenticator
    takes_clear: bool = False

    @classmethod
    def of(cls, security: Security, find_context: FindContext | None) -> "Protection":
        """Of the settings; find_context is needed where they ask for TLS."""
        authenticator = KeptUsers(security.auth_users) if security.auth_users else AnyUser()
        return cls(security.starttls, security.auth, security.implicit_tls, find_context, authenticator)

    @classmethod
    def of_relay(cls, digests: Mapping[str, str], find_context: FindContext) -> "Protection":
        """Of a relay: CMC has STARTTLS and AUTH there. digests: as `auth.KeyDigests` takes them. That AUTH is taken in
        the clear too is ours: programs of this machine, such as the vendor's own client, know no TLS."""
        return cls("offered", "offered", False, find_context, KeyDigests(digests), takes_clear=True)

    def list_extensions(self, is_secure: bool) -> list[str]:
        """What EHLO announces of it (RFC 3207 §4.2: no STARTTLS under TLS)."""
        offered = ["STARTTLS"] if self.starttls != "off" and not is_secure else []
        return offered + ([f"AUTH {MECHANISMS}"] if self.auth != "off" and self.allows_auth(is_secure) else [])

    def allows_auth(self, is_secure: bool) -> bool:
        """Passwords go over a plain connection only where there is no STARTTLS to hide them (RFC 4954 §4)."""
        return is_secure or self.takes_clear or self.starttls == "off"

    def find_bar(self, is_secure: bool, is_authenticated: bool) -> Reply | None:
        """What still has to come before a mail."""
        if self.starttls == "required" and not is_secure:
            return reply.STARTTLS_FIRST
        return reply.AUTH_FIRST if self.auth == "required" and not is_authenticated else None

    def withholds(self, is_secure: bool) -> bool:
        """Whether a client may have looked for something in EHLO that was not there."""
        return self.auth == "off" or (self.starttls == "off" and not is_secure)


@dataclass(frozen=True, slots=True)
class Admission:
    """認証方法 and 受信許可ネットワーク of a relay: who may relay. networks: addresses as `ipaddress` writes them."""

    access: Access
    networks: frozenset[str]

    @classmethod
    def of(cls, relay: Relay) -> "Admission":
        """Of the settings."""
        return cls(relay.access, frozenset(relay.networks))

    def find_denial(self, peer: str, is_authenticated: bool) -> Reply | None:
        """Why this client may not relay; None: it may. 554 5.7.1 is ours (CMC's reply is not documented)."""
        is_near = write_address(peer) in self.networks
        if self.access == "network_or_auth":
            return None if is_near or is_authenticated else reply.DENIED_BOTH
        if not is_near:
            return reply.DENIED_ADDRESS
        return None if is_authenticated or self.access == "network" else reply.DENIED_STRANGER


def write_address(peer: str) -> str:
    """A client's address as settings have it: an IPv4 one that came over IPv6 as IPv4, none with a zone; "" for what is
    none."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return ""
    return str((address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address)


def needs_tls(security: Security) -> bool:
    """Whether the settings ask for a certificate at all."""
    return security.starttls != "off" or security.implicit_tls
