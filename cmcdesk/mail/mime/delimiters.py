"""Delimiter lines between the parts of a multipart (RFC 2046 §5.1.1)."""

import re
from collections.abc import Iterator

MAX_DELIMITERS = 20_000
"""Places in one multipart that begin like its delimiter and are looked at (ours)."""
_GUESSED_DELIMITER = re.compile(
    rb"^--([^\r\n]{1,200}+)\r*\nContent-[A-Za-z-]{1,40}[ \t]{0,20}:", re.MULTILINE | re.IGNORECASE
)


def guess_boundary(octets: bytes, start: int, end: int) -> bytes:
    """The boundary that octets[start:end] really use, when the named one is missing or wrong; b"" if there is none."""
    guessed = _GUESSED_DELIMITER.search(octets, start, end)
    return guessed[1].rstrip() if guessed else b""


def split_multipart(
    octets: bytes, extent: tuple[int, int], boundary: bytes, limit: int
) -> tuple[list[tuple[int, int]], bool]:
    """Extents of the body parts between delimiter lines in octets[extent] (RFC 2046 §5.1.1), and whether the closing
    one was there. Only the first `limit` are looked for; what comes behind them is none."""
    start, end = extent
    extents: list[tuple[int, int]] = []
    opened = -1
    for line_start, line_end, closing in _find_delimiters(octets, start, end, boundary):
        if opened >= 0:
            extents.append((opened, max(opened, _before_line_end(octets, opened, line_start))))
        if closing or len(extents) == limit:
            return extents, True
        opened = line_end
    if opened >= 0:
        extents.append((opened, max(opened, end)))
    return extents, False


def _find_delimiters(octets: bytes, start: int, end: int, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    delimiter = b"--" + boundary
    at = octets.find(delimiter, start, end)
    for _ in range(MAX_DELIMITERS):
        if at < 0:
            return
        after = at + len(delimiter)
        if at == start or octets[at - 1] in b"\r\n":
            found = octets.find(b"\n", after, end)
            line_end = found + 1 if found >= 0 else end
            rest = octets[after : min(line_end, after + 1000)].strip()
            if rest in (b"", b"--"):
                yield at, line_end, rest == b"--"
        at = octets.find(delimiter, after, end)


def _before_line_end(octets: bytes, start: int, at: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    if at > start and octets[at - 1] == 0x0A:
        at -= 1
        if at > start and octets[at - 1] == 0x0D:
            at -= 1
    return at
