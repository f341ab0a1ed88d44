"""What a client says, and what is understood of it: command lines, and the arguments of MAIL and RCPT.

Lines of the usual shape are read with one pattern and remembered: senders say the same few again and again. What is odd
in any way (blanks, quotes, a source route, UTF-8, other parameters) is left to `parse_mail_argument` and
`parse_rcpt_argument` (path and parameters: RFC 5321 §4.1.1.2, §4.1.1.3, §4.1.2): strict where laxness would hide a
sender's fault (an unclosed bracket, control characters), lenient where real mail is: no brackets at all, and dots
anywhere in a local part, as addresses of Japanese carriers have them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import Reply

LONGEST = 512  # octets; RFC 5321 §4.5.3.1.4

_PLAIN_ADDRESS = rb"[!#-'*+\-/-9=?A-Z^-~.]{1,200}@[A-Za-z0-9][A-Za-z0-9.-]{0,253}"
_MAIL = re.compile(rb"MAIL FROM: ?<(" + _PLAIN_ADDRESS + rb"|)>(?: (SIZE|BODY)=([0-9]{1,12}|8BITMIME))?", re.I)
_RCPT = re.compile(rb"RCPT TO: ?<(" + _PLAIN_ADDRESS + rb")>", re.I)
_HELLO = re.compile(rb"(EHLO|HELO) ([!-~]{1,255})", re.I)
_ALONE = frozenset(("DATA", "RSET", "NOOP", "QUIT"))

# Dot-string without its rule on dots, or Quoted-string; then a domain or an address literal.
_LOCAL_PART = r'(?:[^\x00-\x20\x7f<>()\[\]\\,;:@"]+|"(?:[^\x00-\x1f\x7f"\\]|\\[\x20-\x7e])*")'
_DOMAIN = r"(?:[^\x00-\x2c\x2f:;<=>?@\[\\\]^`{|}~\x7f]+|\[[\x21-\x5a\x5e-\x7e]+\])"
_ADDRESS = re.compile(rf"{_LOCAL_PART}@{_DOMAIN}")
# A-d-l, the obsolete source route: must be accepted, should be ignored (RFC 5321 §4.1.1.3, Appendix C).
_SOURCE_ROUTE = re.compile(rf"@{_DOMAIN}(?:,@{_DOMAIN})*:")
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e]+))?")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")  # RFC 3461 §4
BLANKS = " \t"  # no others: those of Unicode are a part of what stands beside them (RFC 5321 §4.1.1, SP)
_POSTMASTER = "postmaster"  # RFC 5321 §4.5.1: the one address without a domain


class PlainCommand(NamedTuple):
    """verb: upper case. argument: the address of MAIL and RCPT ("" for `<>`), the name of EHLO and HELO."""

    verb: str
    argument: str = ""
    parameters: Mapping[str, str] = MappingProxyType({})  # upper-case keyword → value


@lru_cache(maxsize=4096)
def read_plain(line: bytes) -> PlainCommand | None:
    """The command of a line without its CRLF; None: it is none of the usual shape. Longer ones than LONGEST are not to
    be given, for all are remembered."""
    if mail := _MAIL.fullmatch(line):
        return _read_mail(mail)
    if recipient := _RCPT.fullmatch(line):
        return PlainCommand("RCPT", recipient[1].decode("ascii"))
    if hello := _HELLO.fullmatch(line):
        return PlainCommand(hello[1].decode("ascii").upper(), hello[2].decode("ascii"))
    verb = line.decode("latin-1").upper()
    return PlainCommand(verb) if verb in _ALONE else None


def _read_mail(mail: re.Match[bytes]) -> PlainCommand | None:
    sender = mail[1].decode("ascii")
    if not mail[2]:
        return PlainCommand("MAIL", sender)
    keyword, value = mail[2].decode("ascii").upper(), mail[3].decode("ascii")
    if (keyword == "SIZE") != value.isdigit():
        return None
    return PlainCommand("MAIL", sender, {keyword: value})


@dataclass(frozen=True, slots=True)
class PathArgument:
    """address: "" for `<>`; parameters: upper-case keyword → value, "" for a keyword alone."""

    address: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse_mail_argument(argument: str) -> PathArgument | Reply:
    """What follows `MAIL `, or the 5yz reply that says what is wrong with it."""
    parsed = _parse(argument, "FROM:", reply.MAIL_SYNTAX, reply.BAD_SENDER_SYNTAX)
    if isinstance(parsed, PathArgument) and "@" not in parsed.address and parsed.address:
        return reply.BAD_SENDER_SYNTAX
    return parsed


def parse_rcpt_argument(argument: str) -> PathArgument | Reply:
    """What follows `RCPT `, or the 5yz reply that says what is wrong with it. `<Postmaster>` needs no domain."""
    parsed = _parse(argument, "TO:", reply.RCPT_SYNTAX, reply.BAD_RECIPIENT_SYNTAX)
    if isinstance(parsed, PathArgument) and "@" not in parsed.address and parsed.address.lower() != _POSTMASTER:
        return reply.BAD_RECIPIENT_SYNTAX
    return parsed


def _parse(argument: str, keyword: str, syntax: Reply, bad_address: Reply) -> PathArgument | Reply:
    if argument[: len(keyword)].upper() != keyword:
        return syntax
    path, rest = _split_path(argument[len(keyword) :].strip(BLANKS))
    address = _address_in(path)
    if address is None:
        return bad_address if path else syntax
    parameters = _read_parameters(rest)
    return parameters if isinstance(parameters, Reply) else PathArgument(address, parameters)


def _split_path(text: str) -> tuple[str, str]:
    """The path and what follows it. A quoted local part may hold blanks and ">"."""
    in_quotes = escaped = False
    closes_at_bracket = text.startswith("<")
    for place, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = in_quotes
        elif character == '"':
            in_quotes = not in_quotes
        elif not in_quotes and character == ">" and closes_at_bracket:
            return text[: place + 1], text[place + 1 :]
        elif not in_quotes and character == " " and not closes_at_bracket:
            return text[:place], text[place:]
    return text, ""


def _address_in(path: str) -> str | None:
    """The address of a path, None if it is not one; "" for `<>`."""
    if path.startswith("<") != path.endswith(">") or not path:
        return None
    if path == "<>":
        return ""
    inner = path[1:-1].strip(" ") if path.startswith("<") else path
    route = _SOURCE_ROUTE.match(inner)
    bare = inner[route.end() :] if route else inner
    if bare.lower() == _POSTMASTER or _ADDRESS.fullmatch(bare):
        return bare
    return None


def _read_parameters(text: str) -> dict[str, str] | Reply:
    if text and text[0] not in BLANKS:
        return reply.BAD_PARAMETER
    parameters: dict[str, str] = {}
    for word in filter(None, text.replace("\t", " ").split(" ")):
        match = _PARAMETER.fullmatch(word)
        if match is None or match[1].upper() in parameters:
            return reply.BAD_PARAMETER
        parameters[match[1].upper()] = match[2] or ""
    return parameters


def check_mail_parameters(parameters: Mapping[str, str], limit: int, has_auth: bool = False) -> Reply | None:
    """SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), and AUTH where that is offered (RFC 4954 §5): the reply
    that refuses, or None. limit in octets. What AUTH says is kept nowhere."""
    known = {"SIZE", "BODY", "SMTPUTF8", "AUTH"}
    if parameters.keys() - known or ("AUTH" in parameters and not has_auth):
        return reply.UNKNOWN_PARAMETER
    if not _XTEXT.fullmatch(parameters.get("AUTH", "<>")):
        return reply.BAD_PARAMETER
    if "SIZE" in parameters and not re.fullmatch(r"[0-9]{1,20}", parameters["SIZE"]):
        return reply.BAD_PARAMETER
    if parameters.get("BODY", "7BIT").upper() not in ("7BIT", "8BITMIME"):
        return reply.BAD_PARAMETER
    if parameters.get("SMTPUTF8"):
        return reply.BAD_PARAMETER
    if int(parameters.get("SIZE", 0)) > limit:
        return reply.TOO_BIG
    return None
