"""What a listener offers and demands beyond plain SMTP: STARTTLS (RFC 3207), AUTH (RFC 4954)."""

import ssl
from dataclasses import dataclass

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.mailserver.auth import MECHANISMS, AnyUser, Authenticator, KeptUsers
from cmcdesk.rules.settings import Security
from cmcdesk.rules.settings.receiving import Level


@dataclass(frozen=True, slots=True)
class Protection:
    """context: None where nothing speaks TLS; has_implicit: a second port speaks it from the first octet on."""

    starttls: Level
    auth: Level
    has_implicit: bool
    context: ssl.SSLContext | None
    authenticator: Authenticator

    @classmethod
    def of(cls, security: Security, context: ssl.SSLContext | None) -> "Protection":
        """Of the settings; context is needed where they ask for TLS."""
        authenticator = KeptUsers(security.auth_users) if security.auth_users else AnyUser()
        return cls(security.starttls, security.auth, security.implicit_tls, context, authenticator)

    def list_extensions(self, is_secure: bool) -> list[str]:
        """What EHLO announces of it (RFC 3207 §4.2: no STARTTLS under TLS)."""
        offered = ["STARTTLS"] if self.starttls != "off" and not is_secure else []
        return offered + ([f"AUTH {MECHANISMS}"] if self.auth != "off" and self.allows_auth(is_secure) else [])

    def allows_auth(self, is_secure: bool) -> bool:
        """Passwords go over a plain connection only where there is no STARTTLS to hide them (RFC 4954 §4)."""
        return is_secure or self.starttls == "off"

    def find_bar(self, is_secure: bool, is_authenticated: bool) -> Reply | None:
        """What still has to come before a mail."""
        if self.starttls == "required" and not is_secure:
            return reply.STARTTLS_FIRST
        return reply.AUTH_FIRST if self.auth == "required" and not is_authenticated else None

    def withholds(self, is_secure: bool) -> bool:
        """Whether a client may have looked for something in EHLO that was not there."""
        return self.auth == "off" or (self.starttls == "off" and not is_secure)


def needs_tls(security: Security) -> bool:
    """Whether the settings ask for a certificate at all."""
    return security.starttls != "off" or security.implicit_tls
