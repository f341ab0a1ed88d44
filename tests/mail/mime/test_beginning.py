"""The beginning of a message: no more than its extent, and what was cut is named."""

import json

import pytest

from cmcdesk.mail.mime.beginning import JSON, PAGE, Extent, describe_beginning, take_beginning
from cmcdesk.mail.mime.message import describe_message, read_message

SMALL = Extent(text=10, fields=100, addresses=30, name=8, attachments=1)
HEAD = b"From: Aa <a@b.example>\r\nTo: c@d.example\r\nSubject: sub\r\n"
PART = b"--b\r\nContent-Type: application/pdf; name=%b\r\n\r\nx\r\n"


def mixed(*names: bytes) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"".join(PART % name for name in names) + b"--b--\r\n"


@pytest.mark.parametrize(
    ("octets", "cut"),
    [
        (HEAD + b"\r\nshort\r\n", ()),
        (HEAD + b"\r\n0123456789", ()),
        (HEAD + b"\r\n0123456789a", ("text",)),
        (HEAD + b"Content-Type: text/html\r\n\r\n<p>0123456789", ("html",)),
        (HEAD.replace(b"sub", b"a long subject") + b"\r\n", ("subject",)),
        (HEAD + b"X: " + b"x" * 100 + b"\r\n\r\n", ("headers",)),
        (HEAD + b"x:\r\n" * 100 + b"\r\n", ("headers",)),
        (b"From: " + b"a@b.example, " * 9 + b"\r\n\r\n", ("from", "headers")),
        (b"To: " + b"n" * 50 + b" <a@b.example>\r\n\r\n", ("to",)),
        (mixed(b"a.pdf"), ()),
        (mixed(b"a.pdf", b"b.pdf"), ("attachments",)),
        (mixed(b"a-long-name.pdf"), ("attachments",)),
    ],
)
def test_what_was_cut_is_named(octets: bytes, cut: tuple[str, ...]) -> None:
    message = read_message(octets)
    begun = take_beginning(message, SMALL)
    assert begun.cut == cut
    assert (begun.message == message) == (not cut)
    assert len(begun.message.text or "") <= 10 and len(begun.message.attachments) <= 1
    assert sum(len(field.name) + len(field.value) for field in begun.message.fields) <= 110


def test_a_mail_that_fits_is_told_as_ever() -> None:
    message = read_message(HEAD + b"\r\nbody\r\n")
    assert describe_beginning(message, JSON) == describe_message(message) | {"cut": []}


def test_json_of_the_worst_characters_stays_within_five_megabytes() -> None:
    half = b"\0" * 1_000_000
    octets = (
        b"From: " + b"a@b.example, " * 9000 + b"\r\nX: " + "あ".encode() * 60_000 + b"\r\n" + HEAD[24:]
        + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + half
        + b"\r\n--b\r\nContent-Type: text/html\r\n\r\n" + half + b"\r\n--b--\r\n"
    )  # fmt: skip
    told = describe_beginning(read_message(octets), JSON)
    assert {"text", "html", "from", "headers"} <= set(told["cut"])
    assert len(json.dumps(told)) < 5_000_000
    assert len(take_beginning(read_message(octets), PAGE).message.text or "") == PAGE.text
