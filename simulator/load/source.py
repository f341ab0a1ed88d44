"""Mails for a load: a pool prepared beforehand, each sending stamped with a Message-ID of its own."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.load.prepared import Prepared
from simulator.traffic.mail import Mail

MESSAGE_ID_FIELD = re.compile(rb"(?im)^message-id:[^\n]*\n(?:[ \t][^\n]*\n)*")
MOST_IN_POOL = 64
MOST_OCTETS_IN_POOL = 64 * 1024 * 1024
PLAIN_LINE = b"The quick brown fox jumps over the lazy dog while the mail server counts it.\r\n"

MakeMail = Callable[[random.Random, int | None], Mail]  # the size (octets as sent) that is wanted, or None


class BadSize(ValueError):
    """A size that is none, or that a mail cannot have; the text says which."""


@dataclass(frozen=True)
class Sizes:
    """Octets as they arrive, header and stamp included; ``least`` = ``most`` for a fixed size."""

    least: int
    most: int

    def draw(self, rng: random.Random) -> int:
        """One size of the range, evenly."""
        return rng.randint(self.least, self.most)


def parse_sizes(text: str) -> Sizes:
    """Read "2048", "100k", "10M" or a range "1k-100k" (k = 1024). Raises BadSize."""
    ends = [re.fullmatch(r"\s*(\d+)\s*([kKmM]?)[bB]?\s*", part) for part in text.split("-")]
    if not 1 <= len(ends) <= 2 or None in ends:
        raise BadSize(f"size {text!r}: give octets like 2048, 100k, 10M, or a range 1k-100k")
    octets = [int(end[1]) * {"": 1, "k": 1024, "m": 1024**2}[end[2].lower()] for end in ends if end]
    if octets[0] > octets[-1] or octets[0] < 1:
        raise BadSize(f"size {text!r}: the first number is at least 1 and not above the second")
    return Sizes(octets[0], octets[-1])


class Pool:
    """A source that sends the mails of its pool in turn, the n-th sending stamped ``<RUN.n@load.example>``."""

    def __init__(self, mails: Sequence[Prepared], run: str) -> None:
        self._mails = list(mails)
        self.run = run

    def take(self, number: int) -> tuple[Prepared, bytes]:
        """Mail ``number`` and its stamp."""
        return self._mails[number % len(self._mails)], write_stamp(self.run, number)


def name_run(rng: random.Random) -> str:
    """A name of 10 characters that no other run has."""
    return f"{rng.getrandbits(40):010x}"


def write_message_id(run: str, number: int) -> str:
    """The Message-ID of that sending, in angle brackets; always of one length, for the sake of the size."""
    return f"<{run}.{number:010d}@load.example>"


def write_stamp(run: str, number: int) -> bytes:
    """The Message-ID field of that sending."""
    return b"Message-ID: %b\r\n" % write_message_id(run, number).encode()


STAMP_LENGTH = len(write_stamp("0" * 10, 0))


def make_pool(
    make: MakeMail, rng: random.Random, count: int | None, sizes: Sizes | None = None, declare: int | bool = False
) -> Pool:
    """Prepare up to MOST_IN_POOL mails; ``declare`` True: their true size, a number: that lie, False: nothing."""
    wanted = min(count or MOST_IN_POOL, MOST_IN_POOL)
    prepared: list[Prepared] = []
    while len(prepared) < wanted and sum(mail.size for mail in prepared) < MOST_OCTETS_IN_POOL:
        prepared.append(prepare(make, rng, sizes.draw(rng) if sizes else None, declare))
    return Pool(prepared, name_run(rng))


def prepare(make: MakeMail, rng: random.Random, size: int | None, declare: int | bool) -> Prepared:
    """One mail whose own Message-ID gives way to the stamp, of exactly ``size`` octets when sent."""
    state = rng.getstate()
    mail = make(rng, size)
    own = own_message_id_length(mail.octets)
    if size is not None and own != STAMP_LENGTH:
        rng.setstate(state)
        mail = make(rng, size - STAMP_LENGTH + own)
    head = header_of(mail.octets)
    rest = MESSAGE_ID_FIELD.sub(b"", head, count=1) + mail.octets[len(head) :]
    declared = len(rest) + STAMP_LENGTH if declare is True else None if declare is False else declare
    return Prepared(mail.sender, mail.recipients, rest, declared, STAMP_LENGTH)


def header_of(octets: bytes) -> bytes:
    """The header fields, up to the empty line (without it)."""
    end = octets.find(b"\r\n\r\n")
    return octets if end < 0 else octets[: end + 2]


def own_message_id_length(octets: bytes) -> int:
    """How many octets the mail's own Message-ID field takes (0 if it has none)."""
    found = MESSAGE_ID_FIELD.search(header_of(octets))
    return len(found[0]) if found else 0


def make_plain(sender: str, recipients: Sequence[str]) -> MakeMail:
    """A maker of the plainest mail there is, for loads where speed is the question."""

    def make(rng: random.Random, size: int | None) -> Mail:
        head = (
            f"From: {sender or 'nobody@load.example'}\r\nTo: {', '.join(recipients)}\r\n"
            f"Date: Tue, 24 Nov 2026 12:00:00 +0900\r\nSubject: load {rng.getrandbits(24):06x}\r\n\r\n"
        ).encode()
        return Mail(sender, tuple(recipients), head + fill(size - len(head) if size is not None else len(PLAIN_LINE)))

    return make


def fill(length: int) -> bytes:
    """``length`` octets of text lines, the last one ended by CRLF. Raises BadSize below 2."""
    if length < 2:
        raise BadSize(f"a plain mail cannot be so small: {length} octets would be left for its text")
    text = PLAIN_LINE * (length // len(PLAIN_LINE) + 1)
    return text[: length - 2].rstrip(b"\r\n").ljust(length - 2, b".") + b"\r\n"
