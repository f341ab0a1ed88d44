"""Whole messages as they arrive in Japan, built from octets, and what their reader should see."""

import base64
import hashlib
import json
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmcdesk.mail.mime.message import Address, describe_message, read_message

BOUNCES = Path(__file__).parents[3].parent / "shared" / "corpora" / "bounces" / "mails"


def mail(head: str, body: bytes = b"") -> bytes:
    return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


def b64(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


@pytest.mark.parametrize("codec", ["utf-8", "cp932", "euc_jp", "iso2022_jp"])
def test_a_mail_that_declares_nothing(codec: str) -> None:
    source = "From: 表示 太郎 <a@example.jp>\nTo: b@example.jp\nSubject: 能力テストの件\n\nソースの表示です。\n"
    message = read_message(source.encode(codec))
    assert message.subject == "能力テストの件"
    assert message.from_ == (Address("表示 太郎", "a@example.jp"),)
    assert message.text == "ソースの表示です。\n"


def test_raw_fields_are_in_the_charset_of_the_text() -> None:
    source = "Subject: 한국\nContent-Type: text/plain; charset=euc-kr\n\n한국어"
    message = read_message(source.encode("euc_kr"))
    assert (message.subject, message.text) == ("한국", "한국어")


@pytest.mark.parametrize(
    ("content_type", "octets", "text"),
    [
        ("text/plain; charset=ISO-2022-JP", b"\x1b$B-!-j\x1b(B \x1b$B|byu\x1b(B \x1b(I6E\x1b(B", "①㈱ 髙﨑 ｶﾅ"),
        ("text/plain; charset=iso-2022-jp", "本文はUTF-8です".encode(), "本文はUTF-8です"),
        ("text/plain; charset=iso-2022-jp", "本文はシフトJIS".encode("cp932"), "本文はシフトJIS"),
        ("text/plain; charset=us-ascii", "8ビットの文".encode("cp932"), "8ビットの文"),
        ("text/plain; charset=Shift_JIS", "①㈱髙﨑～".encode("cp932"), "①㈱髙﨑～"),
        ("text/plain; charset=x-sjis", "ﾊﾝｶｸ".encode("cp932"), "ﾊﾝｶｸ"),
        ("text/plain; charset=nobody", "日本語の文".encode("euc_jp"), "日本語の文"),
        ("text/plain", b"\xef\xbb\xbfbom", "bom"),
        ("text", "型が変".encode(), "型が変"),
        ("text/plain; charset=utf-8; format=flowed", b"a \r\nb\r\n", "a \nb\n"),
        ("text/plain; charset=utf-7", b"+ZeVnLIqe-", "日本語"),
    ],
)
def test_text(content_type: str, octets: bytes, text: str) -> None:
    assert read_message(mail(f"Content-Type: {content_type}", octets)).text == text


TREE = mail(
    "Subject: tree\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=_(outer) '1'\"",
    b"preamble is not shown\r\n"
    b"--=_(outer) '1'\r\nContent-Type: multipart/alternative; boundary=alt\r\n\r\n"
    b"--alt\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + b64("平文\r\n".encode())
    + b"--alt\r\nContent-Type: multipart/related; boundary=rel\r\n\r\n"
    b"--rel\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"<p>=E5=B9=B3=\r\n=E6=96=87</p>\r\n"
    b"--rel\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--rel--\r\n--alt--\r\n"
    b"--=_(outer) '1'\r\nContent-Type: text/csv; charset=Shift_JIS\r\n"
    b'Content-Disposition: attachment; filename="=?ISO-2022-JP?B?GyRCSTwbKEIuY3N2?="\r\n\r\n'
    b"\x95\x5c,1\r\n\r\n"
    b"--=_(outer) '1'\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n"
    b"--=_(outer) '1'\r\nContent-Type: text/plain\r\n\r\n-- \r\nlist footer\r\n"
    b"--=_(outer) '1'--\r\nepilogue is not shown\r\n",
)


def test_a_whole_tree() -> None:
    message = read_message(TREE)
    assert message.text == "平文\n-- \nlist footer"
    assert message.html == "<p>平文</p>"
    assert [(one.filename, one.content_type, one.octets, one.inline) for one in message.attachments] == [
        ("", "image/png", b"\x89PNG", True),
        ("票.csv", "text/csv", b"\x95\x5c,1\r\n", False),
        ("", "message/rfc822", b"Subject: inner\r\n\r\ninner text", False),
    ]
    assert message.attachments[0].content_id == "logo@x"
    assert [part.content_type for part in message.parts.children] == [
        "multipart/alternative",
        "text/csv",
        "message/rfc822",
        "text/plain",
    ]


@pytest.mark.parametrize(
    "damage",
    [
        lambda octets: octets.replace(b"\r\n", b"\n"),
        lambda octets: octets.replace(b"--=_(outer) '1'--\r\nepilogue is not shown\r\n", b""),
        lambda octets: octets.replace(b"--rel--\r\n", b"").replace(b"--alt--\r\n", b""),
        lambda octets: octets.replace(b"\"=_(outer) '1'\"", b"wrong"),
        lambda octets: octets.replace(b"; boundary=\"=_(outer) '1'\"", b""),
        lambda octets: b"From a@b Mon\r\n" + octets,
    ],
    ids=["LF", "cut", "inner not closed", "wrong boundary", "no boundary", "mbox"],
)
def test_a_damaged_tree_reads_the_same(damage) -> None:  # type: ignore[no-untyped-def]
    message = read_message(damage(TREE))
    assert (message.text or "").rstrip("\n") == "平文\n-- \nlist footer"
    assert message.html == "<p>平文</p>"
    assert [one.filename for one in message.attachments] == ["", "票.csv", ""]


@pytest.mark.parametrize(
    ("part", "is_attachment"),
    [
        ("Content-Type: text/plain", False),
        ("Content-Type: text/plain\nContent-Disposition: inline", False),
        ("Content-Type: text/plain\nContent-Disposition: inline; filename=a.txt", True),
        ("Content-Type: text/plain; name=a.txt", False),  # the first part, named by Content-Type alone
        ("Content-Type: text/plain\n\nfirst\n--b\nContent-Type: text/plain; name=a.txt", None),
        ("Content-Type: text/plain\nContent-Disposition: attachment", True),
        ("Content-Type: text/calendar; method=REQUEST", True),
        ("Content-Type: application/pdf", True),
        ("Content-Type: image/gif\nContent-ID: <x>", True),
        ("Content-Type: message/delivery-status", True),
        ("X-None: 1", False),
    ],
)
def test_what_is_an_attachment(part: str, is_attachment: bool | None) -> None:
    octets = mail("Content-Type: multipart/mixed; boundary=b", f"--b\r\n{part}\r\n\r\nx\r\n--b--\r\n".encode())
    message = read_message(octets)
    expected = {True: (1, None), False: (0, "x"), None: (1, "first")}[is_attachment]
    assert (len(message.attachments), message.text) == expected


def test_the_only_part() -> None:
    assert read_message(mail("Content-Type: text/plain; name=body.txt", b"x")).text == "x"
    pdf = read_message(
        mail("Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64", b64(b"%PDF"))
    )
    assert (pdf.text, pdf.html, pdf.attachments[0].octets) == (None, None, b"%PDF")
    html = read_message(mail("Content-Type: text/html", b"<b>"))
    assert (html.text, html.html) == (None, "<b>")


def test_uuencode_inline_stays_text() -> None:
    body = b"hello\r\nbegin 644 a.txt\r\n#04)#\r\n`\r\nend\r\n"
    message = read_message(mail("Subject: uu", body))
    assert (message.text, message.attachments) == (body.decode().replace("\r\n", "\n"), ())


def test_the_json_has_every_key_and_lists_repeated_fields() -> None:
    octets = mail(
        "Received: a\nreceived: b\nFrom: x@y\nFROM: z <q@r>\nTo: p@q, =?utf-8?B?55Sw?= <r@s>\nSubject: s", b"t"
    )
    assert describe_message(read_message(octets)) == {
        "subject": "s",
        "from": ["x@y", "q@r"],
        "from_names": ["", "z"],
        "to": ["p@q", "r@s"],
        "to_names": ["", "田"],
        "text": "t",
        "html": None,
        "attachments": [],
        "headers": {
            "Received": ["a", "b"],
            "From": ["x@y", "z <q@r>"],
            "To": "p@q, 田 <r@s>",
            "Subject": "s",
        },
    }
    assert describe_message(read_message(b""))["subject"] == ""


def test_the_digest_is_of_the_decoded_octets() -> None:
    octets = mail("Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64", b64(bytes(range(256))))
    attachment = describe_message(read_message(octets))["attachments"][0]
    assert attachment == {"filename": "a.png", "sha256": hashlib.sha256(bytes(range(256))).hexdigest()}


@pytest.mark.parametrize("unit", [b"\r", b"\n", b" ", b"\x00", b"\x1b$B", b"--", b"a:b\n", b"=", b"\xe3\x81"])
@pytest.mark.parametrize("head", [b"", b"Subject: x\n\n", b"Content-Type: multipart/mixed\n\n", b"Subject: x"])
def test_hostile_repetitions_end(unit: bytes, head: bytes) -> None:
    read_message(head + unit * 100_000)


@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)), st.integers(0, len(TREE)))
@settings(max_examples=300, deadline=None)
def test_total_on_octets_and_on_damaged_trees(octets: bytes, at: int) -> None:
    for source in (octets, TREE[:at] + octets + TREE[at:], TREE[:at] + octets + TREE[at + len(octets) :]):
        described = describe_message(read_message(source))
        json.dumps(described, ensure_ascii=False).encode("utf-8")
        assert len(described["to"]) == len(described["to_names"])


@pytest.mark.skipif(not BOUNCES.is_dir(), reason="the corpus of bounce mails is not on this machine")
def test_real_mails_read_as_the_standard_library_reads_them_where_it_can() -> None:
    """Field names in order, subject, first shown text: the same for every mail that the standard library can read."""
    compared = 0
    for path in sorted(BOUNCES.rglob("*.eml")):
        octets = path.read_bytes()
        theirs = message_from_bytes(octets, policy=policy.default)
        mine = read_message(octets)
        assert [field.name for field in mine.fields] == list(theirs.keys()), path
        assert mine.subject == str(theirs["subject"] or "").strip(), path
        text = read_plain_text(theirs)
        if text and not theirs.defects:
            assert (mine.text or "").strip().startswith(text), path
            compared += 1
    assert compared > 100


def read_plain_text(message: EmailMessage) -> str:
    """The first text/plain part as the standard library decodes it; "" where it has none, or replaces characters."""
    body = message.get_body(("plain",))
    if body is None or body.defects or body.get("content-transfer-encoding", "").lower() == "quoted-printable":
        return ""
    try:
        text = str(body.get_content()).replace("\r\n", "\n").strip()
    except LookupError:
        return ""
    return "" if "\ufffd" in text else text
