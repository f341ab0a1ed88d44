"""The mail that failed, from what is returned of it."""

from cmcdesk.mail.bounce.originals import find_addresses, read_original
from cmcdesk.mail.bounce.parts import Parts

HEAD = (
    "Return-Path: <r@return.example>\nFrom: =?utf-8?B?5bqX?= <shop@sender.example>\nTo: a@x.example,\n b@y.example\n"
    "Subject: =?iso-2022-jp?B?GyRCJCpDTiRpJDsbKEI=?=\nMessage-ID: <1@sender.example>\nX-Api-Data: k=v\n\nbody\n"
)


def test_the_returned_part_is_read() -> None:
    original = read_original(Parts({}, returned=[HEAD]), "")
    assert original.header_from == "shop@sender.example"
    assert original.recipients == ("a@x.example", "b@y.example")
    assert (original.subject, original.message_id) == ("お知らせ", "<1@sender.example>")
    assert (original.api_data, original.return_path) == ("k=v", "r@return.example")


def test_else_the_text_behind_the_notice() -> None:
    tail = f"--- Below this line is a copy of the message.\n\n{HEAD}"
    assert read_original(Parts({}), tail).message_id == "<1@sender.example>"


def test_nothing_returned_is_nothing_known() -> None:
    assert read_original(Parts({}, returned=["Message removed"]), "").message_id == ""


def test_addresses_are_bare_and_once() -> None:
    assert find_addresses('"Taro, Yamada" <a@x.example>, a@x.example, b@y.example.') == ("a@x.example", "b@y.example")
