"""docomo: a gateway that quotes its replies."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Report = Callable[[Mail], list[dict[str, str]]]
Text = Callable[[Mail], str]


def test_replies_are_docomos_and_have_no_enhanced_code(bounce: Bounce, report_of: Report) -> None:
    group = report_of(bounce("docomo/unknown-user", failed=("a@docomo.ne.jp",)))[1]
    assert (group["status"], group["diagnostic-code"]) == ("5.0.0", "smtp; 550 Unknown user a@docomo.ne.jp")


def test_the_notice_is_japanese_in_iso_2022_jp(bounce: Bounce, text_of: Text, parse: Parse) -> None:
    mail = bounce("docomo/three-recipients")
    assert text_of(mail).count("宛先: ") == 3
    assert parse(mail)["Subject"] == "メールを配送できませんでした"
    assert b"charset=ISO-2022-JP" in mail.octets
