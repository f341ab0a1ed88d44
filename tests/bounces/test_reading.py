"""A stored mail as rows."""

from collections.abc import Callable

from cmcdesk.bounces.reading import read_mail
from cmcdesk.mail.smtp.envelope import Recipient
from cmcdesk.store.maillog.log import MailRow

MAIL = MailRow(
    7, 12.5, "pro", 1, 1, "127.0.0.1", "",
    (Recipient("x@in.example", "inbound"), Recipient("r@return.example", "bounce")),
    "", "", "", 0,
)  # fmt: skip


def test_the_row_says_which_mail_and_which_original(write_bounce: Callable[..., bytes]) -> None:
    (row,) = read_mail("log", MAIL, write_bounce("a@dest.example"))
    assert (row.log_id, row.mail_id, row.ordinal, row.created_at) == ("log", 7, 0, 12.5)
    assert row.rule == "RFC 3464 delivery report | no such user"
    assert row.return_path == "news@return.sender.example"


def test_without_a_returned_header_the_return_path_is_where_the_bounce_came_to() -> None:
    octets = (
        b"From: MAILER-DAEMON@x\nSubject: failure notice\n\nThis is the qmail-send program.\n\n<a@b.example>:\nno\n"
    )
    (row,) = read_mail("log", MAIL, octets)
    assert (row.return_path, row.message_id, row.header_from) == ("r@return.example", "", "")


def test_what_the_database_cannot_hold_is_taken_out() -> None:
    octets = b"From: MAILER-DAEMON@x\nSubject: failure notice\n\nundeliverable\n\n<a@b.example>: \x00 550 no\xff\n"
    (row,) = read_mail("log", MAIL, octets)
    assert "\x00" not in row.diagnostic
    assert row.diagnostic.encode("utf-8")


def test_no_bounce_no_row() -> None:
    assert read_mail("log", MAIL, b"Subject: Hello\n\nHello\n") == []
