"""Exim: deliver.c and the specification."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Report = Callable[[Mail], list[dict[str, str]]]
Text = Callable[[Mail], str]


def test_failed_recipients_stand_in_a_header_field(bounce: Bounce, parse: Parse) -> None:
    mail = bounce("exim/two-recipients")
    named = str(parse(mail)["X-Failed-Recipients"]).replace(",", " ").split()
    assert named == [one.recipient for one in mail.expectations]


def test_the_status_is_never_exact(bounce: Bounce, report_of: Report) -> None:
    assert report_of(bounce("exim/unknown-user"))[1]["status"] == "5.0.0"
    assert report_of(bounce("exim/delayed"))[1]["status"] == "4.0.0"


def test_addresses_are_indented_by_two_and_reasons_by_four(bounce: Bounce, text_of: Text) -> None:
    mail = bounce("exim/unknown-user", failed=("a@b.example",))
    lines = text_of(mail).split("\n")
    at = lines.index("  a@b.example")
    assert lines[at + 2] == "    SMTP error from remote mail server after RCPT TO:<a@b.example>:"
    assert lines[at + 3] == "    550 5.1.1 <a@b.example>: user unknown"


def test_the_old_form_is_one_text_with_the_mail_after_dashes(bounce: Bounce, parse: Parse) -> None:
    mail = bounce("exim/old-unknown-user")
    assert not parse(mail).is_multipart()
    assert (
        b"\r\n------ This is a copy of the message, including all the headers. ------\r\n\r\nReturn-path: <"
        in mail.octets
    )


def test_a_warning_has_no_failed_recipients(bounce: Bounce, parse: Parse) -> None:
    message = parse(bounce("exim/delayed"))
    assert message["X-Failed-Recipients"] is None
    assert str(message["Subject"]).startswith("Warning: message 1")
