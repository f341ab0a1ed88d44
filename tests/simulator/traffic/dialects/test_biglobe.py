"""BIGLOBE: two dashed sections."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Text = Callable[[Mail], str]


def test_the_address_and_the_reason_have_a_section_each(bounce: Bounce, text_of: Text, parse: Parse) -> None:
    mail = bounce("biglobe/over-quota", failed=("a@abc.biglobe.ne.jp",))
    assert text_of(mail).split("\n")[:5] == [
        "   ----- The following addresses had delivery problems -----",
        "a@abc.biglobe.ne.jp",
        "",
        "   ----- Non-delivered information -----",
        "The number of messages in recipient's mailbox exceeded the local limit.",
    ]
    assert [part.get_content_type() for part in parse(mail).iter_parts()] == ["text/plain", "message/rfc822"]
