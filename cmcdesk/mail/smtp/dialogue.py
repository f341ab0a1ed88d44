"""An SMTP dialogue as people read it: lines of client and server, each with its time, bounded, without secrets.

How much is kept is ours: the last 20 exchanges or 8,192 characters, 300 characters of a line.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

EXCHANGES = 20
CHARACTERS = 8192
LINE_CHARACTERS = 300  # more than a command with the longest path has (RFC 5321 §4.5.3.1.3)
CUT = " …"
HIDDEN = b"***"

_VERBS = frozenset(b"AUTH DATA EHLO EXPN HELO HELP MAIL NOOP QUIT RCPT RSET STARTTLS VRFY".split())
_AUTH = re.compile(rb"\s*AUTH(?![A-Z])", re.I)
# Only names that are no secret by themselves: what stands first after AUTH may be the secret too.
_MECHANISM = re.compile(rb"\s*AUTH\s+(PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|XOAUTH2|OAUTHBEARER|NTLM)(?![^\s])", re.I)


@dataclass(frozen=True, slots=True)
class Line:
    """at: seconds since the connection was made; said: the line without its end, or the number of octets of a mail."""

    at: float
    by: Literal["client", "server"]
    said: str | int


@dataclass(frozen=True, slots=True)
class DialoguePart:
    """What was said in a session between two of its refusals, the second one's reply last.

    began: of the connection, seconds since 1970; number: counted from 1; is_cut: earlier lines are not in it, nor in
    the part before; lines: as `encode_lines` writes them.
    """

    began: float
    number: int
    is_cut: bool
    lines: str


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The last lines of a session up to a refusal; is_cut: there were more before them."""

    began: float
    is_cut: bool
    lines: tuple[Line, ...]


def tell_command(at: float, line: bytes) -> Line:
    """A line of the client."""
    return Line(at, "client", _cut(_write_text(line.rstrip(b"\r\n"))))


def tell_reply(at: float, reply: bytes) -> list[Line]:
    """A reply of the server, which may have several lines (RFC 5321 §4.2.1); all of it."""
    return [Line(at, "server", _write_text(line)) for line in reply.split(b"\r\n") if line]


def keep_last(lines: Sequence[Line]) -> list[Line]:
    """The newest lines that are within the bounds, in order; the last one always."""
    kept: list[Line] = []
    replies = characters = 0
    for line in reversed(lines):
        said = str(line.said)
        replies += line.by == "server" and said[3:4] != "-"
        characters += len(said)
        if kept and (replies > EXCHANGES or characters > CHARACTERS):
            break
        kept.append(line)
    return kept[::-1]


def encode_lines(lines: Iterable[Line]) -> str:
    """For the store: a JSON list of [seconds, "C" or "S", text or number of octets]."""
    told = [[round(line.at, 3), line.by[0].upper(), line.said] for line in lines]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def decode_lines(text: str) -> list[Line]:
    """What `encode_lines` wrote."""
    return [Line(at, "client" if by == "C" else "server", said) for at, by, said in json.loads(text)]


def hide_secret(line: bytes, is_after_auth: bool) -> tuple[bytes, bool]:
    """A line of the client without credentials, and whether the line after it may hold some too.

    Where AUTH is refused, a client that does not wait for the reply sends user and password on the lines that follow
    (RFC 4954 §4), each of which is then an unknown command.
    """
    mechanism = _MECHANISM.match(line)
    if mechanism:
        return b"AUTH " + mechanism[1] + (b" " + HIDDEN if line[mechanism.end() :].strip() else b""), True
    if _AUTH.match(line):
        return b"AUTH " + HIDDEN, True
    if not is_after_auth or line.upper().partition(b" ")[0].strip() in _VERBS:
        return line, False
    return HIDDEN, True


def _write_text(line: bytes) -> str:
    """Readable, and harmless on a terminal: what cannot be printed is written as \\xNN or \\uNNNN."""
    text = line.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def _cut(text: str) -> str:
    return text if len(text) <= LINE_CHARACTERS else text[:LINE_CHARACTERS] + CUT
