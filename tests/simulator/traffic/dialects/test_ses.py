"""Amazon SES: forwarded bounces."""

from collections.abc import Callable

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Report = Callable[[Mail], list[dict[str, str]]]


def test_fields_are_in_its_order_and_the_mta_type_is_dsn(bounce: Bounce, report_of: Report) -> None:
    groups = report_of(bounce("ses/unknown-user"))
    assert groups[0]["reporting-mta"].startswith("dsn; ")
    assert list(groups[1]) == ["action", "final-recipient", "diagnostic-code", "status"]


def test_the_suppression_list_is_told_without_a_reply(bounce: Bounce, report_of: Report) -> None:
    mail = bounce("ses/suppressed")
    assert report_of(mail)[1]["diagnostic-code"].startswith("Amazon SES has suppressed sending to this address")
    assert mail.expectations[0].error_status == 10
