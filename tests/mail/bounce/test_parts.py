"""The tolerant walk through a mail."""

import pytest

from cmcdesk.mail.bounce.parts import MAX_PARTS, decode_leaf, split_head, split_type, take_apart, undo_transfer

REPORT = (
    b'From: x\nContent-Type: multipart/report; boundary="b"; report-type=delivery-status\n\npreamble\n--b\n\nnotice\n'
    b"--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822;a@b\n--b\nContent-Type: message/rfc822\n\n"
    b"Subject: original\n\n--b--\nepilogue\n"
)


def test_parts_are_sorted_by_what_they_are_for() -> None:
    parts = take_apart(REPORT)
    assert (parts.report_type, parts.content_type) == ("delivery-status", "multipart/report")
    assert [text.strip() for text in parts.notices] == ["notice"]
    assert parts.reports == ["Final-Recipient: rfc822;a@b"]
    assert [text.strip() for text in parts.returned] == ["Subject: original"]


@pytest.mark.parametrize(
    "media",
    [b"message/global-headers", b'message/partial; id="a"; number=1', b"application/octet-stream", b"text/plain"],
)
def test_the_failed_mail_may_be_returned_under_other_types(media: bytes) -> None:
    returned = b"From: x@y.example\nSubject: original\nMessage-ID: <1@y.example>\n\n"
    octets = REPORT.replace(b"message/rfc822", media).replace(b"Subject: original\n\n", returned)
    parts = take_apart(octets)
    assert [text.strip() for text in parts.returned] == [returned.decode().strip()]
    assert [text.strip() for text in parts.notices] == ["notice"]


def test_a_longer_boundary_that_begins_alike_is_another() -> None:
    octets = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bb\nstill one\n--b\n\ntwo\n--b--\n"
    assert [text.strip() for text in take_apart(octets).notices] == ["one\n--bb\nstill one", "two"]


@pytest.mark.parametrize("boundary", [b'boundary="other"', b"x=y"])
def test_a_boundary_that_does_not_fit_leaves_one_text(boundary: bytes) -> None:
    octets = REPORT.replace(b'boundary="b"', boundary).replace(b"\n--b", b"\n -b")
    assert "Final-Recipient" in take_apart(octets).text()


def test_html_is_read_if_nothing_else_was_written() -> None:
    page = b"Content-Type: text/html\n\n<p>not delivered to a@b.example"
    assert take_apart(page).text().strip() == "not delivered to a@b.example"


def test_a_mail_may_lack_its_header_or_begin_with_an_mbox_line() -> None:
    assert split_head("Hello there\n\nb")[0] == ""
    assert split_head("From a@b Thu Jan 1\nSubject: x\n\nb") == ("Subject: x\n", "b")


def test_the_number_of_parts_is_bounded() -> None:
    octets = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5000
    assert len(take_apart(octets).notices) <= MAX_PARTS


def test_type_and_parameters() -> None:
    media, parameters = split_type('Text/Plain ; Charset="UTF-8"; x=y')
    assert (media, parameters) == ("text/plain", {"charset": "UTF-8", "x": "y"})


def test_a_report_is_known_under_the_types_that_gateways_give_it() -> None:
    fields = "\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; a@b.example\n"
    for media in ("message/x-delivery-status", "message/xdelivery-status", "application/octet-stream"):
        assert len(take_apart(f"Content-Type: {media}{fields}".encode()).reports) == 1, media
    assert take_apart(b"Content-Type: application/octet-stream\n\nanything else").reports == []


@pytest.mark.parametrize(
    ("octets", "encoding", "charset"),
    [
        ("宛先不明".encode("iso2022_jp"), "7bit", "iso-2022-jp"),
        ("宛先不明".encode("iso2022_jp"), "", ""),
        ("送信先メールアドレスが見つかりませんでした".encode("euc_jp"), "7bit", "ISO-2022-JP"),  # as au's gateway does
        ("宛先不明".encode(), "8bit", "us-ascii"),
        (b"5a6b5YWI5LiN5piO", "base64", "utf-8"),
        (b"=E5=AE=9B=E5=85=88=E4=B8=8D=E6=98=8E", "quoted-printable", "utf-8"),
    ],
)
def test_japanese_is_read_as_what_it_is(octets: bytes, encoding: str, charset: str) -> None:
    text = decode_leaf(octets.decode("latin-1"), encoding, charset)
    assert text in ("宛先不明", "送信先メールアドレスが見つかりませんでした")


def test_undoing_the_transfer_encoding_keeps_octets() -> None:
    assert undo_transfer("RnJvbTogYQ0KDQpi", "base64") == "From: a\n\nb"


def test_a_boundary_that_is_not_named_is_the_line_above_a_part_s_field() -> None:
    octets = REPORT.replace(b'; boundary="b"', b"").replace(
        b"\n--b\n\nnotice", b"\n--b\nContent-Type: text/plain\n\nnotice"
    )
    assert take_apart(octets).reports == ["Final-Recipient: rfc822;a@b"]


def test_a_report_below_its_part_s_fields_without_an_empty_line_is_read() -> None:
    octets = REPORT.replace(b"delivery-status\n\nFinal", b"delivery-status\nFinal")
    assert "Final-Recipient: rfc822;a@b" in take_apart(octets).reports[0]


@pytest.mark.parametrize(
    ("field", "preamble", "is_taken_apart"),
    [
        ("", "", True),
        ("Content-Type: text/plain\n", "This is a MIME-encapsulated message.\n\n", True),
        ("", "This is a multi-part message in MIME format\nwhich old programs show.\n\n", True),
        ("", "Your mail to <a@b.example> was not delivered. It was:\n", False),  # the parts are the returned mail's
    ],
)
def test_parts_are_known_where_the_header_lost_their_type(field: str, preamble: str, is_taken_apart: bool) -> None:
    body = f"{preamble}--b\nContent-Type: text/plain\n\none\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n--b--\n"
    parts = take_apart(f"From: x\n{field}\n{body}".encode())
    assert bool(parts.returned) is is_taken_apart
    assert (len(parts.notices[0]) < 10) is is_taken_apart
