"""Contact-form mails as Japanese web shops get them: any charset, attachments, any exact size; from a seed."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from simulator.traffic.charsets import encode_words
from simulator.traffic.layout import HEX, draw_address, draw_moment, draw_token, draw_uuid, format_date, join, use_crlf
from simulator.traffic.mail import Mail
from simulator.traffic.parts import (
    BODIES,
    CUSTOMER_DOMAINS,
    CUSTOMERS,
    SUBJECTS,
    WINDOWS_LINE,
    AttachmentKind,
    Customer,
    FileNameStyle,
    Part,
    make_attachment,
    make_text,
    narrow_kana,
    nest,
    write_part,
)

Charset = Literal["utf-8", "iso-2022-jp", "iso-2022-jp-ms", "shift_jis", "windows-31j", "euc-jp"]
Encoding = Literal["7bit", "8bit", "quoted-printable", "base64"]
_WINDOWS_CHARSETS = ("iso-2022-jp-ms", "shift_jis", "windows-31j", "utf-8")
_FILLER_OCTETS = 72
_TICKET_ROOM = 900  # octets that the ticket field can grow by and stay under RFC 5322's 998 a line


@dataclass(frozen=True)
class FormOptions:
    """What a form mail is to be like. Everything left out is drawn from the seed.

    to: the form's address, header To and envelope recipient; tag: goes into it as user+tag@domain. customer: header
    From address (an outside domain). envelope_sender: MAIL FROM, else the customer. charset, encoding: of subject, name
    and text; encoding None is what that charset usually travels in. half_width: kana as half-width kana.
    windows_characters: ①㈱ and the like (not in EUC-JP and plain ISO-2022-JP, which lack them). html: with an HTML
    alternative. attachments: in order. file_names: how their Japanese names are written. size: exact octets, or
    (lowest, highest) to draw from. spam: breaks the receiving server's spam rule on purpose: From in the receiver's
    domain, or From the same address as To. moment: Date (aware).
    """

    to: str = "info@mailform.example.com"
    tag: str = ""
    customer: str | None = None
    envelope_sender: str | None = None
    subject: str | None = None
    text: str | None = None
    charset: Charset = "utf-8"
    encoding: Encoding | None = None
    half_width: bool = False
    windows_characters: bool = False
    html: bool = False
    attachments: tuple[AttachmentKind, ...] = ()
    file_names: FileNameStyle = "rfc2231"
    size: int | tuple[int, int] | None = None
    spam: Literal["own-domain", "same-address"] | None = None
    moment: datetime | None = None


@dataclass(frozen=True)
class _Form:
    """A form mail with all its choices made: only the filler and the ticket's length are still open."""

    sender: str
    recipient: str
    header: str
    ticket: str
    text: str
    boundary: str
    attachments: tuple[Part, ...]


def make_form(rng: random.Random, options: FormOptions | None = None) -> Mail:
    """Return a form mail. Raises ValueError for a `size` too small, UnicodeEncodeError for text beyond the charset."""
    wanted = options or FormOptions()
    form = _draw_form(rng, wanted)
    if wanted.size is None:
        octets = _write(form, wanted, 0, 0)
    else:
        octets = _fit(form, wanted, wanted.size if isinstance(wanted.size, int) else rng.randint(*wanted.size))
    return Mail(form.sender, (form.recipient,), octets)


def _draw_form(rng: random.Random, options: FormOptions) -> _Form:
    moment = options.moment or draw_moment(rng)
    customer = rng.choice(CUSTOMERS)
    recipient = _add_tag(options.to, options.tag)
    author = _choose_author(rng, options, customer, recipient)
    sender = options.envelope_sender if options.envelope_sender is not None else author
    subject = options.subject if options.subject is not None else rng.choice(SUBJECTS)
    fields = {
        "Received": f"from web01.example.jp (web01.example.jp [{draw_address(rng)}])\r\n\t"
        f"by mail.example.jp with ESMTP id {draw_token(rng, 12)};\r\n\t{format_date(moment)}",
        "Date": format_date(moment),
        "From": f"{encode_words(customer.name, options.charset)} <{author}>",
        "To": recipient,
        "Subject": encode_words(subject, options.charset),
        "Message-ID": f"<{draw_uuid(rng)}@{author.rpartition('@')[2]}>",
        "MIME-Version": "1.0",
        "X-Mailer": "contact form",
    }
    return _Form(
        sender,
        recipient,
        "".join(f"{name}: {value}\r\n" for name, value in fields.items()),
        draw_token(rng, 16, HEX),
        _compose_text(rng, options, customer, author),
        f"=_form_{draw_token(rng, 24)}",
        tuple(make_attachment(rng, kind, options.file_names, options.charset) for kind in options.attachments),
    )


def _add_tag(address: str, tag: str) -> str:
    user, _, domain = address.rpartition("@")
    return f"{user}+{tag}@{domain}" if tag else address


def _choose_author(rng: random.Random, options: FormOptions, customer: Customer, recipient: str) -> str:
    domain = recipient.rpartition("@")[2]
    if options.spam == "same-address":
        return recipient
    if options.spam == "own-domain":
        return f"{customer.user}@{domain}"
    outside = [name for name in CUSTOMER_DOMAINS if name != domain.lower()]
    return options.customer or f"{customer.user}{rng.randrange(100)}@{rng.choice(outside)}"


def _compose_text(rng: random.Random, options: FormOptions, customer: Customer, author: str) -> str:
    if options.text is not None:
        return use_crlf(options.text.encode("utf-8")).decode("utf-8")
    kana = narrow_kana(customer.kana) if options.half_width else customer.kana
    windows = WINDOWS_LINE if options.windows_characters and options.charset in _WINDOWS_CHARSETS else ""
    text = f"お名前: {customer.name}\nフリガナ: {kana}\nメールアドレス: {author}\n\n{rng.choice(BODIES)}{windows}"
    return text.replace("\n", "\r\n")


def _write(form: _Form, options: FormOptions, filler: int, longer_ticket: int) -> bytes:
    text = form.text + ("-" * (_FILLER_OCTETS - 2) + "\r\n") * (filler // _FILLER_OCTETS)
    body = make_text("plain", text, options.charset, options.encoding)
    if options.html:
        html = make_text("html", _mark_up(form.text), options.charset, options.encoding)
        body = nest("alternative", form.boundary + "_alt", (body, html))
    if form.attachments:
        body = nest("mixed", form.boundary, (body, *form.attachments))
    return join(form.header, f"X-Form-Ticket: {form.ticket}{'0' * longer_ticket}\r\n", write_part(body))


def _mark_up(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\r\n", "<br>\r\n")
    return f"<!DOCTYPE html>\r\n<html><body><p>\r\n{escaped}</p></body></html>\r\n"


def _fit(form: _Form, options: FormOptions, size: int) -> bytes:
    """Lengthen the text by whole lines until less than one field's room is missing, then the ticket by the rest.

    The rounds are needed because base64 makes 78 octets of 57: three quarters of what is missing never is too much.
    """
    filler, octets = 0, _write(form, options, 0, 0)
    if len(octets) > size:
        raise ValueError(f"size: {size} was asked for, but this form mail has {len(octets)} octets")
    while (missing := size - len(octets)) > _TICKET_ROOM:
        filler += max(missing * 7 // 10 // _FILLER_OCTETS, 1) * _FILLER_OCTETS
        octets = _write(form, options, filler, 0)
    return _write(form, options, filler, missing)
