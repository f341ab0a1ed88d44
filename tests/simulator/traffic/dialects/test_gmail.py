"""Gmail: delivery status notifications."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Text = Callable[[Mail], str]


def test_the_notice_is_text_and_html_with_an_icon(bounce: Bounce, parse: Parse) -> None:
    kinds = [part.get_content_type() for part in parse(bounce("gmail/unknown-user")).walk()]
    assert kinds[:6] == [
        "multipart/report",
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
    ]


def test_the_reply_has_its_code_on_every_line(bounce: Bounce, text_of: Text) -> None:
    lines = text_of(bounce("gmail/unknown-user")).partition("The response was:\n\n")[2].strip().split("\n")
    assert [line[:9] for line in lines] == ["550-5.1.1"] * 3 + ["550 5.1.1"]


def test_japanese_senders_read_japanese(bounce: Bounce, text_of: Text) -> None:
    assert "** アドレス不明 **" in text_of(bounce("gmail/unknown-user-ja"))
    assert "再試行します" in text_of(bounce("gmail/delayed-ja"))


def test_a_delay_names_no_failed_recipient(bounce: Bounce, parse: Parse) -> None:
    message = parse(bounce("gmail/delayed"))
    assert (message["X-Failed-Recipients"], str(message["Subject"])) == (None, "Delivery Status Notification (Delay)")
