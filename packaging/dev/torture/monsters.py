"""Monstrous mails: what a stranger may send to exhaust whoever reads it. `KINDS` makes each at any size.

`python packaging/dev/torture/monsters.py FOLDER [OCTETS]` writes them as files, which any SMTP client can send.
"""

import base64
import sys
from collections.abc import Callable
from pathlib import Path

HEAD = (
    b"From: Sender <sender@client.example>\r\nTo: sunk@inbound.example.com\r\nSubject: monster\r\nMIME-Version: 1.0\r\n"
)
SIZE = 10_000_000
"""Octets of a mail, as the default limit of a composition (10,240 KByte) just lets in."""

Maker = Callable[[int], bytes]
KINDS: dict[str, Maker] = {}


def text_of(
    name: str, unit: bytes, fields: bytes = b"Content-Type: text/plain; charset=utf-8", before: bytes = b""
) -> None:
    """Enter a mail whose body repeats `unit`."""
    KINDS[name] = lambda size: HEAD + fields + b"\r\n\r\n" + before + unit * (size // len(unit))


def head_of(
    name: str, unit: bytes, before: bytes = b"Subject: ", after: bytes = b"\r\nContent-Type: text/plain\r\n\r\nx\r\n"
) -> None:
    """Enter a mail whose header repeats `unit`."""
    KINDS[name] = lambda size: HEAD + before + unit * (size // len(unit)) + after


QP = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
B64 = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64"
MIXED = b"Content-Type: multipart/mixed; boundary=b"
HTML = b"Content-Type: text/html; charset=utf-8"

text_of("quoted-printable of =", b"=", QP)
text_of("quoted-printable of blanks at line ends", b"a \r\n", QP)
text_of("quoted-printable of soft breaks", b"=\r\n", QP)
text_of("quoted-printable of NUL codes", b"=00", QP)
text_of("quoted-printable of == between letters", b"==a", QP)
text_of("base64 of =", b"=", B64)
text_of("base64 of padded pieces", b"QQ==", B64)
text_of("base64 of NUL", b"AAAA", B64)
text_of("text of NUL", b"\0")
text_of("text of NUL and one emoji", b"\0", before="🍣".encode())
text_of("text of >", b">\r\n")
text_of("text of < and one emoji", b"<", before="🍣".encode())
text_of("text of CR", b"\r")
text_of("text of CR CR LF", b"ab\r\r\n")
text_of("text of empty lines", b"\r\n")
text_of("text of one line", b"a")
text_of("text of combining accents", "\u0301".encode(), before=b"a")
text_of("text of ISO-2022-JP escapes", b"\x1b$B0!\x1b(B", b"Content-Type: text/plain; charset=iso-2022-jp")
text_of("text of escapes alone", b"\x1b(B", b"Content-Type: text/plain; charset=iso-2022-jp")
text_of("text of shift-out and shift-in", b"\x0e1\x0f\n", b"Content-Type: text/plain; charset=iso-2022-jp")
text_of("text that EUC-JP has not", b"\xad\xa1a\x8f\xff", b"Content-Type: text/plain; charset=euc-jp")
text_of("text that Shift_JIS has not", b"\xfd\x81", b"Content-Type: text/plain; charset=shift_jis")
text_of("text that UTF-8 has not", b"\xff", b"Content-Type: text/plain; charset=utf-8")
text_of("text of half-width kana", b"\xb1\xb2\n", b"Content-Type: text/plain; charset=shift_jis")
text_of("text of UTF-7 shifts", b"+AGE-", b"Content-Type: text/plain; charset=utf-7")
text_of("text of HZ shifts", b"~{VP~}", b"Content-Type: text/plain; charset=hz-gb-2312")
text_of("text of UTF-16 surrogates", b"\xd8\x00", b"Content-Type: text/plain; charset=utf-16be")
text_of(
    "text of uuencoded lines",
    b"#0V%T\r\n",
    b"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode",
    b"begin 644 a\r\n",
)
text_of("HTML of <", b"<", HTML)
text_of("HTML of open elements", b"<div>", HTML)
text_of("HTML of entities", b"&notit;", HTML)
text_of("HTML of meta elements", b"<meta charset", b"Content-Type: text/html")
text_of("parts without anything", b"--b\r\n", MIXED)
text_of("parts of a header alone", b"--b\r\nContent-Type: text/plain\r\n\r\n", MIXED)
text_of("lines that are nearly delimiters", b"--bb\r\n", MIXED, b"--b\r\n\r\n")
text_of("parts whose headers have no end", b"a:\r\n", MIXED, b"--b\r\n")
text_of("a boundary that is nowhere", b"--" + b" " * 196 + b"\r\n", b"Content-Type: multipart/mixed")
text_of(
    "attachments with names",
    b'--b\r\nContent-Disposition: attachment; filename="%s.pdf"\r\n\r\nx\r\n' % (b"n" * 4000),
    MIXED,
)
head_of("a header of one field", b"a")
head_of("a header of fields", b"a:\r\n", b"")
head_of("a header of folds", b"\r\n a")
head_of("a header of encoded words", b"Subject: " + b"=?utf-8?q?a?= " * 2000 + b"\r\n", b"")
head_of("a header of cut words", b"=?iso-2022-jp?B?GyRC?=")
head_of("a header of escapes", b"\x1b$B\x1b(B")
head_of("a header of lines that are no field", b"no field\r\n")
head_of("a From of addresses", b"a@b.example, ", b"From: ")
head_of("a From of commas", b",", b"From: ")
head_of("a From of quotes", b'"\\', b"From: ")
head_of("a From of comments", b"(", b"From: ")
head_of("a type of parameters", b"; a=b", b"Content-Type: text/plain", b"\r\n\r\nx\r\n")
head_of("a file name of sections", b"; filename*1*=%E3%81%82", b"Content-Disposition: attachment", b"\r\n\r\nx\r\n")


def _enter(make: Maker) -> Maker:
    KINDS[(make.__doc__ or "").rstrip(".")] = make
    return make


@_enter
def _name_one_picture(size: int) -> bytes:
    """HTML that names one picture many times."""
    picture = base64.encodebytes(b"\x89PNG" + bytes(size // 4)).replace(b"\n", b"\r\n")
    page = b'<img src="cid:a">' * (size // 2 // 17)
    return (
        HEAD
        + b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
        + HTML
        + b"\r\n\r\n"
        + page
        + b"\r\n--b\r\n"
        b"Content-Type: image/png\r\nContent-ID: <a>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + picture
        + b"\r\n--b--\r\n"
    )


@_enter
def _nest_multiparts(size: int) -> bytes:
    """multiparts in multiparts, with nearly delimiters."""
    heads = b"".join(b"Content-Type: multipart/mixed; boundary=n%d\r\n\r\n--n%d\r\n" % (n, n) for n in range(60))
    return HEAD + heads + b"\r\n" + b"--n11\r\n--n1x\r\n" * (size // 14)


@_enter
def _nest_messages(size: int) -> bytes:
    """messages in messages."""
    unit = b"Content-Type: message/rfc822\r\n\r\n"
    return HEAD + unit * (size // len(unit))


@_enter
def _nest_encoded_multiparts(size: int) -> bytes:
    """a multipart in base64, in which text of quoted-printable lies."""
    inner = b"--c\r\n" + QP + b"\r\n\r\n" + b"=" * (size // 4 * 3)
    return (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=c\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(inner)
    )


@_enter
def _report_many(size: int) -> bytes:
    """a bounce of many recipients."""
    unit = b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    return (
        HEAD
        + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; b.example\r\n\r\n"
        + unit * (size // len(unit))
        + b"--b--\r\n"
    )


@_enter
def _alternate(size: int) -> bytes:
    """text and HTML of NUL side by side."""
    half = b"\0" * (size // 2)
    return (
        HEAD
        + MIXED
        + b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n"
        + half
        + b"\r\n--b\r\n"
        + HTML
        + b"\r\n\r\n"
        + half
        + b"\r\n--b--\r\n"
    )


@_enter
def _bring_pictures(size: int) -> bytes:
    """HTML with thousands of pictures."""
    count = size // 5000
    page = b"".join(b'<img src="cid:%d">' % n for n in range(count))
    pictures = b"".join(
        b"--b\r\nContent-Type: image/png\r\nContent-ID: <%d>\r\n\r\n%b\r\n" % (n, b"p" * 4800) for n in range(count)
    )
    return HEAD + MIXED + b"\r\n\r\n--b\r\n" + HTML + b"\r\n\r\n" + page + b"\r\n" + pictures + b"--b--\r\n"


def main(folder: str, size: str = str(SIZE)) -> None:
    """Write every kind as a file."""
    for number, (name, make) in enumerate(KINDS.items()):
        Path(folder, f"{number:02} {name.replace('/', ' ')}.eml").write_bytes(make(int(size)))


if __name__ == "__main__":
    main(*sys.argv[1:])
