"""The settings of one composition as its sessions use them: compiled once per revision, never changed.

A session keeps the one it began with; the listener gives new sessions the new one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ssl import SSLContext

from cmcdesk.mail.mime.fields import lower_names
from cmcdesk.mail.smtp.envelope import Recipient
from cmcdesk.mailserver.protection import Protection
from cmcdesk.rules.matching import Decoder, Filters, compile_filters
from cmcdesk.rules.policy import Policy
from cmcdesk.rules.settings import Composition

ALWAYS_SCANNED = lower_names(["From", "To", "Subject", "Message-ID"])


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """interval in seconds (0: switched off, for benches); size_limit in octets; scanned: lower-case header names."""

    name: str
    revision: int
    hostname: str
    max_sessions: int
    interval: float
    size_limit: int
    policy: Policy
    recipient_of: Callable[[str], Recipient | None]
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
        decode: Decoder,
        has_interval: bool = True,
        context: SSLContext | None = None,
    ) -> "LiveSettings":
        """context: for TLS, where the settings ask for it (`protection.needs_tls`). Raises regex.error for a pattern
        that does not compile (settings are checked before they come here)."""
        receiving = composition.receiving
        filters = compile_filters(_enabled_filters(composition), decode)
        hostname = hostname_of(composition)
        protection = Protection.of(composition.security, context)
        policy = Policy.of(receiving.bounce_domains, receiving.inbound_domains)
        size_limit = receiving.size_kb * 1024  # 1 KByte = 1024 octets (ours)
        return cls(
            name=composition.name,
            revision=revision,
            hostname=hostname,
            max_sessions=receiving.max_sessions,
            interval=receiving.interval_ms / 1000 if has_interval else 0.0,
            size_limit=size_limit,
            policy=policy,
            recipient_of=lru_cache(maxsize=4096)(policy.recipient_of),  # senders write to the same few again and again
            filters=filters,
            scanned=ALWAYS_SCANNED | filters.header_names,
            ehlo_lines=ehlo_lines(hostname, size_limit, protection.list_extensions(is_secure=False)),
            secure_ehlo_lines=ehlo_lines(hostname, size_limit, protection.list_extensions(is_secure=True)),
            protection=protection,
        )


# The manual's SMTP hosts of the Standard plan.
STANDARD_HOSTS = {"sandbox": "sandbox", "transactional-email": "te"}


def hostname_of(composition: Composition) -> str:
    """What the server calls itself."""
    return f"{composition.subdomain or STANDARD_HOSTS.get(composition.name, composition.name)}.smtps.jp"


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
