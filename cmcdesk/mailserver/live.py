"""The settings of one server of a composition (receiving server or relay) as its sessions use them: compiled once per
revision, never changed.

A session keeps the one it began with; the listener gives new sessions the new one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cmcdesk.mail.mime.fields import lower_names
from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.envelope import Recipient, Server
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.protection import Admission, FindContext, Protection
from cmcdesk.rules.matching import Filters, compile_filters
from cmcdesk.rules.policy import Policy, relay_to
from cmcdesk.rules.settings import Composition
from cmcdesk.rules.settings.receiving import OCTETS_PER_KBYTE

ALWAYS_SCANNED = lower_names(["From", "To", "Subject", "Message-ID"])


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """interval in seconds (0: switched off, for benches); size_limit in octets; scanned: lower-case header names;
    no_route: the reply to a recipient that `recipient_of` has none for; admission: None where all may send."""

    name: str
    server: Server
    revision: int
    hostname: str
    max_sessions: int
    interval: float
    size_limit: int
    policy: Policy
    recipient_of: Callable[[str], Recipient | None]
    no_route: Reply
    admission: Admission | None
    filters: Filters
    scanned: frozenset[str]
    ehlo_lines: bytes
    secure_ehlo_lines: bytes
    protection: Protection

    @classmethod
    def of(
        cls,
        composition: Composition,
        revision: int,
        has_interval: bool = True,
        find_context: FindContext | None = None,
    ) -> "LiveSettings":
        """Of the receiving server. find_context: for TLS, where the settings ask for it (`protection.needs_tls`).
        Raises regex.error for a pattern that does not compile (settings are checked before they come here)."""
        receiving = composition.receiving
        filters = compile_filters(_enabled_filters(composition))
        hostname = composition.smtp_host
        protection = Protection.of(composition.security, find_context)
        policy = Policy.of(receiving.bounce_domains, receiving.inbound_domains)
        size_limit = receiving.size_kb * OCTETS_PER_KBYTE
        return cls(
            name=composition.name,
            server="receiving",
            revision=revision,
            hostname=hostname,
            max_sessions=receiving.max_sessions,
            interval=receiving.interval_ms / 1000 if has_interval else 0.0,
            size_limit=size_limit,
            policy=policy,
            recipient_of=lru_cache(maxsize=4096)(policy.recipient_of),  # senders write to the same few again and again
            no_route=reply.FOREIGN_DOMAIN,
            admission=None,
            filters=filters,
            scanned=ALWAYS_SCANNED | filters.header_names,
            ehlo_lines=ehlo_lines(hostname, size_limit, protection.list_extensions(is_secure=False)),
            secure_ehlo_lines=ehlo_lines(hostname, size_limit, protection.list_extensions(is_secure=True)),
            protection=protection,
        )

    @classmethod
    def of_relay(
        cls, composition: Composition, revision: int, has_interval: bool, protection: Protection
    ) -> "LiveSettings":
        """Of the relay: every domain is taken, nothing is judged, no filter is asked."""
        relay = composition.relay
        hostname = composition.smtp_host
        size_limit = relay.size_kb * OCTETS_PER_KBYTE
        return cls(
            name=composition.name,
            server="relay",
            revision=revision,
            hostname=hostname,
            max_sessions=relay.max_sessions,
            interval=relay.interval_ms / 1000 if has_interval else 0.0,
            size_limit=size_limit,
            policy=Policy({}),
            recipient_of=lru_cache(maxsize=4096)(relay_to),
            no_route=reply.NO_DOMAIN,
            admission=Admission.of(relay),
            filters=compile_filters([]),
            scanned=ALWAYS_SCANNED,
            ehlo_lines=ehlo_lines(hostname, size_limit, protection.list_extensions(is_secure=False)),
            secure_ehlo_lines=ehlo_lines(hostname, size_limit, protection.list_extensions(is_secure=True)),
            protection=protection,
        )


def ehlo_lines(hostname: str, size_limit: int, more: Sequence[str] = ()) -> bytes:
    """The answer to EHLO: only what is true (SIZE RFC 1870, PIPELINING 2920, 8BITMIME 6152, SMTPUTF8 6531, 2034)."""
    lines = [hostname, f"SIZE {size_limit}", "PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", *more, "HELP"]
    marks = ["-"] * (len(lines) - 1) + [" "]
    return "".join(f"250{mark}{line}\r\n" for mark, line in zip(marks, lines, strict=True)).encode("ascii")


def _enabled_filters(composition: Composition) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    return [
        (one.name, [(condition.header, condition.pattern) for condition in one.condition])
        for one in composition.inbound_webhook
        if one.enabled
    ]
