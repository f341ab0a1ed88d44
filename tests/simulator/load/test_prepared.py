"""Mails made ready: dots, parameters, sizes."""

from simulator.load.prepared import Prepared, stuff_dots


def test_dots_that_begin_a_line_are_doubled_and_the_end_is_there() -> None:
    mail = Prepared("a@example.com", ["b@example.com"], b".one\r\ntwo.\r\n..three")
    assert mail.data == b"..one\r\ntwo.\r\n...three\r\n.\r\n"
    assert mail.size == len(b".one\r\ntwo.\r\n..three\r\n")


def test_a_bare_lf_before_a_dot_is_no_line_end() -> None:
    assert stuff_dots(b"a\n.b\r\n.c") == b"a\n.b\r\n..c"


def test_parameters_are_sent_only_where_the_server_offers_them() -> None:
    mail = Prepared("", ["さとう@example.com", "b@example.com"], "こんにちは\r\n".encode(), declared_size=77)
    assert mail.commands(frozenset())[0] == b"MAIL FROM:<>\r\n"
    offers = frozenset({"SIZE", "8BITMIME", "SMTPUTF8", "PIPELINING"})
    assert mail.commands(offers)[0] == b"MAIL FROM:<> SIZE=77 BODY=8BITMIME SMTPUTF8\r\n"
    assert mail.commands(offers)[1:] == (
        "RCPT TO:<さとう@example.com>\r\n".encode(),
        b"RCPT TO:<b@example.com>\r\n",
        b"DATA\r\n",
    )


def test_plain_mails_get_no_parameters() -> None:
    mail = Prepared("a@example.com", ["b@example.com"], b"x\r\n")
    assert mail.commands(frozenset({"SIZE", "8BITMIME", "SMTPUTF8"}))[0] == b"MAIL FROM:<a@example.com>\r\n"
