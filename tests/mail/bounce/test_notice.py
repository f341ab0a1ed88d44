"""A notice's heading, where its own lines end, and the mail that failed, from what is returned of it."""

import pytest

from cmcdesk.mail.bounce.notice import MAX_LINE, MAX_LINES, build_notice, clip_notice, read_heading, read_original
from cmcdesk.mail.bounce.parts import Parts, take_apart

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


@pytest.mark.parametrize(
    "separator",
    [
        "--- Below this line is a copy of the message.",  # qmail
        "------ This is a copy of the message, including all the headers. ------",  # Exim
        "    Below is a copy of the original message:",  # OpenSMTPD
        "Original message follows.",  # IMail
        "----- Original message -----",  # Gmail
        "   ----- Unsent message follows -----",  # Sendmail
        "Message headers follow.",  # DragonFly
        "------- Returned Message --------",  # Notes
        "Received: from mx.example by mx2.example; Thu, 1 Jan",
        "----- メッセージ原文 元のメッセージ -----".replace("メッセージ原文 ", ""),
    ],
)
def test_the_returned_mail_is_cut_off(separator: str) -> None:
    lines, tail = clip_notice(f"Not delivered: <a@dest.example>\n\n{separator}\nSubject: x\n\n<b@dest.example>: no")
    assert "\n".join(lines).strip() == "Not delivered: <a@dest.example>"
    assert "b@dest.example" in tail


def test_a_notice_may_speak_of_the_original_message() -> None:
    text = "The original message was received at Thu, 1 Jan\nYour message\n  Subject: Hello\nwas not delivered"
    assert clip_notice(text) == (text.split("\n"), "")


def test_lines_are_bounded() -> None:
    lines, _tail = clip_notice(("x" * 5000 + "\n") * 5000)
    assert len(lines) == MAX_LINES
    assert max(map(len, lines)) == MAX_LINE


def test_a_persons_responder_is_no_mail_system_although_it_writes_from_nobody() -> None:
    """RFC 3834: answers are sent from the null address too; their Auto-Submitted says so."""
    head = b"Return-Path: <>\nFrom: Joe <joe@dest.example>\nSubject: On leave\n"
    assert read_heading(take_apart(head + b"\nx")).by_machine is True
    assert read_heading(take_apart(head + b"Auto-Submitted: auto-replied\n\nx")).by_machine is False


def test_a_notice_is_built_once_with_what_all_readers_ask_for() -> None:
    octets = b"From: MAILER-DAEMON@x.example\nTo: me@sender.example\nSubject: failure notice\n\n"
    notice = build_notice(
        take_apart(octets + b"<a@dest.example>:\n\nno such user\n\n--- Below this line is a copy\n"), 3
    )
    assert (notice.said, notice.heading.by_machine) == ("<a@dest.example>:\nno such user", True)
    assert [mention.address for mention in notice.mentions] == ["a@dest.example"]
    assert notice.own == {"me@sender.example", "mailer-daemon@x.example"}
    assert notice.mentions is notice.mentions and notice.flat is notice.flat
    assert notice.about(2) == notice.said
