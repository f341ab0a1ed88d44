"""A mail as all readers of bounces see it: a value that is built once.

Its header's marks, the notice's own lines, the mail that it returns. What not every reader asks for is made when the
first one does.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from cmcdesk.mail.bounce.parts import HeaderFields, Parts, list_fields
from cmcdesk.mail.bounce.phrases import marks
from cmcdesk.mail.bounce.phrases.phrases import Flat, make_flat
from cmcdesk.mail.bounce.phrases.relays import decode_octal
from cmcdesk.mail.bounce.recipients import Mention, find_addresses, find_mentions, octets_of
from cmcdesk.mail.bounce.verdict import Original
from cmcdesk.mail.mime.words import decode_field

MAX_LINES = 400
MAX_LINE = 1000
FEW = 20  # recipients of whom each may be judged by the whole notice

# Where the notice ends and the returned mail begins, in texts that hold both
_SEPARATOR = re.compile(
    r"""^[\s>|*#=\-_.~+:•]{0,80}(?:
      below\ this\ line\ is\ a\ copy                       # qmail, Yahoo
    | below\ is\ a\ copy\ of\ the\ original                # OpenSMTPD
    | this\ is\ a\ copy\ of\ (?:the|your)\ message         # Exim
    | (?:included\ is|here\ is|attached\ is|following\ is)\ a\ copy  # MXLogic
    | the\ header\ of\ the\ original\ message              # GMX, 1&1
    | the\ body\ of\ the\ message\ is                      # Exim
    | original\ message(?:\ header)?s?\s*(?:$|follow|attached|below|as\ received|-|:)   # IMail, Gmail, sendmail
    | (?:original|returned|undelivered|bounced|failed)\ (?:e-?mail|mail|message)(?:\ info)?\s*(?:$|[-:=]|follow)
    | message\ (?:headers?|text|contents)\ follow                   # DragonFly, Google, airmail
    | unsent\ message\ (?:follows|below)                   # Sendmail V5
    | (?:your|the)\ (?:original\ )?message\ (?:follows|header|text|was\ as)
    | text\ of\ (?:the\ )?(?:original|message)
    | headers?\ (?:of|from)\ the\ original
    | start\ of\ (?:forwarded|original|returned)
    | (?:begin\ )?forwarded\ message
    | return(?:ed)?\ message\s*(?:$|-)
    | non-delivered\ message
    | original\ mail\ (?:as\ follows|info)                 # fml, mFILTER
    | mensaje\ original | message\ d'origine | ursprüngliche\ (?:nachricht|e-?mail) | messaggio\ originale
    | mensagem\ original | oorspronkelijk | исходное\ (?:сообщение|письмо)
    | (?:元|返送|以下).{0,12}(?:メッセージ|メール).{0,10}(?:$|[-:=])
    )""",
    re.I | re.X,
)
_RETURNED_HEADER = re.compile(
    r"^(?:Received: ?(?:from|by|\()|Return-Path:|DKIM-Signature:|X-Received:|MIME-Version:)", re.I
)
_FIRST_FIELD = re.compile(
    r"^[ \t>]{0,8}(?:Return-Path|Received|From|To|Subject|Date|Message-ID|MIME-Version|DKIM-Signature|X-[\w-]+):",
    re.I | re.M,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What the header says about the kind of a mail."""

    subject: str
    by_name: bool  # a mail system's name
    by_nobody: bool  # the null return path, which programs other than mail systems use too (RFC 3834)
    return_path: str
    from_own: bool  # the return path is the address in From: mail systems use the null path (RFC 5321 §4.5.5)
    of_notice: bool  # the subject is one that notices have
    is_forward: bool

    @property
    def by_somebody(self) -> bool:
        """The return path is told, and neither the null path nor a mail system's address."""
        path = self.return_path.strip("<>")
        return bool(path) and not marks.MACHINE_ADDRESS.search(path)

    @property
    def by_person(self) -> bool:
        """From his own address, under no mail system's name."""
        return self.from_own and not self.by_machine

    @property
    def by_machine(self) -> bool:
        """A program wrote the mail."""
        return self.by_name or self.by_nobody


@dataclass(frozen=True)
class Notice:
    """text: all that was written for people; lines: the notice's own, bounded in number and length; said: these as one
    text; tail: the text behind them, where a mail is returned within the text; forwards: how many wrapped or forwarded
    notices may still be opened."""

    parts: Parts
    text: str
    lines: list[str]
    said: str
    tail: str
    forwards: int

    @cached_property
    def heading(self) -> Heading:
        """What the header says; a report for programs is read without it."""
        return read_heading(self.parts)

    @cached_property
    def flat(self) -> Flat:
        """What is said, ready for the search for phrases."""
        return make_flat(self.said)

    @cached_property
    def original(self) -> Original:
        """The mail that failed, as far as it is returned."""
        return read_original(self.parts, self.tail)

    @cached_property
    def own(self) -> frozenset[str]:
        """The addresses of the notice's header, in lower case: who is written to, and who writes."""
        return frozenset(
            address.lower() for name in ("to", "from", "reply-to") for address in find_addresses(self.parts.first(name))
        )

    @cached_property
    def mentions(self) -> list[Mention]:
        """The recipients that its lines name."""
        return find_mentions(self.lines, self.own)

    def about(self, count: int) -> str:
        """What is said, for a judgment of so many recipients: the time must not grow with recipients times text."""
        return self.said if count <= FEW else self.said[:300]


def build_notice(parts: Parts, forwards: int) -> Notice:
    """The value that readers are given. Total."""
    text = decode_octal(parts.text())
    lines, tail = clip_notice(text)
    said = "\n".join(line for line in lines if line)
    return Notice(parts, text, lines, said, tail, forwards)


def read_heading(parts: Parts) -> Heading:
    """Read the marks of the header."""
    subject = decode_field(parts.first("subject").encode("latin-1", "replace"))[:500]
    sender = decode_field(parts.first("from").encode("latin-1", "replace"))[:500]
    return_path = parts.first("return-path").replace(" ", "").lower()
    nobody = return_path in ("<>", "mailer-daemon", "<mailer-daemon>") and not _answers_itself(parts)
    named = bool(marks.MACHINE.search(sender)) or any(name in parts.fields for name in marks.MACHINE_FIELDS)
    named = named or return_path.startswith(("<mailer-daemon@", "<postmaster@", "mailer-daemon@"))
    own = "mailer-daemon" not in return_path and any(
        address.lower() in return_path for address in find_addresses(sender)
    )
    answered = bool(marks.REPLY.match(subject))
    of_notice = not answered and bool(marks.SUBJECT.search(subject))
    return Heading(subject, named, nobody, return_path, own, of_notice, bool(marks.FORWARD.match(subject)))


def _answers_itself(parts: Parts) -> bool:
    """RFC 3834 §5: people's responders call their answers auto-replied, and send them from the null address too."""
    return parts.first("auto-submitted").lower().startswith("auto-replied")


def clip_notice(text: str) -> tuple[list[str], str]:
    """The notice's own lines (bounded in number and length), and the text behind them: the returned mail, if any."""
    lines = text.split("\n", MAX_LINES)
    kept: list[str] = []
    for number, line in enumerate(lines[:MAX_LINES]):
        short = line[:MAX_LINE].rstrip()
        written = any(kept)
        if written and (_RETURNED_HEADER.match(short) or (len(short) < 100 and _SEPARATOR.match(short))):
            return kept, "\n".join(lines[number:])
        kept.append(short)
    return kept, ""


def read_original(parts: Parts, tail: str) -> Original:
    """From the returned part, else from the text behind the notice."""
    for source in (*parts.returned[:2], tail):
        fields = _scan(source)
        if "message-id" in fields or "from" in fields or "to" in fields:
            return _original_of(fields)
    return Original()


def _scan(source: str) -> HeaderFields:
    start = _FIRST_FIELD.search(source[:20_000])
    if not start:
        return {}
    head = source[start.start() :].lstrip(" \t>").partition("\n\n")[0]
    return list_fields(head)


def _original_of(fields: HeaderFields) -> Original:
    def text(name: str) -> str:
        value = fields.get(name, [""])[0]
        return decode_field(octets_of(value) or value)[:998]

    sender = find_addresses(fields.get("from", [""])[0])
    recipients = find_addresses(",".join(fields.get("to", [])[:3]))
    paths = find_addresses(fields.get("return-path", [""])[0])
    message_id = re.search(r"<[^<>\s]{1,500}>", fields.get("message-id", [""])[0])
    return Original(
        header_from=sender[0] if sender else "",
        recipients=recipients[:50],
        message_id=message_id[0] if message_id else text("message-id"),
        subject=text("subject"),
        api_data=text("x-api-data"),
        return_path=paths[0] if paths else "",
    )
