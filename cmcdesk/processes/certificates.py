"""TLS for the listeners: an own certificate authority in the data folder, made at first use, or the user's own files.

The authority is trustme's (imported only here, and only when TLS is on). Its certificate and key are one file that only
its user may read; the servers' own certificates are made anew at each start and never kept.
"""

import ipaddress
import os
import socket
import ssl
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cmcdesk.rules.texts import TellingError, tell

CA_FILE = "tls/ca.pem"
ALWAYS_NAMED = ("localhost", "127.0.0.1", "::1")
LONGEST_LABEL = 63


class BadCertificate(TellingError, ValueError):
    """The user's certificate or key cannot be used; the message says which file and why."""


class KeyProtected(ValueError):
    """The user's key asks for a password."""


def read_ca(folder: Path) -> bytes:
    """The authority of this data folder as PEM, certificate first, then key; made where there is none yet."""
    path = folder / CA_FILE
    if not path.exists():
        _make_ca(path)
    return path.read_bytes()


def read_ca_certificate(folder: Path) -> bytes:
    """The certificate that clients have to trust, as PEM."""
    certificate, end, _key = read_ca(folder).partition(b"-----END CERTIFICATE-----\n")
    return certificate + end


def issue_context(folder: Path, names: Iterable[str]) -> ssl.SSLContext:
    """A server's context with a new certificate of the own authority for these names and addresses, for localhost and
    for this machine's name."""
    import trustme

    pem = read_ca(folder)
    ca = trustme.CA.from_pem(read_ca_certificate(folder), pem)
    named = dict.fromkeys([*ALWAYS_NAMED, socket.gethostname(), *names])
    leaf = ca.issue_cert(*filter(_can_be_named, named), organization_name="cmcdesk")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def load_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """A server's context with the user's own files; key None: it is in the same file. Raises BadCertificate."""
    for path in filter(None, (certificate, key)):
        if not path.is_file():
            raise BadCertificate(tell("%(path)s: no such file", path=path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=_refuse_password)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        files = ", ".join(str(path) for path in (certificate, key) if path)
        if isinstance(error, KeyProtected):
            raise BadCertificate(
                tell("%(files)s: the key is protected by a password; give one without", files=files)
            ) from error
        raise BadCertificate(tell("%(files)s: %(reason)s", files=files, reason=reason)) from error
    return context


def _refuse_password() -> str:
    """Else OpenSSL would ask on the terminal."""
    raise KeyProtected


def _make_ca(path: Path) -> None:
    """Appears whole, and once: of two that make it at the same time the first one's stays."""
    import trustme

    ca = trustme.CA(organization_name="cmcdesk", organization_unit_name=f"own CA of {socket.gethostname()[:40]}")
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent)  # 0600
    with os.fdopen(handle, "wb") as file:
        file.write(ca.cert_pem.bytes() + ca.private_key_pem.bytes())
    with suppress(FileExistsError):
        os.link(beside, path)
    Path(beside).unlink()


def _can_be_named(name: str) -> bool:
    """Whether it can stand in a certificate: an address of its own, or a name that DNS could hold."""
    try:
        return not ipaddress.ip_address(name).is_unspecified
    except ValueError:
        return bool(name) and name.isascii() and all(0 < len(label) <= LONGEST_LABEL for label in name.split("."))
