"""SoftBank and Y!mobile."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Report = Callable[[Mail], list[dict[str, str]]]
Text = Callable[[Mail], str]


def test_the_relays_notice_is_plain_japanese_with_the_reply_in_it(bounce: Bounce, text_of: Text, parse: Parse) -> None:
    mail = bounce("softbank/unknown-user", failed=("a@softbank.ne.jp",))
    assert parse(mail).get_content_type() == "text/plain"
    assert "次の宛先へのメールは、エラーのため送信できませんでした。" in text_of(mail)
    assert "\n    550 Invalid recipient: <a@softbank.ne.jp>\n" in text_of(mail)


def test_ymobile_bounces_in_its_own_name(bounce: Bounce, parse: Parse, report_of: Report) -> None:
    mail = bounce("softbank/ymobile-over-quota", failed=("a@pdx.ne.jp",))
    assert parse(mail)["From"].addresses[0].domain == "pdx.ne.jp"
    assert (
        "volume of recipient's mailbox exceeded the local limit. a@pdx.ne.jp" in report_of(mail)[1]["diagnostic-code"]
    )
