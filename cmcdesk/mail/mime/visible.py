"""What an HTML part shows, as text: for those who look for words in it."""

import html
import re

MAX_HTML = 120_000  # characters of an HTML part that are read
_TAG = re.compile(r"<[^<>]*>")
_BREAKS = re.compile(r"<(?:br|/?p|/tr|/?div|/?li|/?h\d|/?table)\b[^<>]*>", re.I)
_HIDDEN = (("<style", "</style>"), ("<script", "</script>"), ("<!--", "-->"), ("<head", "</head>"))


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
