"""Exchange Online: NDRs."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Report = Callable[[Mail], list[dict[str, str]]]
Text = Callable[[Mail], str]


def test_it_comes_from_the_tenants_postmaster(bounce: Bounce, parse: Parse) -> None:
    assert (
        parse(bounce("office365/unknown-user"))["From"].addresses[0].addr_spec == "postmaster@contoso.onmicrosoft.com"
    )


def test_the_notice_names_who_has_to_act(bounce: Bounce, text_of: Text) -> None:
    mail = bounce("office365/unknown-user", failed=("taro@b.example",))
    assert text_of(mail).startswith(
        "Your message to taro@b.example couldn't be delivered.\n\ntaro wasn't found at b.example.\n"
    )
    assert "処置が必要" in text_of(bounce("office365/unknown-user-ja"))


def test_a_quoted_remote_error_stays_in_the_text(bounce: Bounce, report_of: Report) -> None:
    group = report_of(bounce("office365/retry-timeout"))[1]
    assert group["status"] == "5.0.350"
    assert "-> 450 4.4.316 Connection refused" in group["diagnostic-code"]
