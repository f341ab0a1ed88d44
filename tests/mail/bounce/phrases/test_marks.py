"""Header marks."""

import pytest

from cmcdesk.mail.bounce.phrases.marks import FORWARD, MACHINE, OTHER_SUBJECT, REPLY, SUBJECT, unquote_forwarded


@pytest.mark.parametrize(
    "sender",
    [
        "MAILER-DAEMON@mx.example", "Mail Delivery System <x@y.example>", "postmaster@x.example", "<>",
        "Mailer Daemon <>", "System Administrator <a@b.example>", '"Postmaster" <a@b.example>',
    ],
)  # fmt: skip
def test_mail_systems_are_known_by_name(sender: str) -> None:
    assert MACHINE.search(sender)


@pytest.mark.parametrize("sender", ["Taro <taro@sender.example>", "info@shop.example", "Post Office <po@x.example>"])
def test_people_are_not(sender: str) -> None:
    assert not MACHINE.search(sender)


@pytest.mark.parametrize(
    "subject",
    [
        "Undelivered Mail Returned to Sender", "failure notice", "Mail delivery failed: returning message to sender",
        "Delivery Status Notification (Failure)", "配信不能: テスト", "メール送信エラー", "Unzustellbar: Hallo",
        "Недоставленное сообщение", "Échec de la remise : Bonjour", "DELIVERY FAILURE: User x not listed",
    ],
)  # fmt: skip
def test_subjects_of_notices(subject: str) -> None:
    assert SUBJECT.search(subject)
    assert not OTHER_SUBJECT.match(subject)


@pytest.mark.parametrize(
    "subject",
    [
        "Out of Office: x",
        "Automatic reply: x",
        "不在通知",
        "自動返信: x",
        "Read: x",
        "Please confirm your subscription",
    ],
)
def test_subjects_of_other_programs(subject: str) -> None:
    assert OTHER_SUBJECT.match(subject)


def test_answers_and_forwards_are_told_apart() -> None:
    assert REPLY.match("Re: Undelivered Mail")
    assert REPLY.match("RE[2]: x")
    assert FORWARD.match("Fwd: Undelivered Mail")
    assert not REPLY.match("Returned mail")


def test_a_forward_is_unquoted_only_if_nothing_was_written_above() -> None:
    quoted = "---------- Forwarded message ----------\n> From: a@b.example\n> Subject: x\n>\n> text"
    assert unquote_forwarded(quoted) == ["From: a@b.example", "Subject: x", "", "text"]
    assert unquote_forwarded("What is this?\n" + quoted) == []
    assert unquote_forwarded("") == []
