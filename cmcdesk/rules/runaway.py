"""Patterns that may run for ever: a repetition of what repeats itself, like (a+)+$, has endless ways to fail.

Here every search ends after 20 ms, but then it finds nothing, and other programs have no such limit: a warning, no
error. Looked for is an unbounded repetition of a group in which a branch is unbounded too and has nothing fixed beside
it, and one of a group whose branches make the same text in several ways, like (a|aa)+$ (OWASP, Regular expression
Denial of Service).
"""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import regex

from cmcdesk.rules.texts import Text, tell

OPENING = r"\((?:\?(?:[:=!>|]|<[=!]|P?<\w+>|[a-zA-Z-]+:))?"
TOKEN = re.compile(rf"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|{OPENING}|.", re.DOTALL)
QUANTIFIER = re.compile(
    r"(?P<endless>[*+]|\{\d*,\})(?P<possessive>\+)?\??|(?P<optional>\?|\{0?,\d+\})[?+]?|\{\d+(?:,\d+)?\}"
)
#: What atoms are tried on to see whether two of them can stand for the same character.
SAMPLES = string.printable + "\u00e9\u3042\u30a2\u6f22"
MOST_ROWS = 64  # of a branch with groups in it; such a pattern is looked at no further
WITHOUT_WIDTH = ("^", "$", r"\b", r"\B", r"\A", r"\Z")

Row = tuple[str, ...]  # of atoms
NOTHING_YET: list[Row] = [()]


@dataclass
class _Group:
    """What was seen of a group: in the branch that is being read, and (runs_away) in those before it."""

    start: int
    is_endless: bool = False
    is_any: bool = False  # what is endless is a dot: nothing beside it is a fixed point
    is_fixed: bool = False
    runs_away: bool = False
    rows: list[Row] | None = field(default_factory=lambda: list(NOTHING_YET))  # what this branch may be; None: no row
    branches: list[Row] = field(default_factory=list)  # rows of those before it

    def end_branch(self) -> None:
        """At | or )."""
        self.branches += [row for row in self.rows or () if row]
        self.rows = list(NOTHING_YET)
        self.runs_away |= self.is_endless and (self.is_any or not self.is_fixed)
        self.is_endless = self.is_any = self.is_fixed = False


def find_runaway(pattern: str) -> str | None:
    """The first piece of a pattern that may run for ever; None: there is none."""
    groups = [_Group(0)]
    position = 0
    while token := TOKEN.match(pattern, position):
        text, position = token[0], token.end()
        if text.startswith("("):
            groups.append(_Group(token.start()))
        elif text == "|":
            groups[-1].end_branch()
        else:
            closed = groups.pop() if text == ")" and len(groups) > 1 else None
            quantifier = QUANTIFIER.match(pattern, position)
            position = quantifier.end() if quantifier else position
            if closed and _close(closed, quantifier):
                return pattern[closed.start : position]
            _add(groups[-1], text, closed, quantifier)
    return None


def _close(group: _Group, quantifier: re.Match[str] | None) -> bool:
    """Whether the repetition of this group runs away."""
    group.end_branch()
    if not quantifier or not quantifier["endless"] or quantifier["possessive"]:
        return False
    return group.runs_away or is_ambiguous(group.branches)


def is_ambiguous(branches: list[Row]) -> bool:
    """Whether some text is a row of these branches in two ways (Sardinas and Patterson, 1953): what is left of one
    branch behind another that it begins with must never come out as a branch itself. A branch is a row of atoms."""
    left = {rest for at, one in enumerate(branches) for other in branches[at + 1 :] for rest in _rests(one, other)}
    seen: set[Row] = set()
    while left:
        if () in left:
            return True
        seen |= left
        left = {rest for one in left for word in branches for rest in _rests(one, word)} - seen
    return False


def _rests(one: Row, other: Row) -> list[Row]:
    """What is left of the longer where the shorter can be its beginning."""
    if not all(_samples_of(mine) & _samples_of(its) for mine, its in zip(one, other, strict=False)):
        return []
    return [max(one, other, key=len)[min(len(one), len(other)) :]]


@lru_cache(maxsize=1000)
def _samples_of(atom: str) -> frozenset[str]:
    try:
        compiled = regex.compile(atom)
    except regex.error:
        return frozenset()
    return frozenset(letter for letter in SAMPLES if compiled.fullmatch(letter))


def _add(group: _Group, text: str, closed: _Group | None, quantifier: re.Match[str] | None) -> None:
    """What an atom is to the group around it."""
    if quantifier or text in WITHOUT_WIDTH:
        group.rows = None
    elif group.rows is not None:
        ways = closed.branches if closed else [(text,)]
        is_few = 0 < len(group.rows) * len(ways) <= MOST_ROWS
        group.rows = [row + way for row in group.rows for way in ways] if is_few else None
    if quantifier and quantifier["endless"] and not quantifier["possessive"]:
        group.is_endless = True
        group.is_any |= text == "."
    elif closed and closed.runs_away:
        group.is_endless = True
    elif not (quantifier and quantifier["optional"]) and text not in WITHOUT_WIDTH:
        group.is_fixed = True


def warn_pattern(pattern: str) -> Text | None:
    """The warning for one pattern, None where there is nothing to warn of."""
    piece = find_runaway(pattern)
    if piece is None:
        return None
    return tell(
        (
            "Warning: “%(piece)s” can repeat itself in endless ways: for a value that does not match it may run "
            "without end (this program stops it after 20 ms and takes it as no match)."
        ),
        piece=piece,
    )


def list_warnings(settings: Mapping[str, Any]) -> list[tuple[str, str, Text]]:
    """(field, pattern, warning) of one composition's settings."""
    found = [(field, pattern, warn_pattern(pattern)) for field, pattern in _list_patterns(settings)]
    return [(field, pattern, warning) for field, pattern, warning in found if warning]


def _list_patterns(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for place, one in enumerate(settings.get("delivery_speed", ())):
        for number, pattern in enumerate(one["patterns"]):
            yield f"delivery_speed[{place}].patterns[{number}]", pattern
    for side, filters in settings.get("forwarding", {}).items():
        for place, one in enumerate(filters):
            yield f"forwarding.{side}[{place}].pattern", one["pattern"]
    for place, one in enumerate(settings.get("inbound_webhook", ())):
        for number, each in enumerate(one["condition"]):
            yield f"inbound_webhook[{place}].condition[{number}].pattern", each["pattern"]
