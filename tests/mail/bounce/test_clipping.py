"""Where notices end and returned mails begin."""

import pytest

from cmcdesk.mail.bounce.clipping import MAX_LINE, MAX_LINES, clip_notice


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
