"""Header sections as they arrive."""

import pytest

from cmcdesk.mail.mime.heads import MAX_FIELDS, MAX_LATE_FIELDS, decode_fields, read_head, use_line_feeds


def read(octets: bytes) -> tuple[list[tuple[str, str]], bytes]:
    octets = use_line_feeds(octets)
    head = read_head(octets, 0, len(octets), of_message=True)
    return [(field.name, field.value) for field in decode_fields(head, "")], octets[head.body :]


@pytest.mark.parametrize(
    ("octets", "fields", "body"),
    [
        (b"A: 1\r\nB: 2\r\n\r\nbody", [("A", "1"), ("B", "2")], b"body"),
        (b"A: 1\nB: 2\n\nbody", [("A", "1"), ("B", "2")], b"body"),
        (b"A: 1\rB: 2\r\rbody", [("A", "1"), ("B", "2")], b"body"),
        (b"A: 1\r\r\nB: 2\r\r\n\r\r\nbody", [("A", "1"), ("B", "2")], b"body"),
        (b"From a@b Mon Jan 1\nA: 1\n\nbody", [("A", "1")], b"body"),
        (b"\r\n\r\nA: 1\r\n\r\nbody", [("A", "1")], b"body"),
        (b"A : 1\n b\n\tc\n\nbody", [("A", "1 b\tc")], b"body"),
        (b"A:\n 1\n\nbody", [("A", "1")], b"body"),
        (b"A: 1\nno blank line before me\nmore: 1 x\n", [("A", "1")], b"no blank line before me\nmore: 1 x\n"),
        (b"A: 1\n--boundary\nContent-Type: x\n", [("A", "1")], b"--boundary\nContent-Type: x\n"),
        (b"Subject: =?utf-8?B?44GC?=\n=?utf-8?B?44GE?=\nTo: x\n\nb", [("Subject", "あい"), ("To", "x")], b"b"),
        (b"Subject: one\ntwo\nFrom: x\n\nb", [("Subject", "one two"), ("From", "x")], b"b"),
        (b"A: 1\n \t\nbody", [("A", "1")], b"body"),  # blanks on the empty line
        (b"A: 1\n  \nTo: 2\n\nb", [("A", "1"), ("To", "2")], b"b"),
        (b"A: 1", [("A", "1")], b""),
        (b"just text", [], b"just text"),
        (b"\nbody without a header", [], b"body without a header"),
        ("件名: x\n\nb".encode(), [], "件名: x\n\nb".encode()),
        (b"", [], b""),
    ],
)
def test_heads(octets: bytes, fields: list[tuple[str, str]], body: bytes) -> None:
    assert read(octets) == (fields, body)


def test_raw_octets_are_kept_and_names_found_in_any_case() -> None:
    head = read_head(b"SUBJECT: a\r\n b\r\n\r\n", 0, 18)
    assert head.find("subject") == b" a\r\n b\r\n"
    assert head.find("to") is None


def test_very_many_fields_are_cut_and_the_body_still_found() -> None:
    fields, body = read(b"a: b\r\n" * (MAX_FIELDS + 5) + b"\r\nbody")
    assert len(fields) == MAX_FIELDS
    assert body == b"body"


def test_what_a_mail_is_read_by_is_found_behind_very_many_fields() -> None:
    late = b"Subject: far\r\n off\r\nX: no\r\ncontent-type: text/html\r\n"
    fields, body = read(b"a: b\r\n" * MAX_FIELDS + late + b"\r\nTo: body")
    assert fields[MAX_FIELDS:] == [("Subject", "far off"), ("content-type", "text/html")]
    assert body == b"To: body"
    fields, _ = read(b"a: b\r\n" * MAX_FIELDS + b"To: x\r\n" * 1000 + b"\r\nbody")
    assert len(fields) == MAX_FIELDS + MAX_LATE_FIELDS
