"""All in a mail that looks like chance or time, drawn from one seeded generator so that a run can be repeated."""

import random
from datetime import UTC, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")
DIGITS = "0123456789"
HEX = DIGITS + "abcdef"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHANUMERIC = DIGITS + UPPER + UPPER.lower()

_FIRST_MOMENT = datetime(2026, 4, 1, tzinfo=UTC)
_SPAN_SECONDS = 90 * 24 * 3600
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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
