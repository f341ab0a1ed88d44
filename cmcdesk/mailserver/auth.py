"""SMTP AUTH (RFC 4954): the mechanisms PLAIN (RFC 4616) and LOGIN, and who asks whether a password is right."""

import asyncio
import base64
import binascii
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.rules.passwords import digest_key, is_password

MECHANISMS = "PLAIN LOGIN"
RESPONSE_LIMIT = 12_288  # octets of a line; RFC 4954 §4
CANCEL = b"*"

Ask = Callable[[bytes], Awaitable[bytes]]  # sends a challenge (the text after 334) → the client's line, without CRLF


class Credentials(NamedTuple):
    """What a client showed."""

    user: str
    password: str


class Authenticator(Protocol):
    """Whether credentials are right: any source of users may stand behind it."""

    async def check(self, shown: Credentials) -> bool:
        """Called on the loop; what takes long belongs into a thread."""


class AnyUser:
    """Lets everybody in who shows a user at all."""

    async def check(self, shown: Credentials) -> bool:
        return bool(shown.user)


class KeptUsers:
    """Those of the settings: `user:$scrypt$…`. The slow hash is made once for a password that is right; afterwards it
    is known by a fast one, whose key lives in this process alone: a client may connect for every mail."""

    def __init__(self, users: Sequence[str]) -> None:
        self._hashes = dict(user.split(":", 1) for user in users)
        self._key = secrets.token_bytes(32)
        self._right: dict[str, bytes] = {}  # user → fast hash
        self._one_by_one = asyncio.Lock()

    async def check(self, shown: Credentials) -> bool:
        """Takes as long for a user that there is as for one that there is not."""
        fast = hmac.digest(self._key, shown.password.encode(), "sha256")
        if hmac.compare_digest(self._right.get(shown.user, b""), fast):
            return True
        async with self._one_by_one:  # many that come at once need not all make it
            if hmac.compare_digest(self._right.get(shown.user, b""), fast):
                return True
            kept = self._hashes.get(shown.user, "")
            is_right = await asyncio.to_thread(is_password, kept, shown.user, shown.password)
            if is_right:
                self._right[shown.user] = fast
            return is_right


class KeyDigests:
    """API users that may use SMTP. digests: name → `digest_key` of the key; with none, nobody is let in."""

    def __init__(self, digests: Mapping[str, str]) -> None:
        self._digests = dict(digests)

    async def check(self, shown: Credentials) -> bool:
        """Takes as long for a user that there is as for one that there is not."""
        kept = self._digests.get(shown.user)
        is_same = hmac.compare_digest(digest_key(shown.password).encode(), (kept or digest_key("")).encode())
        return is_same and kept is not None


async def take_credentials(argument: str, ask: Ask) -> Credentials | Reply:
    """The dialogue of one AUTH command; argument: mechanism and perhaps an initial response. A Reply refuses."""
    mechanism, _, initial = argument.partition(" ")
    if mechanism.upper() not in MECHANISMS.split():
        return reply.UNKNOWN_MECHANISM if mechanism else reply.AUTH_SYNTAX
    try:
        if mechanism.upper() == "PLAIN":
            return _read_plain(await _respond(initial, b"", ask))
        user = await _respond(initial, b"Username:", ask)
        return Credentials(_as_text(user), _as_text(await _respond("", b"Password:", ask)))
    except _Cancelled:
        return reply.AUTH_CANCELLED
    except (binascii.Error, ValueError):
        return reply.BAD_AUTH_RESPONSE


class _Cancelled(Exception):
    """The client sent `*`."""


async def _respond(initial: str, challenge: bytes, ask: Ask) -> bytes:
    """The decoded response: the initial one (`=` is an empty one), else what the client answers."""
    line = initial.strip().encode("utf-8", "surrogateescape") or await ask(base64.b64encode(challenge))
    if line == CANCEL:
        raise _Cancelled
    return b"" if line == b"=" else base64.b64decode(line, validate=True)


def _read_plain(response: bytes) -> Credentials | Reply:
    """`authzid NUL authcid NUL password`; who wants to act for another is refused as one with a wrong password is (RFC
    4616 §2): it was no fault of writing."""
    acting_for, user, password = response.split(b"\0")
    if acting_for not in (b"", user):
        return reply.BAD_CREDENTIALS
    return Credentials(_as_text(user), _as_text(password))


def _as_text(octets: bytes) -> str:
    return octets.decode("utf-8", "strict")
