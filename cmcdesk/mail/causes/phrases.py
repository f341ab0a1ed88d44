"""The notation of the tables, and the search for phrases in strangers' text.

A phrase is matched in flattened text: lower case, apostrophes dropped, other ASCII punctuation taken as a space:
"User_unknown", "user-unknown" and 'user "unknown"' are one. " … " stands for up to GAP characters of anything. A phrase
begins at the beginning of a word. Phrases in scripts without spaces are sought with all spaces of the text taken out,
since mail systems break lines within words of such scripts.

Addresses and URLs are taken out first: a mailbox named user-unknown@ is no evidence. A phrase that must see URLs and
host names starts with "@"; one that ends with "|" must end a word too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

GAP = 80
SHORT = 3  # letters: phrases as short as this must be whole words
MAX_TEXT = 6000  # characters of one text that are searched
_KEEP = "abcdefghijklmnopqrstuvwxyz0123456789"
_FLAT = {number: " " for number in range(128) if chr(number) not in _KEEP} | {
    ord("'"): None, ord("`"): None, ord("’"): None, ord("´"): None, ord("‘"): None, ord("\xa0"): " ",
}  # fmt: skip
_ADDRESS_OR_URL = re.compile(r"https?:/?/?\S*|\S*@\S+")


@dataclass(frozen=True, slots=True)
class Cause:
    """One row: the error status that its phrases mean, under a name that the page shows as the reason."""

    error_status: int
    name: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flat:
    """A text made ready for the search."""

    words: str  # without addresses and URLs
    whole: str  # with them
    dense: str  # without any space; "" if the text is plain ASCII


Row = tuple[str, tuple[str, ...], Cause]  # where to search, the pieces in their order, what they mean


def flatten(text: str) -> Flat:
    """Make a text ready for `find_cause`."""
    lowered = text[:MAX_TEXT].lower()
    words = _flatten(_ADDRESS_OR_URL.sub(" ", lowered) if "@" in lowered or "http" in lowered else lowered)
    whole = _flatten(lowered)
    return Flat(words, whole, "" if lowered.isascii() else whole.replace(" ", ""))


def _flatten(lowered: str) -> str:
    return f" {' '.join(lowered.translate(_FLAT).split())} "


def compile_rows(causes: Iterable[Cause]) -> tuple[Row, ...]:
    """The rows of a table, in their order, ready for `find_cause`."""
    return tuple(_compile(phrase, cause) for cause in causes for phrase in cause.phrases)


def _compile(phrase: str, cause: Cause) -> Row:
    where = "whole" if phrase.startswith("@") else "words"
    pieces = [_flatten(piece.lower()) for piece in phrase.removeprefix("@").split("…")]
    if any("\u3040" <= letter <= "\u9fff" for letter in phrase):
        return "dense", tuple(piece.replace(" ", "") for piece in pieces), cause
    return where, tuple(_loosen(piece, phrase.endswith("|")) for piece in pieces), cause


def _loosen(piece: str, closed: bool) -> str:
    """Endings of words are left open ("attachment" finds "attachments"), except after very short words and at "|"."""
    return piece if len(piece.strip()) <= SHORT or closed else piece.rstrip(" ")


def find_cause(rows: tuple[Row, ...], flat: Flat) -> tuple[Cause, str] | None:
    """The first row whose phrase stands in the text, with the phrase; None if there is none."""
    words, whole, dense = flat.words, flat.whole, flat.dense
    for where, pieces, cause in rows:
        text = words if where == "words" else whole if where == "whole" else dense
        first = pieces[0]
        if first in text and (len(pieces) == 1 or _follow(text, pieces)):
            return cause, " … ".join(piece.strip() for piece in pieces)
    return None


def _follow(text: str, pieces: tuple[str, ...]) -> bool:
    """True if the pieces follow each other, each within GAP characters of the one before."""
    at = text.find(pieces[0])
    for _ in range(8):  # tries from the first few places only: bounded time
        if at < 0:
            return False
        end = at + len(pieces[0])
        for piece in pieces[1:]:
            found = text.find(piece, end - 1, end + GAP + len(piece))
            if found < 0:
                break
            end = found + len(piece)
        else:
            return True
        at = text.find(pieces[0], at + 1)
    return False
