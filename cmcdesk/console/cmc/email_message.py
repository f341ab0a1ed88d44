"""A mail as the send API makes it: the standard library's parts, put together so that it is 7-bit whatever is in it.

Text that is plain ASCII with short lines stays readable as it is; ISO-2022-JP is sent as 7bit, as the vendor's own
client does; anything else is base64. Lines end in CRLF.
"""

import dataclasses
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.charset import Charset
from email.encoders import encode_base64
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from cmcdesk.rules.texts import DEFAULT_TIME_ZONE

JIS = "iso-2022-jp"
LONGEST_LINE = 998  # octets; RFC 5322 §2.1.1
FOLDED_AT = 76
SHOWN_UNHELD = 10
# Characters that Windows has for others which ISO-2022-JP writes with the same code: ～ － ∥ ― ￠ ￡ ￢
_SAME_IN_JIS = {
    0xFF5E: 0x301C, 0xFF0D: 0x2212, 0x2225: 0x2016, 0x2015: 0x2014, 0xFFE0: 0xA2, 0xFFE1: 0xA3, 0xFFE2: 0xAC,
}  # fmt: skip
_PLACE = re.compile(r"\(\(#(.+?)#\)\)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_QUOTES = re.compile(r'([\\"])')
_POLICY = compat32.clone(linesep="\r\n", max_line_length=None)


@dataclass(frozen=True, slots=True)
class Party:
    """One address with a display name ("": none); properties: what `((#key#))` stands for in the mail to it."""

    address: str
    name: str
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attached:
    """One file; kind: its media type, "" where that is not known."""

    name: str
    kind: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class ApiMail:
    """What a mail says. charset: "utf-8" or JIS; reply_to: none or one; html: "" for none."""

    sender: Party
    to: tuple[Party, ...]
    cc: tuple[Party, ...]
    reply_to: tuple[Party, ...]
    headers: tuple[tuple[str, str], ...]
    charset: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attached, ...] = field(default=())

    def attach(self, files: tuple[Attached, ...]) -> "ApiMail":
        """The same with these files."""
        return dataclasses.replace(self, attachments=files)

    def merge(self, party: Party) -> "ApiMail":
        """The same to that one alone, its properties put in; a place that it has no property for stays as it is
        (ours)."""

        def put_in(text: str) -> str:
            return _PLACE.sub(lambda place: party.properties.get(place[1], place[0]), text)

        return dataclasses.replace(
            self,
            to=(party,),
            subject=_LINE_END.sub(" ", put_in(self.subject)),
            text=put_in(self.text),
            html=put_in(self.html),
        )

    def list_texts(self) -> dict[str, list[str]]:
        """All that is written in `charset`, by parameter."""
        parties = {"from": (self.sender,), "to": self.to, "cc": self.cc, "replyto": self.reply_to}
        named = {name: [text for one in group for text in _each_text(one)] for name, group in parties.items()}
        told = {"subject": [self.subject], "text": [self.text], "html": [self.html]}
        return named | told | {"headers": [value for _name, value in self.headers]}


def _each_text(party: Party) -> Iterator[str]:
    yield party.name
    yield from party.properties.values()


def find_unheld(text: str, charset: str) -> list[str]:
    """The first characters of a text that the charset has none of."""
    if charset != JIS or text.isascii():
        return []
    found = dict.fromkeys(each for each in _as_jis(text) if not each.isascii() and not _is_held(each))
    return list(found)[:SHOWN_UNHELD]


def _is_held(character: str) -> bool:
    try:
        character.encode(JIS)
    except UnicodeEncodeError:
        return False
    return True


def _as_jis(text: str) -> str:
    return text.translate(_SAME_IN_JIS)


def build_message(mail: ApiMail, message_id: str, at: float) -> bytes:
    """The mail as it goes over the wire; at: unix seconds, told in Japan's time (ours)."""
    message = _build_body(mail)
    del message["MIME-Version"]
    when = datetime.fromtimestamp(at, ZoneInfo(DEFAULT_TIME_ZONE))
    heads = [
        ("Date", format_datetime(when)),
        ("From", _write_parties("From", (mail.sender,), mail.charset)),
        ("To", _write_parties("To", mail.to, mail.charset)),
        ("Cc", _write_parties("Cc", mail.cc, mail.charset)),
        ("Reply-To", _write_parties("Reply-To", mail.reply_to, mail.charset)),
        ("Subject", _write_words("Subject", mail.subject, mail.charset)),
        ("Message-ID", message_id),
        *((name, _write_words(name, value, mail.charset)) for name, value in mail.headers),
        ("MIME-Version", "1.0"),
    ]
    whole = Message(policy=_POLICY)
    for name, value in heads:
        if value:
            whole[name] = value
    for name, value in message.items():
        whole[name] = value
    whole.set_payload(message.get_payload())
    written = io.BytesIO()
    BytesGenerator(written, mangle_from_=False, policy=_POLICY).flatten(whole, linesep="\r\n")
    return written.getvalue()


def _build_body(mail: ApiMail) -> Message:
    body: Message = _build_text(mail.text, "plain", mail.charset)
    if mail.html:
        body = MIMEMultipart("alternative", None, [body, _build_text(mail.html, "html", mail.charset)])
    if mail.attachments:
        body = MIMEMultipart("mixed", None, [body, *map(_build_file, mail.attachments)])
    return body


def _build_text(text: str, subtype: str, charset: str) -> Message:
    lines = [_encode(line, charset) for line in _LINE_END.split(text)]
    part = MIMENonMultipart("text", subtype, charset=charset.upper())
    octets = b"\r\n".join(lines)
    if octets and not octets.endswith(b"\r\n"):
        octets += b"\r\n"
    if octets.isascii() and max(map(len, lines)) <= LONGEST_LINE:
        part["Content-Transfer-Encoding"] = "7bit"
        part.set_payload(octets.decode("ascii"))
    else:
        part.set_payload(octets)
        encode_base64(part)
    return part


def _encode(text: str, charset: str) -> bytes:
    return _as_jis(text).encode(JIS) if charset == JIS else text.encode(charset)


def _build_file(file: Attached) -> Message:
    main, _slash, sub = file.kind.lower().partition("/")
    # RFC 2046 §5: neither a message nor a multipart may be base64
    is_plain = main in ("text", "image", "audio", "video", "application", "font", "model") and sub.isascii() and sub
    part = MIMENonMultipart(*((main, sub) if is_plain else ("application", "octet-stream")))
    name = re.sub(r"[\x00-\x1f\x7f]", "", file.name)
    part.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    part.set_payload(file.octets)
    encode_base64(part)
    del part["MIME-Version"]
    return part


def _write_parties(header: str, parties: tuple[Party, ...], charset: str) -> str:
    return ",\r\n ".join(_write_party(header, party, charset) for party in parties)


def _write_party(header: str, party: Party, charset: str) -> str:
    if not party.name:
        return party.address
    if party.name.isascii() and "=?" not in party.name and len(party.name) < LONGEST_LINE - len(party.address) - 100:
        quoted = _QUOTES.sub(r"\\\1", party.name)
        return f'"{quoted}" <{party.address}>'
    return f"{_write_encoded(header, party.name, charset)}\r\n <{party.address}>"


def _write_words(header: str, text: str, charset: str) -> str:
    is_plain = text.isascii() and "=?" not in text and text == text.strip()
    if is_plain and max(map(len, text.split(" ")), default=0) < LONGEST_LINE - 100:
        return Header(text, "us-ascii", FOLDED_AT, header).encode(linesep="\r\n")
    return _write_encoded(header, text, charset)


def _write_encoded(header: str, text: str, charset: str) -> str:
    words = Header(_as_jis(text) if charset == JIS else text, Charset(charset), FOLDED_AT, header)
    return words.encode(linesep="\r\n")
