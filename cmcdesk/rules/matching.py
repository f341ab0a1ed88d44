"""通知条件: which inbound filters a mail matches.

Ours: every condition of a filter must match; every matching filter fires; a pattern is searched in the decoded value of
any field of that name (header names without regard to case, patterns with), for at most 20 ms; one that runs out of its
time three times is set aside until it is changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import regex

from cmcdesk.mail.mime.fields import Fields, is_plain
from cmcdesk.mail.mime.words import decode_field

TIME_LIMIT = 0.020  # seconds for one pattern and mail
TIMEOUTS_ALLOWED = 3
FIELDS_SEARCHED = 20  # fields of one name in one mail

# Senders repeat themselves (all mails of a form have one To), and a search with a time limit costs twenty look-ups.
REMEMBERED_BODIES = 4096
REMEMBERED_OCTETS = 512


@dataclass(slots=True)
class Pattern:
    """One condition, ready to be searched. Counts its own time-outs: a catastrophic one costs 60 ms in all."""

    filter: str
    header: str
    text: str
    compiled: "regex.Pattern[str]"
    timeouts: int = 0

    @property
    def is_set_aside(self) -> bool:
        return self.timeouts >= TIMEOUTS_ALLOWED

    def is_found(self, value: str, limit: float) -> bool:
        """A search that runs out of its time (seconds) finds nothing."""
        if self.is_set_aside:
            return False
        try:
            return self.compiled.search(value, timeout=limit) is not None
        except TimeoutError:
            self.timeouts += 1
            return False


@dataclass(slots=True)
class HeaderSearch:
    """All patterns on one header. The result is a set of bits, one for each pattern of the composition, so that a body
    seen before costs one look-up, however many patterns there are."""

    patterns: dict[int, Pattern]  # by bit
    remembered: dict[bytes, int] = field(default_factory=dict)

    def bits_of(self, bodies: Sequence[bytes]) -> int:
        """The bits of the patterns that are found in any of the raw bodies.

        The bodies of one mail share the time limit, and no more than FIELDS_SEARCHED of them are searched: a mail with
        very many fields of one name costs no more than another.
        """
        bits = 0
        for body in bodies[:FIELDS_SEARCHED]:
            found = self.remembered.get(body)
            bits |= self._search(body, TIME_LIMIT / min(len(bodies), FIELDS_SEARCHED)) if found is None else found
        return bits

    def _search(self, body: bytes, limit: float) -> int:
        value = decode_field_body(body)
        timeouts = self._timeouts()
        found = sum(bit for bit, pattern in self.patterns.items() if pattern.is_found(value, limit))
        if len(body) <= REMEMBERED_OCTETS and self._timeouts() == timeouts:
            if len(self.remembered) >= REMEMBERED_BODIES:
                self.remembered.clear()
            self.remembered[body] = found
        return found

    def _timeouts(self) -> int:
        return sum(pattern.timeouts for pattern in self.patterns.values())


@dataclass(frozen=True, slots=True)
class Filter:
    """One inbound notification (受信通知) that is switched on. bits: of its patterns, all of which must be found."""

    name: str
    patterns: tuple[Pattern, ...]
    bits: int


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one composition in one revision."""

    filters: tuple[Filter, ...]
    searches: dict[str, HeaderSearch]  # by lower-case header name
    _names: dict[int, list[str]] = field(default_factory=lambda: {0: []})  # by the bits found

    @property
    def header_names(self) -> frozenset[str]:
        """Lower case: what must be scanned for them."""
        return frozenset(self.searches)

    def recall(self, fields: Fields) -> list[str] | None:
        """What `match` says, where all that it would search was seen before; else None."""
        bits = 0
        for header, search in self.searches.items():
            for body in fields.get(header, ())[:FIELDS_SEARCHED]:
                found = search.remembered.get(body)
                if found is None:
                    return None
                bits |= found
        return self._names_of(bits)

    def match(self, fields: Fields) -> list[str]:
        """Names of the filters whose conditions all match."""
        bits = 0
        for header, search in self.searches.items():
            if bodies := fields.get(header):
                bits |= search.bits_of(bodies)
        return self._names_of(bits)

    def _names_of(self, bits: int) -> list[str]:
        names = self._names.get(bits)
        if names is None:
            if len(self._names) >= REMEMBERED_BODIES:
                self._names.clear()
            names = self._names[bits] = [one.name for one in self.filters if one.bits & bits == one.bits]
        return names

    def set_aside(self) -> list[Pattern]:
        """The patterns that ran out of their time too often, for the page to name."""
        return [pattern for one in self.filters for pattern in one.patterns if pattern.is_set_aside]


def compile_filters(named: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> Filters:
    """From (filter name, [(header name, pattern), …]). Raises regex.error for a pattern that does not compile."""
    searches: dict[str, HeaderSearch] = {}
    filters = []
    bits = (1 << position for position in count())
    for name, conditions in named:
        patterns = {next(bits): Pattern(name, header.lower(), text, regex.compile(text)) for header, text in conditions}
        for bit, pattern in patterns.items():
            searches.setdefault(pattern.header, HeaderSearch({})).patterns[bit] = pattern
        filters.append(Filter(name, tuple(patterns.values()), sum(patterns)))
    return Filters(tuple(filters), searches)


def decode_field_body(body: bytes) -> str:
    """The decoded text of a raw field body, as a webhook says it; plain ones take the short way."""
    text = body.decode("ascii") if is_plain(body) else ""
    return text if text and text.isprintable() else decode_field(body)
