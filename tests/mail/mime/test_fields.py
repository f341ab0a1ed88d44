import pytest

from cmcdesk.mail.mime.fields import (
    LATE_OCTETS,
    SCANNED_OCTETS,
    header_end,
    is_mail,
    is_plain,
    lower_names,
    scan_fields,
)
from cmcdesk.mail.mime.message import read_message
from cmcdesk.rules.matching import decode_field_body

NAMES = lower_names(["From", "Subject"])


def test_fields_are_found_unfolded_in_order_and_without_regard_to_case() -> None:
    octets = b"FROM: a@example.com\r\nX: y\r\nSubject: one\r\n two\r\n\tthree\r\nsubject : again\r\n\r\nSubject: no\r\n"
    assert scan_fields(octets, NAMES) == {"from": [b"a@example.com"], "subject": [b"one two\tthree", b"again"]}


def test_line_ends_may_be_bare() -> None:
    assert scan_fields(b"Subject: one\n two\n\nFrom: body\n", NAMES) == {"subject": [b"one two"]}
    assert scan_fields(b"Subject: one\r\n\nFrom: body\r\n\r\n", NAMES) == {"subject": [b"one"]}


@pytest.mark.parametrize(
    "octets",
    [
        "Subject: お問い合わせ".encode("iso2022_jp")[:-7] + b"\r\n " + "お問い合わせ".encode("iso2022_jp")[-7:],
        b"Subject: =?utf-8?B?5Lu2?=\r\n=?utf-8?B?5ZCN?=",
        b"Subject: =?utf-8?B?5Lu25ZC\r\nNDQo=?=",
        b"From: Sales <\r\na@x.example>\r\nSubject: one",
        b"From: a@x.example,\r\nb@y.example\r\nSubject: one",
        b"From: a@x.example,\r\nSubject: one",
        b"From: a@x.example\rSubject: one\r two",
        b"Subject: one  \r\n\t two",
        b"Subject: \xef\xbb\xbf" + "件名".encode(),
        b"Subject: \x0b\xef\xbb\xbfone\x0c",
        b"Subject: \x1f one\r two \x1f",
    ],
)
def test_a_condition_sees_the_value_that_is_sent(octets: bytes) -> None:
    end = b"\r\n" if b"\n" in octets else b"\r"
    octets += end + b"To: c@z.example" + end + end + b"body\r\n"
    seen = {name: [decode_field_body(body) for body in bodies] for name, bodies in scan_fields(octets, NAMES).items()}
    fields = [field for field in read_message(octets).fields if field.name != "To"]
    assert seen == {field.name.lower(): [field.value] for field in fields}


def test_a_mail_without_header_or_body_is_no_fault() -> None:
    assert scan_fields(b"", NAMES) == {}
    assert scan_fields(b"\r\nbody\r\n", NAMES) == {}
    assert scan_fields(b" \r\n", NAMES) == {}
    assert scan_fields(b"Subject: only", NAMES) == {"subject": [b"only"]}
    assert scan_fields(b"Subject:\r\n\r\n", NAMES) == {"subject": [b""]}


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r\r\n"])
@pytest.mark.parametrize(
    "before",
    [b"", b"\xef\xbb\xbf", b"\r\n", b" \t\r\n", b" by way of x\r\n", b"From a@b Mon Jan 1\r\n", b"Banner 2.0\r\n"],
)
def test_the_same_fields_are_found_as_by_a_reader_of_the_whole_mail(before: bytes, end: bytes) -> None:
    octets = before + end.join([b"From: a@example.com", b"Subject: one", b" two", b"", b"From: body", b"", b""])
    assert scan_fields(octets + b"\r\n\r\nSubject: body", NAMES) == {
        "from": [b"a@example.com"],
        "subject": [b"one two"],
    }
    assert [field.raw.split() for field in read_message(octets).fields] == [[b"a@example.com"], [b"one", b"two"]]


def test_names_are_whole_names() -> None:
    assert scan_fields(b"X-Subject: a\r\nSubjects: b\r\n\r\n", NAMES) == {}


def test_a_header_without_end_is_read_to_a_limit() -> None:
    octets = b"X: y\r\n" * (LATE_OCTETS // 6 + 10) + b"Subject: far\r\n"
    assert header_end(octets) <= SCANNED_OCTETS + 1
    assert scan_fields(octets, NAMES) == {}


@pytest.mark.parametrize("before", [b"X-Huge: " + b"x" * 1_000_000 + b"\r\n", b"X: y\r\n" * (SCANNED_OCTETS // 4)])
def test_the_first_field_of_a_name_is_found_behind_a_long_header(before: bytes) -> None:
    late = b"From: no\r\nSubject: far\r\n off\r\nSubject: again\r\n\r\nTo: body\r\n"
    octets = b"From: a@b.example\r\n" + before + late
    names = NAMES | {"to"}
    assert scan_fields(octets, names) == {"from": [b"a@b.example"], "subject": [b"far off"]}
    assert scan_fields(octets.replace(b"\r\n", b"\n"), names) == {"from": [b"a@b.example"], "subject": [b"far off"]}
    assert read_message(octets).subject == "far off"


def test_a_field_that_the_limit_cuts_is_found_whole() -> None:
    for shift in range(-12, 4):
        octets = b"X: " + b"x" * (SCANNED_OCTETS + shift - 5) + b"\r\nSubject: far\r\nTo: c@d.example\r\n\r\nbody\r\n"
        assert scan_fields(octets, NAMES) == {"subject": [b"far"]}


def test_plain_is_ascii_without_encodings() -> None:
    assert is_plain(b"hello")
    assert not is_plain(b"=?utf-8?q?x?=")
    assert not is_plain(b'\x1b$B$"\x1b(B')
    assert not is_plain("件名".encode())


@pytest.mark.parametrize("octets", [b"", b"hello: world", b"\x00\x01", b"a text\nwith lines\n"])
def test_without_a_field_that_mails_have_it_is_no_mail(octets: bytes) -> None:
    assert not is_mail(octets)


@pytest.mark.parametrize("octets", [b"Subject: x", b"From x@y\nReceived: by z", b"\r\n\r\nFROM : a", b"X-Own: 1\r\n"])
def test_a_field_that_mails_have_makes_it_one(octets: bytes) -> None:
    assert is_mail(octets)


KANJI = "発務"  # whose octets in EUC-JP are two letters of UTF-8 too


@pytest.mark.parametrize(
    ("label", "codec", "subject", "body"),
    [
        ("EUC-JP", "euc_jp", "ﾔﾏﾀﾞ", "x"),
        ("EUC-JP", "euc_jp", KANJI, "x"),
        ("us-ascii", "euc_jp", KANJI, "本文です"),
        ("", "euc_jp", KANJI, "本文です"),
        ("Shift_JIS", "cp932", "ﾔﾏﾀﾞ", "x"),
        ("koi8-r", "koi8_r", "Привет", "x"),
        ("gb2312", "gbk", "订单确认", "x"),
        ("euc-kr", "cp949", "주문 확인", "x"),
    ],
)
@pytest.mark.parametrize("is_multipart", [False, True])
def test_a_condition_sees_8_bit_fields_in_the_charset_of_the_mail(
    label: str, codec: str, subject: str, body: str, is_multipart: bool
) -> None:
    charset = f"; charset={label}" if label else ""
    text = f"Content-Type: text/plain{charset}\r\n\r\n{body}\r\n"
    if is_multipart:
        text = f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{text}--b--\r\n"
    octets = f"Subject: {subject}\r\nFrom: {subject} <a@b.example>\r\n{text}".encode(codec)
    fields = scan_fields(octets, NAMES)
    assert [decode_field_body(body) for body in fields["subject"]] == [subject] == [read_message(octets).subject]
    assert [decode_field_body(body) for body in fields["from"]] == [f"{subject} <a@b.example>"]


def test_the_fields_together_tell_the_charset_of_one() -> None:
    octets = f"Subject: お問い合わせ\r\nFrom: {KANJI} <a@b.example>\r\n\r\nx\r\n".encode("euc_jp")
    assert read_message(octets).from_[0].name == KANJI
    assert decode_field_body(scan_fields(octets, NAMES)["from"][0]) == f"{KANJI} <a@b.example>"


def test_utf_8_is_utf_8_whatever_the_mail_declares() -> None:
    octets = "Subject: 件名\r\nContent-Type: text/plain; charset=".encode() + b"Shift_JIS\r\n\r\nx\r\n"
    assert decode_field_body(scan_fields(octets, NAMES)["subject"][0]) == "件名" == read_message(octets).subject
