"""Bounces and other mails in many forms: what a mail says decides, not what a name or a word in it looks like."""

import itertools

import pytest

from cmcdesk.mail.bounce.reader import BounceVerdict, Failure, read_bounce
from tests.mail.bounce.forms.mails import (
    MIXED,
    ORDINARY,
    SENDERS,
    Row,
    read_groups,
    read_rows,
    write_bounce,
    write_notice,
    write_ordinary,
)

REPLIES, CAUSES = read_groups("replies.txt"), read_groups("causes.ja.txt")
NOTICES, HEADINGS = read_groups("notices.ja.txt"), read_rows("headings.ja.txt")
CHARSETS = ("utf-8", "iso-2022-jp", "shift_jis")
TO = "taro@dest.example"
HOST = "mx1.dest.example"
# Names that hold a word of some table, and are names all the same
HOSTS = (
    "mx.ube-k.ac.example", "spamexperts.example", "mx.blacklist.example", "certificate.example", "virus.dest.example",
    "mailbox-full.example", "relay.denied.example", "mx1.spamhaus-fans.example.jp", "greylist.mx.example.co.jp",
    "timeout.example", "dmarc.mail.dest.jp", "loop.mx.example.net", "policy.example.com", "rbl.example.org",
    "throttle.example.ne.jp", "too-large.example", "quota.example", "nxdomain.example.jp", "reputation.example",
)  # fmt: skip
MAILBOXES = (
    "spam", "virus", "mailbox.full", "blacklist", "relay", "quota", "dmarc", "no-such-user", "policy", "timeout",
    "too.large", "postfix", "suspended", "bulk", "junk.mail", "abuse", "rbl", "spf-fail", "loop",
)  # fmt: skip
ADDRESSES = (
    "o'neil@dest.example", "a/b@docomo.example", "a*b@dest.example", "a|b@dest.example", "a`b@dest.example",
    "{a}@dest.example", "a~b@dest.example", "a=b@dest.example", "a+tag@dest.example", "a&b@dest.example",
    "a$b#c@dest.example", "a!b@dest.example", "a%b@dest.example", "a^b@dest.example", "a?b@dest.example",
    "_a_@dest.example", "-a-@dest.example", "a.b-c_d@sub.dest.example", "user@例え.example", "ユーザ@dest.example",
    "山田太郎@例え.jp", "user@例え.テスト", "müller@bücher.example", "пользователь@пример.example",
    "x@xn--r8jz45g.example", "0312345678@dest.example", "a@d.example", "ゆーざ@dest.example",
)  # fmt: skip
WORDS = (("2", "550 5.1.1 User unknown"), ("5", "552 5.2.2 Mailbox full"), ("2", "550 User unknown"))


def only_failure(verdict: BounceVerdict) -> Failure:
    assert verdict.is_bounce, verdict.rule
    assert len(verdict.failures) == 1, verdict.failures
    return verdict.failures[0]


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("right", REPLIES)
def test_one_answer_is_one_class_whoever_relayed_it(sender: str, right: str) -> None:
    for reply in REPLIES[right]:
        verdict = read_bounce(write_bounce(sender, reply, TO, HOST))
        failure = only_failure(verdict)
        assert str(failure.error_status) in right, (reply, failure)
        assert (failure.recipient, verdict.final) == (TO, True), reply


@pytest.mark.parametrize("sender", SENDERS)
def test_a_host_name_never_decides(sender: str) -> None:
    for host, (right, reply) in itertools.product(HOSTS, WORDS):
        for domain in (host, "dest.example"):
            failure = only_failure(read_bounce(write_bounce(sender, reply, f"user@{domain}", host)))
            assert (str(failure.error_status), failure.recipient) == (right, f"user@{domain}"), (host, failure)


@pytest.mark.parametrize("sender", SENDERS)
def test_a_mailboxs_name_never_decides(sender: str) -> None:
    for name, (right, reply) in itertools.product(MAILBOXES, WORDS):
        for form in ("{0}", "{0}: {1}", "{0} ({1})", "{0} <{1}>", '{0} "{1}"'):
            failure = only_failure(
                read_bounce(write_bounce(sender, form.format(reply, name), f"{name}@dest.example", HOST))
            )
            assert (str(failure.error_status), failure.recipient) == (right, f"{name}@dest.example"), (form, failure)


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_the_mailbox_is_named_whole(sender: str, address: str) -> None:
    for reply in ("550 5.1.1 User unknown", "550 5.1.1 <{to}>: Recipient address rejected: User unknown"):
        failure = only_failure(read_bounce(write_bounce(sender, reply, address, HOST)))
        assert (failure.recipient, failure.error_status) == (address, 2)


@pytest.mark.parametrize("right", CAUSES)
@pytest.mark.parametrize("charset", CHARSETS)
def test_a_cause_in_plain_japanese_is_understood(right: str, charset: str) -> None:
    for number, cause in enumerate(CAUSES[right]):
        for opening in NOTICES["1"][number % 5 :: 5]:
            text = opening.format(to=TO, cause=cause)
            verdict = read_bounce(write_notice(HEADINGS[number % len(HEADINGS)], text, charset))
            failure = only_failure(verdict)
            assert (str(failure.error_status), failure.recipient) == (right, TO), (text, failure)
            assert verdict.final, text


@pytest.mark.parametrize("opening", NOTICES["1"])
@pytest.mark.parametrize("charset", CHARSETS)
def test_a_notice_in_japanese_is_known(opening: str, charset: str) -> None:
    for heading in HEADINGS:
        verdict = read_bounce(write_notice(heading, opening.format(to=TO, cause="ユーザーが存在しません。"), charset))
        assert only_failure(verdict).error_status == 2, heading
        assert verdict.final, heading


@pytest.mark.parametrize("text", NOTICES["0"])
@pytest.mark.parametrize("charset", CHARSETS)
def test_a_delay_in_japanese_is_never_final(text: str, charset: str) -> None:
    for heading in HEADINGS:
        assert not read_bounce(write_notice(heading, text.format(to=TO), charset)).final, heading


@pytest.mark.parametrize("row", ORDINARY, ids=lambda row: row.subject[:40])
@pytest.mark.parametrize("charset", CHARSETS)
def test_other_mails_are_no_bounces(row: Row, charset: str) -> None:
    for to_html in (False, True):
        verdict = read_bounce(write_ordinary(row, charset, to_html))
        assert not verdict.is_bounce, verdict.rule


@pytest.mark.parametrize(("right", "recipient", "row"), MIXED, ids=[row.text[:30] for _, _, row in MIXED])
def test_a_mail_is_what_it_says(right: str, recipient: str, row: Row) -> None:
    verdict = read_bounce(write_ordinary(row))
    assert verdict.is_bounce == (right != "N"), verdict.rule
    assert verdict.final == right.isdigit(), verdict.rule
    if verdict.final:
        failure = only_failure(verdict)
        assert (failure.recipient, str(failure.error_status) in right) == (recipient, True), failure
