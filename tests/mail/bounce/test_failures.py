"""Failures put together from report and text."""

from cmcdesk.mail.bounce.failures import of_mention, of_nobody, of_report
from cmcdesk.mail.bounce.freetext import Mention
from cmcdesk.mail.bounce.report import RecipientReport


def test_the_report_and_the_text_complete_each_other() -> None:
    report = RecipientReport("a@x.example", action="failed", status="5.0.0")
    failure = of_report(report, Mention("a@x.example", ["<a@x.example>: 552 5.2.2 full"]), "Hello", alone=False)
    assert (failure.recipient, failure.status, failure.reply, failure.error_status) == (
        "a@x.example",
        "5.2.2",
        "552",
        5,
    )
    assert failure.diagnostic == "<a@x.example>: 552 5.2.2 full"


def test_another_domain_is_a_forward_error_and_a_host_of_the_same_is_none() -> None:
    def error_status(original: str, final: str) -> int:
        report = RecipientReport(final, original, action="failed", status="5.1.1")
        return of_report(report, None, "", alone=True).error_status

    assert error_status("a@dest.test", "a@far.example") == 6
    assert error_status("a@example.co.jp", "a@far.co.jp") == 6
    assert error_status("a@example.co.jp", "a@mail.example.co.jp") == 2
    assert error_status("", "a@far.example") == 2
    assert error_status("a@localhost", "a@far.example") == 2  # a bare host shows no other domain


def test_sendmail_tells_where_an_alias_led() -> None:
    report = RecipientReport("a@dest.test", "", "b@far.example", "failed", "5.1.1")
    failure = of_report(report, None, "", alone=True)
    assert (failure.recipient, failure.error_status, failure.evidence) == (
        "a@dest.test",
        6,
        "a@dest.test → b@far.example",
    )


def test_text_alone() -> None:
    failure = of_mention(
        Mention("a@x.example", ["<a@x.example>:"]), "<a@x.example>:\n550 5.1.1 User unknown", alone=True
    )
    assert (failure.status, failure.reply, failure.error_status) == ("5.1.1", "550", 2)
    other = of_mention(Mention("a@x.example", ["<a@x.example>: full"]), "550 5.1.1 for somebody else", alone=False)
    assert (other.status, other.reply) == (None, None)


def test_nobody_named_still_has_a_cause() -> None:
    failure = of_nobody("The message was infected by a virus")
    assert (failure.recipient, failure.error_status) == (None, 4)
