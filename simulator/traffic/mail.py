"""What the simulator hands to its SMTP client: one mail, and what a reader of it ought to find; and the mail that
bounced, made from a seed or taken from a mail that the caller sent.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime
from email.parser import BytesHeaderParser

from simulator.traffic.charsets import encode_text, encode_words
from simulator.traffic.layout import draw_uuid, format_date, join, use_crlf

_SUBJECTS = (
    "【重要】ご契約内容の確認のお願い",
    "会員限定セールのご案内",
    "お問い合わせありがとうございます",
    "ご注文の商品を発送しました",
    "Your invoice for March",
    "パスワード再設定のご案内",
)
_FILLER_OCTETS = 76
_FIELD = b"X-Filler: x"
_BODY = "いつもご利用いただきありがとうございます。\r\n本メールは送信専用です。\r\n\r\nサンプル商店\r\n"


@dataclass(frozen=True)
class Expectation:
    """What a bounce says of one recipient, so that a test can compare it with what was read.

    recipient: the address that failed. error_status: 1-10 or 99, the service's number for the cause.
    status: the enhanced status code (RFC 3463) as the mail carries it, None where it carries none.
    final: False for a warning that delivery is merely late.
    """

    recipient: str
    error_status: int
    status: str | None
    final: bool


@dataclass(frozen=True)
class Mail:
    """An envelope (RFC 5321) and the octets for DATA: CRLF line ends, not dot-stuffed, without the final dot.

    sender: the MAIL FROM address, "" for the null sender. recipients: the RCPT TO addresses, at least one.
    expectations: one for each failed recipient of a bounce, empty for any other mail.
    """

    sender: str
    recipients: tuple[str, ...]
    octets: bytes
    expectations: tuple[Expectation, ...] = ()


@dataclass(frozen=True)
class Original:
    """The failed mail. octets: whole, CRLF. sender: its envelope sender. The others are as its header has them."""

    octets: bytes
    sender: str
    header_from: str
    subject: str
    message_id: str
    date: str

    @property
    def header(self) -> bytes:
        """The header fields, each with its line end, without the empty line."""
        return self.octets.partition(b"\r\n\r\n")[0] + b"\r\n"

    @property
    def body(self) -> bytes:
        """What follows the empty line."""
        return self.octets.partition(b"\r\n\r\n")[2]


def read_original(mail: Mail) -> Original:
    """Return the mail as one that can bounce."""
    header = BytesHeaderParser().parsebytes(mail.octets)
    fields = [" ".join(str(header.get(name, "")).split()) for name in ("From", "Subject", "Message-ID", "Date")]
    return Original(use_crlf(mail.octets), mail.sender, *fields)


@dataclass(frozen=True)
class Filler:
    """How many octets to add to a failed mail so that its bounce gets a certain size; in_header: none to its body."""

    octets: int
    in_header: bool = False


def fill_original(original: Original, filler: Filler) -> Original:
    """Return the mail longer by so many octets: lines at the end of its body, or a folded field that its header gains.

    Raises ValueError for a field that would be shorter than its own name.
    """
    if not filler.in_header:
        lines, rest = divmod(filler.octets, _FILLER_OCTETS)
        more = (b"x" * (_FILLER_OCTETS - 2) + b"\r\n") * lines + b"x" * rest
        return replace(original, octets=original.octets + more)
    lines, rest = divmod(filler.octets - len(_FIELD) - 2, _FILLER_OCTETS)
    if lines < 0:
        raise ValueError(f"filler: {filler.octets} octets are too few for a header field")
    field = _FIELD + b"x" * rest + b"\r\n" + (b" " + b"x" * (_FILLER_OCTETS - 3) + b"\r\n") * lines
    return replace(original, octets=b"".join((original.header, field, b"\r\n", original.body)))


@dataclass(frozen=True)
class OriginalOptions:
    """What the failed mail is to say. subject, message_id: None for one of the seed."""

    sender: str
    header_from: str
    recipient: str
    subject: str | None = None
    message_id: str | None = None


def make_original(rng: random.Random, options: OriginalOptions, date: datetime) -> Original:
    """Return a mail such as a shop sends to its customers, all of it in 7 bits (RFC 1468)."""
    subject = options.subject if options.subject is not None else rng.choice(_SUBJECTS)
    message_id = options.message_id or f"<{draw_uuid(rng)}@mta{rng.randrange(1, 9):02d}.pro.smtps.jp>"
    fields = {
        "Message-ID": message_id,
        "Date": format_date(date),
        "From": f"{encode_words('サンプル商店', 'iso-2022-jp')} <{options.header_from}>",
        "To": options.recipient,
        "Subject": encode_words(subject, rng.choice(("iso-2022-jp", "utf-8"))),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=ISO-2022-JP",
        "Content-Transfer-Encoding": "7bit",
    }
    header = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    octets = join(header, "\r\n", encode_text(_BODY, "iso-2022-jp"))
    return Original(octets, options.sender, fields["From"], fields["Subject"], message_id, fields["Date"])
