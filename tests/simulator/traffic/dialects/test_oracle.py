"""Oracle Communications Messaging Server."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Report = Callable[[Mail], list[dict[str, str]]]
Text = Callable[[Mail], str]


def test_reasons_come_in_columns_and_the_status_carries_a_comment(
    bounce: Bounce, text_of: Text, report_of: Report
) -> None:
    mail = bounce("oracle/unknown-user", failed=("a@icloud.com",))
    assert "  Recipient address: a@icloud.com\n  Reason: Remote SMTP server has rejected address\n" in text_of(mail)
    assert report_of(mail)[1]["status"] == "5.1.1 (Remote SMTP server has rejected address)"


def test_the_boundary_is_its_own(bounce: Bounce, parse: Parse) -> None:
    assert str(parse(bounce("oracle/over-quota")).get_boundary()).startswith("Boundary_(ID_")
