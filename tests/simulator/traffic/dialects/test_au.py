"""au: the ezweb gateway and au one net."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Text = Callable[[Mail], str]


def test_the_gateway_gives_the_reason_then_the_address(bounce: Bounce, text_of: Text) -> None:
    text = text_of(bounce("au/over-quota", failed=("a@ezweb.ne.jp",)))
    assert "reason:\n\nThe user(s) account is temporarily over quota.\n\n     <a@ezweb.ne.jp>\n" in text


def test_a_refusal_is_told_with_recipient_and_reason(bounce: Bounce, text_of: Text) -> None:
    text = text_of(bounce("au/unknown-user", failed=("a@ezweb.ne.jp",)))
    assert "    Recipient: <a@ezweb.ne.jp>\n    Reason:    <a@ezweb.ne.jp>: User unknown\n" in text


def test_au_one_net_tells_when_the_mail_was_sent(bounce: Bounce, text_of: Text, parse: Parse) -> None:
    mail = bounce("au/net-mailbox-full", failed=("a@ezweb.ne.jp",))
    assert text_of(mail).startswith(" Your mail sent on: ")
    assert "     Could not be delivered to: <a@ezweb.ne.jp>\n     As their mailbox is full.\n" in text_of(mail)
    assert parse(mail).get_content_type() == "multipart/mixed"
