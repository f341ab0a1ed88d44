"""Passwords and keys that clients show: of each only a hash is kept. Of a password that of scrypt (RFC 7914), with its
user's name.

The salt is made of the user's name: the same settings file gives the same settings every time it is imported.
"""

import base64
import hashlib
import hmac
import re

COST = 2**14  # with blocks of 8: 16 MB and some 40 ms a password
MARK = "$scrypt$"
_KEPT = re.compile(re.escape(MARK) + r"[A-Za-z0-9+/]{43}=")


def digest_key(api_key: str) -> str:
    """What is kept of an API user's key: its SHA-256, in hexadecimal. No slow hash: a key is no password, and is asked
    for with every search and every connection."""
    return hashlib.sha256(api_key.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(user: str, password: str) -> str:
    """What is kept of a password: `$scrypt$` and 32 octets as base64."""
    salt = hashlib.sha256(f"cmcdesk {user}".encode()).digest()[:16]
    octets = hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=COST, r=8, p=1, dklen=32)
    return MARK + base64.b64encode(octets).decode("ascii")


def is_hashed(text: str) -> bool:
    """Whether that is what `hash_password` gives."""
    return _KEPT.fullmatch(text) is not None


def is_password(kept: str, user: str, password: str) -> bool:
    """Whether that user's password is the one whose hash is kept."""
    return hmac.compare_digest(kept, hash_password(user, password))
