"""The tree of parts, as the MIME-tree view shows it."""

import base64

from cmcdesk.mail.mime.heads import read_head
from cmcdesk.mail.mime.structure import MAX_DEPTH, MAX_PARTS, Budget, MimePart, read_part


def read(octets: bytes) -> MimePart:
    return read_part(octets, read_head(octets, 0, len(octets)), Budget())


def outline(part: MimePart) -> list[object]:
    return [part.content_type, *[outline(child) for child in part.children]]


def test_an_enclosed_message_is_opened_for_the_view_but_its_leaves_are_not_kept() -> None:
    inner = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\ntext\r\n--i--\r\n"
    part = read(
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(inner)
    )
    assert outline(part) == ["message/rfc822", ["multipart/mixed", ["text/plain"]]]
    assert part.octets == inner
    assert part.children[0].children[0].octets == b""


def test_what_is_wrong_is_noted() -> None:
    assert read(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx").problems == ("not-closed",)
    assert read(b"Content-Type: multipart/mixed\n\nplain").problems == ("boundary-missing",)
    guessed = read(b"Content-Type: multipart/mixed; boundary=a\n\n--b\nContent-Type: text/html\n\nx\n--b--")
    assert (guessed.problems, outline(guessed)) == (("boundary-guessed",), ["multipart/mixed", ["text/html"]])
    assert read(b"Content-Transfer-Encoding: odd\n\nx").problems == ("encoding-unknown",)
    assert read("Content-Transfer-Encoding: base64\n\nあ、平文".encode()).problems == ("encoding-wrong",)
    assert read(b"Content-Type: text/plain; charset=odd\n\nx").problems == ("charset-unknown",)
    differs = read("Content-Type: text/plain; charset=iso-2022-jp\n\nあ".encode())
    assert (differs.problems, differs.charset, differs.read_as) == (("charset-differs",), "iso-2022-jp", "utf-8")
    assert read("Content-Type: text/plain; charset=iso-2022-jp\n\nあ".encode("iso2022_jp")).problems == ()


def test_size_is_what_was_transferred() -> None:
    assert read(b"Content-Transfer-Encoding: base64\r\n\r\nQUJD\r\n").size == 6


def test_a_digest_holds_messages() -> None:
    part = read(b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ny\n--b--")
    assert outline(part) == ["multipart/digest", ["message/rfc822", ["text/plain"]]]


def test_html_names_its_charset_itself() -> None:
    html = '<html><meta http-equiv="Content-Type" content="text/html; charset=euc-kr"><p>한국어</p>'
    assert read(b"Content-Type: text/html\n\n" + html.encode("euc_kr")).text == html


def test_a_multipart_may_be_encoded_though_it_must_not() -> None:
    inner = base64.encodebytes(b"--b\r\n\r\nhello\r\n--b--\r\n")
    part = read(b"Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + inner)
    assert part.children[0].text == "hello"


def test_limits() -> None:
    levels = range(MAX_DEPTH + 10)
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in levels)
    part, depth = read(deep), 0
    while part.children:
        part, depth = part.children[0], depth + 1
    assert (depth, part.problems) == (MAX_DEPTH, ("too-deep",))
    many = read(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * (MAX_PARTS + 10))
    assert "too-many-parts" in many.problems
    assert len(many.children) == MAX_PARTS - 1
