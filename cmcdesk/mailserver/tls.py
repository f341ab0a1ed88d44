"""Which certificate a listener shows: the user's own, else one that the own authority issues for it."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from ssl import SSLContext

from cmcdesk.mailserver.protection import FindContext
from cmcdesk.processes.certificates import issue_context, load_context
from cmcdesk.rules.settings import Composition

TLS_PORT = 10465  # of implicit TLS (ours); 465 is its number in RFC 8314 §3.3


@dataclass(frozen=True)
class Tls:
    """folder: the data folder; port: of implicit TLS, 0 for any free one; certificate, key: the user's own, or None;
    names: more that an issued certificate is for."""

    folder: Path
    port: int = TLS_PORT
    certificate: Path | None = None
    key: Path | None = None
    names: tuple[str, ...] = ()
    _contexts: dict[tuple[str, ...], SSLContext] = field(default_factory=dict)  # so that an apply changes none

    def certify(self, composition: Composition, host: str) -> FindContext:
        """The user's own files are read now, an own certificate is made at the first call: most sessions never ask.
        Both raise BadCertificate, OSError."""
        if self.certificate:
            context = load_context(self.certificate, self.key)
            return lambda: context
        return partial(self._issue, (composition.smtp_host, host, *self.names))

    def _issue(self, names: tuple[str, ...]) -> SSLContext:
        if names not in self._contexts:
            self._contexts[names] = issue_context(self.folder, names)
        return self._contexts[names]
