"""The few things all writers do: fold text, join it with octets, give it CRLF line ends, and draw what looks like
chance or time from one seeded generator, so that a run can be repeated.
"""

import random
import re
import textwrap
from datetime import UTC, datetime, timedelta, timezone

_LINE_END = re.compile(rb"\r\n|\r|\n")

JST = timezone(timedelta(hours=9), "JST")
DIGITS = "0123456789"
HEX = DIGITS + "abcdef"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHANUMERIC = DIGITS + UPPER + UPPER.lower()

_FIRST_MOMENT = datetime(2026, 4, 1, tzinfo=UTC)
_SPAN_SECONDS = 90 * 24 * 3600
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def fold(text: str, width: int, indent: str) -> str:
    """Return the text broken at blanks to at most `width` columns, further lines indented; long words stay whole."""
    return "\n".join(
        textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    )


def join(*pieces: str | bytes) -> bytes:
    """Return the pieces as octets, one after the other. Text must be ASCII: who knows the charset encodes the rest."""
    return b"".join(piece.encode("ascii") if isinstance(piece, str) else piece for piece in pieces)


def use_crlf(octets: bytes) -> bytes:
    """Return the octets with every line end made CRLF (RFC 5321 §2.3.8)."""
    return _LINE_END.sub(b"\r\n", octets)


def declare_8bit(octets: bytes) -> str:
    """Return the Content-Transfer-Encoding field (with line end) that a part with these octets needs, or ""."""
    return "" if octets.isascii() else "Content-Transfer-Encoding: 8bit\n"


def draw_moment(rng: random.Random) -> datetime:
    """Return a moment in UTC, whole seconds, within the quarter that the simulator plays in."""
    return _FIRST_MOMENT + timedelta(seconds=rng.randrange(_SPAN_SECONDS))


def draw_token(rng: random.Random, length: int, alphabet: str = ALPHANUMERIC) -> str:
    """Return `length` characters of the alphabet: queue ids, boundaries, tickets."""
    return "".join(rng.choices(alphabet, k=length))


def draw_uuid(rng: random.Random) -> str:
    """Return the text of a version 4 UUID (RFC 9562 §5.4)."""
    digits = draw_token(rng, 32, HEX)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{rng.choice('89ab')}{digits[17:20]}-{digits[20:]}"


def draw_address(rng: random.Random) -> str:
    """Return an IPv4 address of the blocks kept for documentation (RFC 5737)."""
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}"


def format_date(moment: datetime, zone: timezone = JST, comment: str = "") -> str:
    """Return a date-time of RFC 5322 §3.3 in that zone, whatever the machine's locale; `comment` as in "(JST)"."""
    local = moment.astimezone(zone)
    day, month = _WEEKDAYS[local.weekday()], _MONTHS[local.month - 1]
    written = f"{day}, {local.day} {month} {local.year} {local:%H:%M:%S %z}"
    return f"{written} ({comment})" if comment else written
