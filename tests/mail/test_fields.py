from cmcdesk.mail.fields import SCANNED_OCTETS, header_end, is_plain, lower_names, scan_fields

NAMES = lower_names(["From", "Subject"])


def test_fields_are_found_unfolded_in_order_and_without_regard_to_case() -> None:
    octets = b"FROM: a@example.com\r\nX: y\r\nSubject: one\r\n two\r\n\tthree\r\nsubject : again\r\n\r\nSubject: no\r\n"
    assert scan_fields(octets, NAMES) == {"from": [b"a@example.com"], "subject": [b"one two three", b"again"]}


def test_line_ends_may_be_bare() -> None:
    assert scan_fields(b"Subject: one\n two\n\nFrom: body\n", NAMES) == {"subject": [b"one two"]}
    assert scan_fields(b"Subject: one\r\n\nFrom: body\r\n\r\n", NAMES) == {"subject": [b"one"]}


def test_a_mail_without_header_or_body_is_no_fault() -> None:
    assert scan_fields(b"", NAMES) == {}
    assert scan_fields(b"\r\nSubject: body\r\n", NAMES) == {}
    assert scan_fields(b"Subject: only", NAMES) == {"subject": [b"only"]}
    assert scan_fields(b"Subject:\r\n\r\n", NAMES) == {"subject": [b""]}


def test_names_are_whole_names() -> None:
    assert scan_fields(b"X-Subject: a\r\nSubjects: b\r\n\r\n", NAMES) == {}


def test_a_header_without_end_is_read_to_a_limit() -> None:
    octets = b"X: y\r\n" * (SCANNED_OCTETS // 6 + 10) + b"Subject: far\r\n"
    assert header_end(octets) <= SCANNED_OCTETS + 1
    assert scan_fields(octets, NAMES) == {}


def test_plain_is_ascii_without_encodings() -> None:
    assert is_plain(b"hello")
    assert not is_plain(b"=?utf-8?q?x?=")
    assert not is_plain(b'\x1b$B$"\x1b(B')
    assert not is_plain("件名".encode())
