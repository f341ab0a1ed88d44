"""通知条件: which inbound filters a mail matches.

Ours: every condition of a filter must match; every matching filter fires; a pattern is searched in the decoded value of
any field of that name (header names without regard to case, patterns with), for at most 20 ms; one that runs out of its
time three times is set aside until it is changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import regex

from cmcdesk.mail.fields import Fields, is_plain

TIME_LIMIT = 0.020  # seconds for one pattern and mail
TIMEOUTS_ALLOWED = 3
FIELDS_SEARCHED = 20  # fields of one name in one mail

# Senders repeat themselves (all mails of a form have one To), and a search with a time limit costs twenty look-ups.
REMEMBERED_VALUES = 1024
REMEMBERED_LENGTH = 512

Decoder = Callable[[bytes], str]


@dataclass(slots=True)
class Pattern:
    """One condition, ready to be searched. Counts its own time-outs: a catastrophic one costs 60 ms in all."""

    filter: str
    header: str
    text: str
    compiled: "regex.Pattern[str]"
    timeouts: int = 0
    _known: dict[str, bool] = field(default_factory=dict)

    @property
    def is_set_aside(self) -> bool:
        return self.timeouts >= TIMEOUTS_ALLOWED

    def matches(self, values: Sequence[str]) -> bool:
        """Whether it is found in any of the values; a search that runs out of time is no match.

        The values of one mail share the time limit, and no more than FIELDS_SEARCHED of them are searched: a mail with
        very many fields of one name costs no more than another.
        """
        known = self._known
        searched = values[:FIELDS_SEARCHED]
        limit = TIME_LIMIT / max(1, len(searched))
        return any(known[value] if value in known else self._search(value, limit) for value in searched)

    def _search(self, value: str, limit: float) -> bool:
        if self.is_set_aside:
            return False
        try:
            found = self.compiled.search(value, timeout=limit) is not None
        except TimeoutError:
            self.timeouts += 1
            return False
        if len(value) <= REMEMBERED_LENGTH:
            if len(self._known) >= REMEMBERED_VALUES:
                self._known.clear()
            self._known[value] = found
        return found


@dataclass(frozen=True, slots=True)
class Filter:
    """One inbound notification (受信通知) that is switched on."""

    name: str
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one composition in one revision. header_names: lower case, what must be scanned for them."""

    filters: tuple[Filter, ...]
    decode: Decoder
    header_names: frozenset[str] = field(default=frozenset())

    def match(self, fields: Fields) -> list[str]:
        """Names of the filters whose conditions all match."""
        if not self.filters:
            return []
        decoded: dict[str, list[str]] = {}
        return [one.name for one in self.filters if self._matches(one, fields, decoded)]

    def _matches(self, one: Filter, fields: Fields, decoded: dict[str, list[str]]) -> bool:
        for pattern in one.patterns:
            values = decoded.get(pattern.header)
            if values is None:
                bodies = fields.get(pattern.header, ())
                values = decoded[pattern.header] = [decode_body(body, self.decode) for body in bodies]
            if not values or not pattern.matches(values):
                return False
        return True

    def set_aside(self) -> list[Pattern]:
        """The patterns that ran out of their time too often, for the page to name."""
        return [pattern for one in self.filters for pattern in one.patterns if pattern.is_set_aside]


def compile_filters(named: Sequence[tuple[str, Sequence[tuple[str, str]]]], decode: Decoder) -> Filters:
    """From (filter name, [(header name, pattern), …]). Raises regex.error for a pattern that does not compile."""
    filters = tuple(
        Filter(name, tuple(Pattern(name, header.lower(), text, regex.compile(text)) for header, text in conditions))
        for name, conditions in named
    )
    names = frozenset(pattern.header for one in filters for pattern in one.patterns)
    return Filters(filters, decode, names)


def decode_body(body: bytes, decode: Decoder) -> str:
    """The decoded text of a raw field body; plain ones take the short way."""
    return body.decode("ascii") if is_plain(body) else decode(body)
