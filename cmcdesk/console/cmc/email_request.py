"""What a call of CMC's send API asks for: every form of body that its public clients are known to send, made one
`SendOrder`; all that is wrong with it told at once. Pure but for the request it reads.

An address is plain text (type 1), an object with `address` and `name` (type 2), or a list of these (type 3). Whatever
is an object or a list may also come as JSON text, in a form or inside of JSON, and an object as Ruby writes a hash.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Request

from cmcdesk.console.cmc.calls import (
    BAD_VALUE,
    IS_REQUIRED,
    REQUIRED,
    UNKNOWN_PARAMETER,
    CmcError,
    CmcRefused,
)
from cmcdesk.console.cmc.email_fields import Fields, as_text, read_body, read_uploads, unpack
from cmcdesk.console.cmc.email_message import ApiMail, Attached, Party, find_unheld
from cmcdesk.mail.smtp.command_line import parse_rcpt_argument
from cmcdesk.mail.smtp.reply import Reply
from cmcdesk.rules.domains import NotADomain, parse_domain
from cmcdesk.rules.texts import Text, tell

MOST_ADDRESSES = 10  # in each of to, cc and bcc of one mail; CMC's
MOST_IN_BULK = 1000  # CMC's, as all that follow here
MOST_PROPERTIES = 100
LARGEST_PROPERTY = 5 * 1024  # octets
LONGEST_SUBJECT = 512  # characters
MOST_ATTACHMENTS = 10
LONGEST_ADDRESS = 254  # RFC 5321 §4.5.3.1.3
LONGEST_VALUE = 998  # of a header of one's own; RFC 5322 §2.1.1
CHARSETS = {"utf-8": "utf-8", "iso-2022-jp": "iso-2022-jp"}
REQUIRED_NAMES = ("api_user", "api_key", "to", "from", "subject", "text")
NAMES = (
    *REQUIRED_NAMES, "cc", "bcc", "replyto", "headers", "charset", "html", "envfrom", "attachments",
    "server_composition",
)  # fmt: skip
#: Headers that a mail gets from other parameters, or that say how it is built.
OWN_HEADERS = frozenset(
    ("from", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "mime-version", "return-path")
)
_HEADER_NAME = re.compile(r"[!-9;-~]{1,100}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class SendOrder:
    """One call: who calls, for which composition ("": not said), and the mail. envelope_from: what MAIL says."""

    api_user: str
    api_key: str
    composition: str
    envelope_from: str
    bcc: tuple[Party, ...]
    mail: ApiMail


def read_order(asked: Request, is_bulk: bool) -> SendOrder:
    """The order of a call. Raises CmcRefused with all that is wrong."""
    return make_order(read_body(asked), read_uploads(asked), is_bulk)


def make_order(fields: Fields, uploads: Mapping[int, Attached], is_bulk: bool) -> SendOrder:
    """The order in these parameters and files (by their number). Raises CmcRefused."""
    reading = _Reading(fields)
    reading.check_names()
    mail = _read_mail(reading, is_bulk)
    bcc = reading.take_parties("bcc", MOST_ADDRESSES)
    if is_bulk and (mail.cc or bcc):
        reading.fault("cc" if mail.cc else "bcc", tell("is not taken in bulk, where each recipient gets a mail"))
    envelope_from = reading.take_text("envfrom")
    order = SendOrder(
        api_user=reading.take_text("api_user"),
        api_key=reading.take_text("api_key"),
        composition=reading.take_text("server_composition"),
        envelope_from=reading.take_address("envfrom", envelope_from) if envelope_from else mail.sender.address,
        bcc=bcc,
        mail=mail.attach(_check_uploads(reading, uploads)),
    )
    if reading.errors:
        raise CmcRefused(400, reading.errors)
    return order


def _read_mail(reading: "_Reading", is_bulk: bool) -> ApiMail:
    charset = _read_charset(reading)
    senders = reading.take_parties("from", 1)
    mail = ApiMail(
        sender=senders[0] if senders else Party("", ""),
        to=reading.take_parties("to", MOST_IN_BULK if is_bulk else MOST_ADDRESSES, is_bulk),
        cc=reading.take_parties("cc", MOST_ADDRESSES),
        reply_to=reading.take_parties("replyto", 1),
        headers=_read_headers(reading),
        charset=charset,
        subject=_read_subject(reading),
        text=reading.take_text("text", _CONTROL_IN_TEXT),
        html=reading.take_text("html", _CONTROL_IN_TEXT),
    )
    _check_charset(reading, mail)
    return mail


def _read_charset(reading: "_Reading") -> str:
    given = reading.take_text("charset") or "UTF-8"
    if given.lower() not in CHARSETS:
        reading.fault("charset", tell("%(given)s: must be UTF-8 or ISO-2022-JP", given=repr(given[:40])))
    return CHARSETS.get(given.lower(), "utf-8")


def _read_subject(reading: "_Reading") -> str:
    subject = reading.take_text("subject", _CONTROL)
    if len(subject) > LONGEST_SUBJECT:
        message = tell(
            "has %(length)s characters; up to %(most)s are allowed", length=len(subject), most=LONGEST_SUBJECT
        )
        reading.fault("subject", message)
    return subject


def _check_charset(reading: "_Reading", mail: ApiMail) -> None:
    """That ISO-2022-JP, where it was asked for, has all characters of each text."""
    for name, texts in mail.list_texts().items():
        unheld = find_unheld("".join(texts), mail.charset)
        if unheld:
            reading.fault(name, tell("ISO-2022-JP has no %(characters)s; use UTF-8", characters=" ".join(unheld)))


def _check_uploads(reading: "_Reading", uploads: Mapping[int, Attached]) -> tuple[Attached, ...]:
    """attachments says how many attachment1 … attachmentN there are; without it all that came count (ours)."""
    given = reading.take_text("attachments")
    count = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else -1 if given else len(uploads)
    if not 0 <= count <= MOST_ATTACHMENTS:
        message = tell("%(given)s: must be a number from 0 to %(most)s", given=given or count, most=MOST_ATTACHMENTS)
        reading.fault("attachments", message)
    elif sorted(uploads) != list(range(1, count + 1)):
        came = ", ".join(f"attachment{number}" for number in sorted(uploads)) or "-"
        message = tell("says %(count)s, and these files came: %(came)s", count=count, came=came)
        reading.fault("attachments", message)
    return tuple(uploads[number] for number in sorted(uploads))


def _read_headers(reading: "_Reading") -> tuple[tuple[str, str], ...]:
    """An object name → value, or a list of objects with name and value."""
    given = reading.take_structure("headers")
    if isinstance(given, dict):
        given = [{"name": name, "value": value} for name, value in given.items()]
    if not isinstance(given, list):
        if given:
            reading.fault("headers", tell("must be an object, or a list of objects with name and value"))
        return ()
    return tuple(filter(None, (_read_header(reading, entry) for entry in given)))


def _read_header(reading: "_Reading", entry: object) -> tuple[str, str] | None:
    name, value = (entry.get("name"), entry.get("value")) if isinstance(entry, dict) else (None, None)
    text = as_text(value)
    if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name) or text is None:
        reading.fault("headers", tell("must be an object, or a list of objects with name and value"))
    elif name.lower() in OWN_HEADERS or name.lower().startswith("content-"):
        reading.fault("headers", tell("%(name)s cannot be set: the mail gets it from elsewhere", name=name))
    elif _CONTROL.search(text) or len(text) > LONGEST_VALUE:
        message = tell("the value of %(name)s must be one line of up to %(most)s", name=name, most=LONGEST_VALUE)
        reading.fault("headers", message)
    else:
        return name, text
    return None


@dataclass(slots=True)
class _Reading:
    """The parameters of one call, and what was found wrong with them."""

    fields: Fields
    errors: list[CmcError] = field(default_factory=list)

    def fault(self, name: str, message: Text, code: str = BAD_VALUE) -> None:
        """Note one error; of one parameter the first is enough."""
        if all(error.field != name for error in self.errors):
            self.errors.append(CmcError(code, name, message))

    def check_names(self) -> None:
        """That those which are required are there, and no others than those which are allowed."""
        for name in REQUIRED_NAMES:
            if self.fields.get(name) in (None, "", [], {}):
                self.fault(name, tell(IS_REQUIRED), REQUIRED)
        unknown = tell("no such parameter; allowed: %(listed)s", listed=", ".join((*NAMES, "attachment1 …")))
        for name in self.fields:
            if name not in NAMES:
                self.fault(name[:64], unknown, UNKNOWN_PARAMETER)

    def take_text(self, name: str, forbidden: re.Pattern[str] = _CONTROL) -> str:
        """A text or a number; "" where there is none. forbidden: what must not be in it."""
        text = as_text(self.fields.get(name))
        if text is None or forbidden.search(text):
            allowed = tell("must be text of one line") if forbidden is _CONTROL else tell("must be text")
            self.fault(name, allowed)
            return ""
        return text

    def take_structure(self, name: str) -> Any:
        """An object or a list, which may come as text; other text as it is; None where there is nothing."""
        given = self.fields.get(name)
        if not isinstance(given, str):
            return given or None
        if not given.lstrip().startswith(("{", "[")):
            return given or None
        unpacked = unpack(given)
        if unpacked is None:
            self.fault(name, tell("cannot be read as JSON"))
        return unpacked or None

    def take_parties(self, name: str, most: int, has_properties: bool = False) -> tuple[Party, ...]:
        """Addresses, one or a list; more than one only where more are allowed."""
        given = self.take_structure(name)
        entries: Sequence[Any] = given if isinstance(given, list) else [] if given is None else [given]
        if len(entries) > most:
            message = tell("has %(count)s addresses; up to %(most)s are allowed", count=len(entries), most=most)
            self.fault(name, message)
            return ()
        return tuple(party for entry in entries if (party := self._read_party(name, entry, has_properties)))

    def take_address(self, name: str, given: str) -> str:
        """An address with its domain in A-labels."""
        local, at, domain = given.strip().rpartition("@")
        try:
            address = f"{local}@{parse_domain(domain)}"
        except NotADomain:
            address = ""
        is_read = address.isascii() and not isinstance(parse_rcpt_argument(f"TO:<{address}>"), Reply)
        if not (at and address and is_read) or len(address) > LONGEST_ADDRESS:
            self.fault(name, tell("%(given)s is no e-mail address", given=repr(given[:100])))
            return ""
        return address

    def _read_party(self, name: str, entry: object, has_properties: bool) -> Party | None:
        if isinstance(entry, str):
            return Party(self.take_address(name, entry), "")
        if not isinstance(entry, dict) or not isinstance(entry.get("address"), str):
            self.fault(name, tell("must be an address, or an object with address and name, or a list of these"))
            return None
        shown = as_text(entry.get("name"))
        if shown is None or _CONTROL.search(shown):
            self.fault(name, tell("the name of %(address)s must be text of one line", address=entry["address"][:100]))
            return None
        properties = self._read_properties(name, entry) if has_properties else {}
        return Party(self.take_address(name, entry["address"]), shown, properties)

    def _read_properties(self, name: str, entry: Mapping[str, Any]) -> dict[str, str]:
        """What `((#key#))` in the mail stands for, for one recipient: name and address too (ours)."""
        address = str(entry["address"])[:100]
        found = {key: as_text(value) for key, value in entry.items()}
        if len(found) - len({"name", "address"} & found.keys()) > MOST_PROPERTIES:
            message = tell("%(address)s has more than %(most)s properties", address=address, most=MOST_PROPERTIES)
            self.fault(name, message)
        for key, value in found.items():
            if value is None or len(value.encode("utf-8", "surrogatepass")) > LARGEST_PROPERTY:
                message = tell(
                    "%(key)s of %(address)s must be text of up to %(most)s octets",
                    key=str(key)[:100],
                    address=address,
                    most=LARGEST_PROPERTY,
                )
                self.fault(name, message)
        return {key: value or "" for key, value in found.items()}
