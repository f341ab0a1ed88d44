"""Sendmail: savemail.c."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Report = Callable[[Mail], list[dict[str, str]]]
Text = Callable[[Mail], str]


def test_the_notice_has_addresses_then_transcript(bounce: Bounce, text_of: Text) -> None:
    text = text_of(bounce("sendmail/unknown-user", failed=("a@b.example",)))
    addresses, _, transcript = text.partition("   ----- Transcript of session follows -----\n")
    assert "<a@b.example>\n    (reason: 550 5.1.1 <a@b.example>... User unknown)\n" in addresses
    assert "<<< 550 5.1.1 <a@b.example>... User unknown\n" in transcript


def test_a_forwarded_failure_names_both_addresses(bounce: Bounce, text_of: Text, report_of: Report) -> None:
    mail = bounce("sendmail/forwarded-user-unknown", failed=("a@b.example",))
    assert "<a@mobile.example.org>\n" in text_of(mail)
    assert "(expanded from: <a@b.example>)" in text_of(mail)
    assert report_of(mail)[1]["x-actual-recipient"] == "RFC822; a@mobile.example.org"
    assert mail.expectations[0].error_status == 6


def test_subjects_and_auto_submitted_tell_the_case(bounce: Bounce, parse: Parse) -> None:
    told = {kind: parse(bounce(f"sendmail/{kind}")) for kind in ("unknown-user", "retry-timeout", "delayed")}
    assert {kind: (str(message["Subject"]), str(message["Auto-Submitted"])) for kind, message in told.items()} == {
        "unknown-user": ("Returned mail: see transcript for details", "auto-generated (failure)"),
        "retry-timeout": ("Returned mail: Cannot send message for 5 days", "auto-generated (failure)"),
        "delayed": ("Warning: could not send message for past 4 hours", "auto-generated (warning-timeout)"),
    }


def test_what_never_met_a_remote_server_quotes_none(bounce: Bounce, text_of: Text) -> None:
    assert "while talking to" not in text_of(bounce("sendmail/unknown-host"))
    assert "while talking to" in text_of(bounce("sendmail/policy"))
