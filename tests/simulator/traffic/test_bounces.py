"""make_bounce: what the caller says goes into the bounce; the rest comes from the seed."""

import random
from datetime import UTC, datetime

import pytest

from simulator.traffic.bounces import BounceOptions, make_bounce
from simulator.traffic.forms import FormOptions, make_form
from simulator.traffic.mail import Mail

from .conftest import Bounce, Parse


def test_a_bounce_goes_to_the_return_address_from_the_null_sender(bounce: Bounce, parse: Parse) -> None:
    mail = bounce("postfix/unknown-user", return_address="b+42@return.example.jp")
    assert (mail.sender, mail.recipients) == ("", ("b+42@return.example.jp",))
    assert parse(mail)["To"] == "b+42@return.example.jp"


def test_failed_recipients_are_the_callers_then_the_seeds(bounce: Bounce) -> None:
    mail = bounce("postfix/three-recipients", failed=("a@one.example", "b@two.example"))
    assert [one.recipient for one in mail.expectations[:2]] == ["a@one.example", "b@two.example"]
    assert mail.expectations[2].recipient.endswith("@example.net")
    assert [one.error_status for one in mail.expectations] == [2, 5, 1]


def test_the_failed_mail_has_the_subject_and_message_id_asked_for(bounce: Bounce, parse: Parse) -> None:
    mail = bounce(
        "sendmail/unknown-user",
        subject="請求書のご案内",
        message_id="<1@mta01.pro.smtps.jp>",
        header_from="x@y.example",
    )
    original = next(part for part in parse(mail).walk() if part.get_content_type() == "message/rfc822").get_content()
    assert original["Subject"] == "請求書のご案内"
    assert original["Message-ID"] == "<1@mta01.pro.smtps.jp>"
    assert original["From"].addresses[0].addr_spec == "x@y.example"


def test_a_mail_that_was_sent_comes_back_to_its_sender_whole() -> None:
    sent = make_form(random.Random(1), FormOptions(charset="iso-2022-jp"))
    mail = make_bounce(random.Random(2), "exim/unknown-user", sent)
    assert mail.recipients == (sent.sender,)
    assert mail.expectations[0].recipient == sent.recipients[0]
    assert sent.octets in mail.octets


def test_eight_bit_originals_are_declared() -> None:
    sent = make_form(random.Random(1), FormOptions(charset="shift_jis", encoding="8bit"))
    octets = make_bounce(random.Random(2), "postfix/unknown-user", sent).octets
    assert b"Content-Transfer-Encoding: 8bit" in octets.partition(sent.octets)[0]


def test_the_moment_is_the_callers(bounce: Bounce, parse: Parse) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert parse(bounce("ses/unknown-user", moment=moment))["Date"].datetime == moment


def test_a_size_below_the_bounce_is_refused_with_both_numbers(bounce: Bounce) -> None:
    with pytest.raises(ValueError, match=r"size: 100 was asked for, but a qmail/no-mailbox bounce has \d+ octets"):
        bounce("qmail/no-mailbox", size=100)


def test_what_returns_nothing_cannot_be_made_longer(bounce: Bounce) -> None:
    with pytest.raises(ValueError, match="cannot be made 9000 long"):
        bounce("replies/auto-reply", size=9000)


def test_a_run_goes_on_alike_with_and_without_sizes() -> None:
    first, second = random.Random(5), random.Random(5)
    make_bounce(first, "gmail/over-quota")
    make_bounce(second, "gmail/over-quota", BounceOptions(size=20_000))
    assert first.random() == second.random()


def test_a_run_of_mails_has_no_two_message_ids_alike() -> None:
    rng = random.Random(6)
    assert len({make_bounce(rng, "postfix/unknown-user").octets for _ in range(200)}) == 200


def test_other_mails_expect_nothing(bounce: Bounce) -> None:
    assert isinstance(bounce("replies/complaint"), Mail)
    assert bounce("replies/complaint").expectations == ()
