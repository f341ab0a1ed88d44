"""latin-1 text of a leaf → text for people. The structure of a mail is walked as latin-1, one character an octet."""

import html
import re

from cmcdesk.mail.mime.charsets import decode_octets
from cmcdesk.mail.mime.transfer import decode_transfer, name_encoding

MAX_HTML = 120_000  # characters of an HTML part that are read
_TAG = re.compile(r"<[^<>]*>")
_BREAKS = re.compile(r"<(?:br|/?p|/tr|/?div|/?li|/?h\d|/?table)\b[^<>]*>", re.I)
_HIDDEN = (("<style", "</style>"), ("<script", "</script>"), ("<!--", "-->"), ("<head", "</head>"))


def decode_body(body: str, encoding: str, charset: str) -> str:
    """Undo transfer encoding and charset, as they are declared or as the octets show them."""
    plain = body.isascii() and "\x1b" not in body
    if plain and (not encoding or encoding[:1] in "78"):
        return body
    octets = decode_transfer(body.encode("latin-1", "replace"), name_encoding(encoding))
    return decode_octets(octets, charset).text.replace("\r\n", "\n")


def undo_transfer(body: str, encoding: str) -> str:
    """Undo the transfer encoding alone: latin-1 text in, latin-1 text out."""
    octets = decode_transfer(body.encode("latin-1", "replace"), name_encoding(encoding))
    return octets.decode("latin-1").replace("\r\n", "\n")


def strip_html(source: str) -> str:
    """Visible text of an HTML part, one line per block. Linear in the length: no nested search."""
    text = source[:MAX_HTML]
    for opening, closing in _HIDDEN:
        text = _cut_all(text, opening, closing)
    text = _BREAKS.sub("\n", text.replace("\n", " "))
    lines = (" ".join(line.split()) for line in html.unescape(_TAG.sub(" ", text)).split("\n"))
    return "\n".join(line for line in lines if line)


def _cut_all(text: str, opening: str, closing: str) -> str:
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters change length in lower case: then offsets would lie
        return text
    kept: list[str] = []
    at = 0
    while (start := lowered.find(opening, at)) >= 0:
        kept.append(text[at:start])
        end = lowered.find(closing, start)
        if end < 0:
            return "".join(kept)
        at = end + len(closing)
    kept.append(text[at:])
    return "".join(kept)
