"""Odd but real mails: types, boundaries, transfer encodings, file names. Each is (name, octets, what must be read)."""

import base64
import binascii

from tests.mail.mime.odd_mail import HEAD, Odd, file, mail

PDF = b"%PDF-1.4 made up\n"
B64 = base64.encodebytes(PDF).replace(b"\n", b"\r\n")
TEXT = "本文です。\n"


def mixed(part_head: bytes, body: bytes = B64, boundary: bytes = b"b") -> bytes:
    """Return a mail of a text and one more part with this head."""
    return mail(
        b'Subject: s\r\nContent-Type: multipart/mixed; boundary="' + boundary + b'"',
        b"--"
        + boundary
        + b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + TEXT.encode()
        + b"\r\n--"
        + boundary
        + b"\r\n"
        + part_head
        + b"\r\n\r\n"
        + body
        + b"\r\n--"
        + boundary
        + b"--\r\n",
    )


def types() -> list[Odd]:
    """Types that are missing, cut, or unknown."""
    disposition = b"\r\nContent-Transfer-Encoding: base64"
    made = [
        Odd(
            f"attachment of type {t.decode()}",
            mixed(b"Content-Type: " + t + disposition),
            {"text": TEXT, "attachments": [file("a.pdf", PDF)]},
        )
        for t in (
            b"pdf; name=a.pdf",
            b'application; name="a.pdf"',
            b"application/; name=a.pdf",
            b"/pdf; name=a.pdf",
            b'; name="a.pdf"',
            b"image; name=a.pdf",
            b"application/x-unknown-thing; name=a.pdf",
            b'application/pdf name="a.pdf"',
            b"Application/PDF;name=a.pdf",
            b"file; name=a.pdf",
            b"*/*; name=a.pdf",
        )
    ]
    made += [
        Odd(
            f"multipart as {kind.decode()}",
            mixed(b"Content-Type: application/pdf; name=a.pdf" + disposition).replace(b"multipart/mixed", kind),
            {"text": TEXT, "attachments": [file("a.pdf", PDF)]},
        )
        for kind in (
            b"multipart/*",
            b"multipart/unknown",
            b"multipart/x-mixed-replace",
            b"Multipart/Mixed",
            b"MULTIPART/MIXED",
            b"multipart/form-data",
            b"multipart/parallel",
            b"multipart/",
            b"multipart",
            b"multipart/voice-message",
        )
    ]
    for kind in (
        b"text",
        b"TEXT/PLAIN",
        b"text/plain;",
        b"text/",
        b"plain",
        b"text/plain; charset",
        b"text/plain;; charset=utf-8",
        b"text/plain charset=utf-8",
        b"text/plain, charset=utf-8",
        b"text/plain; charset = utf-8",
        b"text/plain (a comment); charset=utf-8",
        b"(a comment) text/(another)plain; (one more) charset=utf-8",
        b"text/plain;charset=utf-8;charset=utf-8",
        b'"text/plain"; charset=utf-8',
        b"",
    ):
        made.append(
            Odd(
                f"text of type {kind.decode()}",
                mail(b"Subject: s\r\nContent-Type: " + kind, TEXT.encode()),
                {"text": TEXT},
            )
        )
    two = b"Content-Type: multipart/mixed; boundary=b"
    made.append(Odd("part without a head", mail(two, b"--b\r\n\r\nfirst\r\n--b--\r\n"), {"text": "first"}))
    made.append(
        Odd(
            "text kept as a file",
            mixed(
                b"Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; filename=log.txt",
                b"a log",
            ),
            {"text": TEXT, "attachments": [file("log.txt", b"a log")]},
        )
    )
    made.append(
        Odd(
            "html kept as a file",
            mixed(b"Content-Type: text/html\r\nContent-Disposition: attachment; filename=page.html", b"<p>"),
            {"text": TEXT, "html": None, "attachments": [file("page.html", b"<p>")]},
        )
    )
    made.append(
        Odd(
            "winmail.dat",
            mixed(b"Content-Type: application/ms-tnef; name=winmail.dat" + disposition),
            {"text": TEXT, "attachments": [file("winmail.dat", PDF)]},
        )
    )
    made.append(
        Odd(
            "the whole mail is a file",
            mail(
                b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n"
                b"Content-Disposition: attachment",
                B64,
            ),
            {"text": None, "html": None, "attachments": [file("a.pdf", PDF)]},
        )
    )
    return made


def two_texts() -> list[Odd]:
    """A second text whose type is missing or cut is text (RFC 2045 §5.2), and joined to the first."""
    kinds = (
        b"",
        b"Content-Disposition: inline\r\n",
        b"Content-Transfer-Encoding: 7bit\r\n",
        b"Content-Type: \r\n",
        b"Content-Type: text\r\n",
        b"X: y\r\n",
        b"Content-Type: ; charset=utf-8\r\n",
        b"Content-Id: <x>\r\n",
    )
    made = []
    for multipart in (b"mixed", b"related", b"*", b"x-unknown"):
        for kind in kinds:
            octets = mail(
                b"Content-Type: multipart/" + multipart + b"; boundary=b",
                b"--b\r\nContent-Type: text/plain\r\n\r\nfirst\r\n--b\r\n" + kind + b"\r\nsecond\r\n--b--\r\n",
            )
            made.append(
                Odd(f"second text {kind!r} in {multipart!r}", octets, {"text": "first\nsecond", "attachments": []})
            )
    return made


def boundaries() -> list[Odd]:
    """Delimiters as they come."""
    want = {"text": TEXT, "attachments": [file("a.pdf", PDF)]}
    head = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64"
    plain = mixed(head)
    odd = b"=_(x)+?.:/ b"
    made = [
        Odd("no closing delimiter", plain.replace(b"\r\n--b--\r\n", b"\r\n"), want),
        Odd("blanks after the delimiters", plain.replace(b"--b\r\n", b"--b \t\r\n"), want),
        Odd(
            "preamble and epilogue",
            plain.replace(b"\r\n\r\n--b", b"\r\n\r\nThis is a MIME mail.\r\n--b", 1) + b"epilogue\r\n",
            want,
        ),
        Odd("odd characters in the boundary", mixed(head, boundary=odd), want),
        Odd("boundary without quotes", plain.replace(b'boundary="b"', b"boundary=b"), want),
        Odd(
            "boundary with = and no quotes",
            mixed(head, boundary=b"----=_Part_1").replace(b'"----=_Part_1"', b"----=_Part_1"),
            want,
        ),
        Odd("boundary given twice", plain.replace(b'boundary="b"', b'boundary="b"; boundary="b"'), want),
        Odd("boundary as 2231", plain.replace(b'boundary="b"', b'boundary*0="b"'), want),
        Odd("no boundary parameter", plain.replace(b'; boundary="b"', b""), want),
        Odd("wrong boundary parameter", plain.replace(b'boundary="b"', b'boundary="other"'), want),
        Odd("no semicolon after the boundary", plain.replace(b'boundary="b"', b'boundary="b" charset="utf-8"'), want),
        Odd("boundary folded", plain.replace(b"; boundary", b";\r\n\tboundary"), want),
        Odd("lf only", plain.replace(b"\r\n", b"\n"), {"text": TEXT, "attachments": [file("a.pdf", PDF)]}),
        Odd("cr cr lf", plain.replace(b"\r\n", b"\r\r\n"), want),
        Odd("cut in the file", plain[: plain.index(B64) + len(B64)], want),
    ]
    inner = (
        b"--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + TEXT.encode()
        + b"\r\n--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>\r\n--b1--\r\n"
    )
    nested = mail(
        b"Content-Type: multipart/mixed; boundary=b",
        b"--b\r\nContent-Type: multipart/alternative; boundary=b1\r\n\r\n"
        + inner
        + b"\r\n--b\r\n"
        + head
        + b"\r\n\r\n"
        + B64
        + b"\r\n--b--\r\n",
    )
    made.append(Odd("one boundary begins the other", nested, want | {"html": "<p>"}))
    made.append(Odd("inner multipart not closed", nested.replace(b"--b1--\r\n", b""), want | {"html": "<p>\n"}))
    deep = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + TEXT.encode()
    for level in range(20):
        deep = b"Content-Type: multipart/mixed; boundary=n%d\r\n\r\n--n%d\r\n%b\r\n--n%d--\r\n" % (
            level,
            level,
            deep,
            level,
        )
    made.append(Odd("twenty levels", HEAD + deep, {"text": TEXT}))
    return made


def transfers() -> list[Odd]:
    """Transfer encodings, well and badly done."""
    want = {"attachments": [file("a.pdf", PDF)]}
    uu = b"begin 644 a.pdf\r\n" + binascii.b2a_uu(PDF).replace(b"\n", b"\r\n") + b"`\r\nend\r\n"
    forms: dict[str, tuple[bytes, bytes]] = {
        "base64 in one line": (b"base64", base64.b64encode(PDF)),
        "base64 with blanks": (b"base64", b" " + base64.b64encode(PDF)[:7] + b" \r\n\t" + base64.b64encode(PDF)[7:]),
        "base64 in capitals": (b"BASE64", B64),
        "base64 with a comment": (b"base64 (as ever)", B64),
        "base64 without padding": (b"base64", base64.b64encode(PDF).rstrip(b"=")),
        "base64 padded in the middle": (b"base64", base64.b64encode(PDF[:4]) + b"\r\n" + base64.b64encode(PDF[4:])),
        "base64 with a footer after it": (b"base64", B64 + b"\r\n"),
        "quoted-printable": (b"quoted-printable", b"%PDF-1.4=20ma=\r\nde up=0A="),
        "quoted-printable in small letters": (b"Quoted-Printable", b"%PDF-1.4=20made up=0a=\r\n"),
        "uuencode": (b"x-uuencode", uu),
        "uuencode, other name": (b"uuencode", uu),
        "x-uue": (b"x-uue", uu),
    }
    made = [
        Odd(
            f"transfer: {name}",
            mixed(b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: " + encoding, body),
            want,
        )
        for name, (encoding, body) in forms.items()
    ]
    texts: dict[str, tuple[bytes, bytes, str]] = {
        "soft breaks": (b"quoted-printable", b"one =\r\ntwo=20\r\nthree  \r\n=E2=82=AC\r\n", "one two \nthree\n€\n"),
        "no code after =": (b"quoted-printable", b"a=zz b= c\r\n", "a=zz b= c\n"),
        "8-bit in quoted-printable": (b"quoted-printable", "日=E6=9C=AC\r\n".encode(), "日本\n"),
        "unknown encoding": (b"8-bit", "本文\r\n".encode(), "本文\n"),
        "made-up encoding": (b"utf-8", "本文\r\n".encode(), "本文\n"),
        "7bit and 8-bit octets": (b"7bit", "本文\r\n".encode(), "本文\n"),
        "base64 said, text sent": (
            b"base64",
            "本文です。これは base64 ではありません。\r\n".encode(),
            "本文です。これは base64 ではありません。\n",
        ),
    }
    made += [
        Odd(
            f"text: {name}",
            mail(b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " + encoding, body),
            {"text": text},
        )
        for name, (encoding, body, text) in texts.items()
    ]
    return made


ALL = types() + two_texts() + boundaries() + transfers()
