import email
import email.policy
from typing import Any

import pytest

from cmcdesk.mail.bounce.reader import read_bounce
from cmcdesk.outbound.answer import SmtpAnswer
from cmcdesk.outbound.report import HEAD_KEPT, FailedRecipient, FailureReport, cut_head, write_report

HEAD = b"From: a@app.example\r\nMessage-ID: <1@app.example>\r\nSubject: hello\r\nX-Api-Data: 7\r\n"


def make(*failed: FailedRecipient, head: bytes = HEAD + b"\r\nbody\r\n", to: str = "info@return.example") -> bytes:
    return write_report(FailureReport(to, "mta01.pro.smtps.jp", "token", 1.7e9, 1.7e9 + 60, failed, head))


def failed(address: str, code: int | None, enhanced: str, text: str, error_status: int) -> FailedRecipient:
    host = ("mx.dest.example", "127.0.1.1") if code else ("", "")
    return FailedRecipient(address, SmtpAnswer(code, enhanced, text, "RCPT TO" if code else "DNS", *host), error_status)


UNKNOWN = failed("nobody@dest.example", 550, "5.1.1", "<nobody@dest.example>: User unknown", 2)


def test_it_has_the_form_of_a_report() -> None:
    mail: Any = email.message_from_bytes(make(UNKNOWN), policy=email.policy.default)
    assert mail.get_content_type() == "multipart/report" and mail.get_param("report-type") == "delivery-status"
    assert (mail["To"], mail["Auto-Submitted"]) == ("info@return.example", "auto-replied")
    assert mail["From"] == "Mail Delivery System <MAILER-DAEMON@mta01.pro.smtps.jp>"
    words, status, original = mail.iter_parts()
    assert "host mx.dest.example[127.0.1.1] said: 550 5.1.1" in words.get_content()
    of_mail, of_recipient = status.get_payload()
    assert of_mail["Reporting-MTA"] == "dns; mta01.pro.smtps.jp" and "2023" in of_mail["Arrival-Date"]
    assert (of_recipient["Final-Recipient"], of_recipient["Action"], of_recipient["Status"]) == (
        "rfc822; nobody@dest.example", "failed", "5.1.1",
    )  # fmt: skip
    assert of_recipient["Remote-MTA"] == "dns; mx.dest.example"
    assert original.get_content_type() == "text/rfc822-headers"
    assert original.get_content().split() == HEAD.decode().split()


@pytest.mark.parametrize(
    ("recipient", "error_status"),
    [
        (UNKNOWN, 2),
        (failed("a@dest.example", 550, "", "No such user here", 2), 2),
        (failed("a@dest.example", 552, "5.2.2", "Mailbox full", 5), 5),
        (failed("a@dest.example", None, "5.1.2", "Host or domain name not found: dest.example", 1), 1),
        (failed("a@dest.example", None, "5.1.10", "Domain dest.example does not accept mail (null MX)", 1), 1),
        (failed("a@dest.example", 452, "4.2.2", "<a@dest.example>: Mailbox full", 3), 3),
        (failed("a@dest.example", None, "4.4.1", "connect: connection refused", 3), 3),
        (failed("あ@dest.example", 550, "5.1.1", "User unknown", 2), 2),
    ],
)
def test_the_reader_of_bounces_finds_what_the_queue_found(recipient: FailedRecipient, error_status: int) -> None:
    read = read_bounce(make(recipient))
    assert read.final and [(one.recipient, one.error_status) for one in read.failures] == [
        (recipient.address, error_status)
    ]


def test_the_reader_finds_the_mail_again_also_where_its_head_is_no_ascii() -> None:
    head = HEAD.replace(b"hello", "注文".encode())
    original = read_bounce(make(UNKNOWN, head=head)).original
    assert (original.subject, original.message_id, original.api_data) == ("注文", "<1@app.example>", "7")


def test_all_lines_are_whole_and_short_and_ascii_where_they_must_be() -> None:
    long = failed("a@dest.example", 550, "5.7.1", "だめ " + "x" * 1500 + " word" * 200, 4)
    octets = make(long, UNKNOWN, head=b"")
    assert octets.count(b"\r\n") == octets.count(b"\n") == octets.count(b"\r")
    status = octets.split(b"message/delivery-status")[1].split(b"--token")[0]
    assert status.isascii() and len(read_bounce(octets).failures) == 2


@pytest.mark.parametrize(
    ("recipient", "head", "eight_bit"),
    [
        (UNKNOWN, HEAD, [False, False, False, False]),
        (UNKNOWN, "Subject: だめ\r\n".encode(), [True, False, False, True]),
        (failed("あ@dest.example", 550, "5.1.1", "User unknown", 2), HEAD, [True, True, True, False]),
        (failed("a@dest.example", 550, "5.1.1", "だめ", 2), HEAD, [True, True, False, False]),
    ],
)
def test_what_is_8bit_says_so_and_so_does_the_whole(
    recipient: FailedRecipient, head: bytes, eight_bit: list[bool]
) -> None:
    octets = make(recipient, head=head)
    mail = email.message_from_bytes(octets)
    parts: Any = mail.get_payload()
    assert [part["Content-Transfer-Encoding"] for part in (mail, *parts)] == [
        "8bit" if is_8bit else None for is_8bit in eight_bit
    ]
    assert octets.isascii() is not eight_bit[0] and read_bounce(octets).final


@pytest.mark.parametrize(
    ("octets", "head"),
    [
        (b"A: b\r\n\r\nbody\r\n", b"A: b\r\n"), (b"A: b\n\nbody\n", b"A: b\r\n"), (b"", b""), (b"A: b", b"A: b\r\n"),
        (b"A: " + b"b" * HEAD_KEPT, b""),
    ],
)  # fmt: skip
def test_the_head_is_cut_off_where_it_ends(octets: bytes, head: bytes) -> None:
    assert cut_head(octets) == head
