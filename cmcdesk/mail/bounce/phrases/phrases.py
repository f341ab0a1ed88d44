"""The notation of the tables, and the search for phrases in strangers' text.

A phrase is matched in flattened text: lower case, apostrophes dropped, other ASCII punctuation taken as a space:
"User_unknown", "user-unknown" and 'user "unknown"' are one. " … " stands for up to GAP characters of anything. A phrase
begins at the beginning of a word. Names (addresses, URLs, hosts, files) are taken out first: a mailbox named
user-unknown@ is no evidence. A phrase that must see them starts with "@"; one that ends with "|" must end a word too.

Phrases in scripts without spaces are sought with all spaces of the text taken out, since mail systems break lines
within words of such scripts, and without "ー", which many leave out at a word's end (サーバ, サーバー). There " … "
stays within a sentence, and one that ends with ません finds the plain forms too: 見つかりません, 見つからない.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from cmcdesk.mail.bounce.phrases.names import hide_mailbox, hide_names
from cmcdesk.mail.bounce.phrases.relays import MAX_TEXT

GAP = 80
DENSE_GAP = 24
BEGINNING = 4  # letters by which rows are indexed
SYLLABLES = 2  # the same in Korean, whose words take endings
SHORT = 3  # letters: phrases as short as this must be whole words
_KEEP = "abcdefghijklmnopqrstuvwxyz0123456789"
_FLAT = {number: " " for number in range(128) if chr(number) not in _KEEP} | {
    ord("'"): None, ord("`"): None, ord("’"): None, ord("´"): None, ord("‘"): None, ord("\xa0"): " ",
}  # fmt: skip
_DENSE = re.compile(r"[\sー「」『』\"'<>()\[\]]+")
END = "。"
_SHORT_LINE = re.compile(r"^(.{1,24})$", re.M)
_IS_DENSE = re.compile(r"[\u3040-\u9fff]")
_IS_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_PLAIN_FORM = str.maketrans("りきしいちみびぎに", "らかしわたまばがな")  # 見つかりません → 見つからな(い, かった, く)


@dataclass(frozen=True, slots=True)
class Cause:
    """One row: the error status that its phrases mean, under a name that the page shows as the reason."""

    error_status: int
    name: str
    phrases: tuple[str, ...]


@dataclass(frozen=True)
class Flat:
    """A text made ready for the search."""

    words: str  # without names
    whole: str  # with them
    dense: str  # without names and spaces; "" if the text is plain ASCII
    clauses: str  # the same with END where a short line ends: a label and what stands below it are no sentence

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """How the words of the text begin."""
        words = self.whole.split()
        found = frozenset([word[:BEGINNING] for word in words])
        return found | {word[:SYLLABLES] for word in words} if _IS_HANGUL.search(self.dense) else found


_WITHOUT_SPACES = ("dense", "clauses")
Row = tuple[str, tuple[str, ...], Cause]  # where to search, the pieces in their order, what they mean


@dataclass(frozen=True)
class Table:
    """Rows in their order, with an index: most rows need not be looked at, as a word of theirs is not in the text."""

    rows: tuple[Row, ...]

    @cached_property
    def by_beginning(self) -> dict[str, tuple[int, ...]]:
        """Rows by how the longest word of their first piece begins."""
        index: dict[str, tuple[int, ...]] = {}
        for number, (where, pieces, _cause) in enumerate(self.rows):
            if where not in _WITHOUT_SPACES:
                word = max(pieces[0].split(), key=len)
                beginning = word[: SYLLABLES if _IS_HANGUL.search(word) else BEGINNING]
                index[beginning] = (*index.get(beginning, ()), number)
        return index

    @cached_property
    def by_letter(self) -> dict[str, tuple[int, ...]]:
        """Rows in scripts without spaces by their first letter."""
        index: dict[str, tuple[int, ...]] = {}
        for number, (where, pieces, _cause) in enumerate(self.rows):
            if where in _WITHOUT_SPACES:
                index[pieces[0][0]] = (*index.get(pieces[0][0], ()), number)
        return index


def make_flat(text: str, mailbox: str = "") -> Flat:
    """Make a text ready for `find_cause`. mailbox: the recipient's local part, whose name is no evidence either."""
    clipped = text[:MAX_TEXT]
    if not clipped.isascii():
        clipped = unicodedata.normalize("NFKC", clipped)
    named = hide_mailbox(hide_names(clipped), mailbox)
    lowered = named.lower()
    words = _flatten(lowered)
    whole = words if named is clipped else _flatten(clipped.lower())
    if lowered.isascii():
        return Flat(words, whole, "", "")
    return Flat(words, whole, _DENSE.sub("", lowered), _DENSE.sub("", _SHORT_LINE.sub(r"\1" + END, lowered)))


def holds(line: str, piece: str) -> bool:
    """True if a found piece of a phrase stands in this line."""
    lowered = line[:MAX_TEXT].lower()
    if piece in _flatten(lowered):
        return True
    return not lowered.isascii() and piece in make_flat(line).dense


def _flatten(lowered: str) -> str:
    return f" {' '.join(lowered.translate(_FLAT).split())} "


def compile_rows(causes: Iterable[Cause]) -> Table:
    """The rows of a table, in their order, ready for `find_cause`."""
    return Table(tuple(row for cause in causes for phrase in cause.phrases for row in _compile(phrase, cause)))


def _compile(phrase: str, cause: Cause) -> list[Row]:
    if _IS_DENSE.search(phrase):
        packed = [_pack(form) for form in _inflect(phrase)]
        return [("dense" if len(pieces) == 1 else "clauses", pieces, cause) for pieces in packed]
    where = "whole" if phrase.startswith("@") else "words"
    pieces = [_flatten(piece.lower()) for piece in phrase.removeprefix("@").split("…")]
    return [(where, tuple(_loosen(piece, phrase.endswith("|")) for piece in pieces), cause)]


def _pack(phrase: str) -> tuple[str, ...]:
    return tuple(_DENSE.sub("", unicodedata.normalize("NFKC", piece).lower()) for piece in phrase.split("…"))


def _inflect(phrase: str) -> list[str]:
    """The phrase and its plain negative form."""
    stem = phrase.removesuffix("ません")
    if stem == phrase:
        return [phrase]
    plain = stem if stem.endswith("でき") else stem[:-1] + stem[-1].translate(_PLAIN_FORM)
    return [phrase, plain + "な", plain + "ず"]


def _loosen(piece: str, closed: bool) -> str:
    """Endings of words are left open ("attachment" finds "attachments"), except after very short words and at "|"."""
    is_short = len(piece.strip()) <= SHORT and not _IS_HANGUL.search(piece)  # its endings follow whatever it is
    return piece if is_short or closed else piece.rstrip(" ")


def find_cause(table: Table, flat: Flat) -> tuple[Cause, str] | None:
    """The first row whose phrase stands in the text, with the phrase; None if there is none."""
    index = table.by_beginning
    numbers = [number for beginning in flat.beginnings & index.keys() for number in index[beginning]]
    if flat.dense:
        letters = table.by_letter
        numbers += [number for letter in letters.keys() & set(flat.dense) for number in letters[letter]]
    numbers.sort()
    texts = {"words": flat.words, "whole": flat.whole, "dense": flat.dense, "clauses": flat.clauses}
    for number in numbers:
        where, pieces, cause = table.rows[number]
        text = texts[where]
        if pieces[0] in text and (len(pieces) == 1 or _follow(text, pieces, where == "clauses")):
            return cause, " … ".join(piece.strip() for piece in pieces)
    return None


def _follow(text: str, pieces: tuple[str, ...], is_dense: bool) -> bool:
    """True if the pieces follow each other, each within the gap behind the one before."""
    at = text.find(pieces[0])
    gap = DENSE_GAP if is_dense else GAP
    for _ in range(8):  # tries from the first few places only: bounded time
        if at < 0:
            return False
        end = at + len(pieces[0])
        for piece in pieces[1:]:
            found = text.find(piece, end if is_dense else end - 1, end + gap + len(piece))
            if found < 0 or (is_dense and END in text[end:found]):
                break
            end = found + len(piece)
        else:
            return True
        at = text.find(pieces[0], at + 1)
    return False
