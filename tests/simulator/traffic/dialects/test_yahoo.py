"""Yahoo! Mail: failure notices."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]


def test_it_is_one_plain_text_with_the_code_set_apart(bounce: Bounce, parse: Parse) -> None:
    mail = bounce("yahoo/policy", failed=("a@yahoo.com",))
    assert not parse(mail).is_multipart()
    assert b"\r\n<a@yahoo.com>:\r\n554: 5.7.9 Message not accepted for policy reasons." in mail.octets
    assert b"\r\n--- Below this line is a copy of the message.\r\n" in mail.octets
