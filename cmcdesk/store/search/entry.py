"""What of a mail is searched, and how a search is asked of the index.

The index cuts everything into pieces of three characters (SQLite's FTS5, tokenizer trigram), so it finds any part of a
word, in Japanese too. Composition and routes of a mail are pieces of their own, made of private-use characters: a rare
composition is found as fast as a rare word. What the index finds is checked against mail.db, so that a mail which
holds such characters itself does no harm.

Letters that look the same and are written with different characters are taken for one. An accent or a voiced mark may
be a character of its own (NFD, as macOS writes file names) or part of its letter (NFC). Wave dash, minus and their like
have two characters each in Unicode, by which table Japanese text was converted.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cmcdesk.mail.mime.message import read_message
from cmcdesk.mail.mime.visible import strip_html
from cmcdesk.store.maillog.schema import ROUTE_BITS

_OF_JIS = "〜−‖—¢£¬"
_OF_MICROSOFT = "～－∥―￠￡￢"
_TO_MICROSOFT = str.maketrans(_OF_JIS, _OF_MICROSOFT)
_TO_JIS = str.maketrans(_OF_MICROSOFT, _OF_JIS)

SHORTEST = 3  # characters that the index can look for
READ_OCTETS = 256 << 10  # of a mail, from its beginning
TEXT_LENGTH = 64 << 10  # characters of its text
PIECES = 5  # of a search that the index is asked for: each costs, and the check against mail.db looks at the whole


def unify(text: str) -> str:
    """The text in the one spelling that is compared: NFC, Microsoft's characters."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_TO_MICROSOFT)


def list_spellings(search: str) -> list[str]:
    """The ways in which `search` may stand in a column that is kept as it came; one for ASCII, at most four."""
    if search.isascii():
        return [search]
    forms = [unicodedata.normalize(form, search) for form in ("NFC", "NFD")]
    return list(dict.fromkeys(form.translate(table) for form in forms for table in (_TO_MICROSOFT, _TO_JIS)))


_FIRST_NUMBER, _NUMBERS = 0xE100, 0x1700


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index takes of one mail; received_at: seconds since 1970."""

    mail_id: int
    received_at: float
    composition: str
    routes: int
    fields: str
    text: str | None  # None: the mail is set aside, its text is not read


def extract_text(octets: bytes) -> str:
    """The text of a mail as it is searched: text/plain, else what the HTML shows; unified. Total; bounded."""
    message = read_message(octets[:READ_OCTETS])
    text = message.text if message.text is not None else strip_html(message.html or "")
    return unify(text[:TEXT_LENGTH])


def join_fields(fields: Iterable[str]) -> str:
    """The searched columns of a mail row as one text, unified."""
    return unify("\n".join(fields))


def write_marks(composition: int, routes: int) -> str:
    """The pieces that stand for a composition (its number in the index) and for the routes of a mail."""
    marks = [_mark("\ue000", composition)]
    marks += [_mark("\ue001", bit) for bit in ROUTE_BITS.values() if routes & bit]
    return "\n" + "\n".join(marks)


def _mark(kind: str, number: int) -> str:
    return f"{kind}{chr(_FIRST_NUMBER + number % _NUMBERS)}{kind}"


def clean_for_search(text: str) -> str:
    """Without what the tokenizer would stop at (NUL) and what UTF-8 cannot say (lone surrogates)."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def is_indexed(search: str) -> bool:
    """Whether the index can be asked: shorter searches have to be looked for mail by mail."""
    return len(unify(search)) >= SHORTEST and "\0" not in search


def ask_for_fields(search: str, sample: Sequence[str] = ()) -> list[str]:
    """FTS5 terms that every mail has whose fields hold `search`; some others have them too.

    sample: the fields of a few mails; the pieces that are rarest in them are asked for."""
    search = unify(search)
    known = [fields.lower() for fields in sample]
    starts = [start for first in range(SHORTEST) for start in range(first, len(search) - SHORTEST + 1, SHORTEST)]
    pieces = list(dict.fromkeys(search[start : start + SHORTEST] for start in starts))  # first those without overlap
    rarest = sorted(pieces, key=lambda piece: sum(piece.lower() in fields for fields in known))
    return [_quote(piece) for piece in rarest[:PIECES]]


def ask_for_text(search: str) -> list[str]:
    """FTS5 terms of exactly the mails whose text holds `search`, without regard to case."""
    return [_quote(unify(search))] if search else []


def ask_for_marks(composition: int | None, route: str | None) -> Sequence[str]:
    """FTS5 terms for the mails of a composition and of a route; None does not narrow."""
    terms = [] if composition is None else [_quote(_mark("\ue000", composition))]
    return terms + ([_quote(_mark("\ue001", ROUTE_BITS[route]))] if route else [])


def _quote(text: str) -> str:
    return '"' + clean_for_search(text).replace('"', '""') + '"'
