"""The pattern tester says what the mail server would do."""

import regex

from cmcdesk.console.webhook.pattern_test import try_mails, try_value
from cmcdesk.processes.paths import mail_db
from cmcdesk.store.maillog.log import MailLog

from ..conftest import AddMail, Console

PATTERN = regex.compile(r"info@mailform\.example\.com")


def test_the_match_is_shown_in_its_place() -> None:
    found = try_value(PATTERN, "Info <info@mailform.example.com>, x")
    assert (found.verdict, found.before, found.matched, found.after) == (
        "match", "Info <", "info@mailform.example.com", ">, x",
    )  # fmt: skip


def test_the_value_as_a_whole_is_tried_too() -> None:
    exact, part = try_value(PATTERN, "info@mailform.example.com"), try_value(PATTERN, "x info@mailform.example.com")
    assert (exact.verdict, exact.whole, exact.differs) == ("match", True, False)
    assert (part.verdict, part.whole, part.differs) == ("match", False, True)
    assert not try_value(PATTERN, "nobody").differs
    assert try_value(regex.compile("a|ab"), "ab").whole, "a whole match may need another branch than the first found"


def test_case_counts_and_no_match_says_so() -> None:
    assert try_value(PATTERN, "INFO@mailform.example.com").verdict == "no_match"


def test_a_catastrophic_pattern_runs_out_of_its_time() -> None:
    assert try_value(regex.compile(r"(a|aa)+$"), "a" * 60 + "!").verdict == "timeout"


def test_stored_mails_are_tried_with_decoded_values(console: Console, add_mail: AddMail) -> None:
    japanese = add_mail(b"To: =?UTF-8?B?5ZWP5ZCI44Gb?= <form@test.example>\r\n\r\n")
    bare = add_mail(b"Subject: none\r\n\r\n")
    with MailLog(mail_db(console.desk._options.folder)) as log:
        found = {each.row.id: each.found for each in try_mails(log, "TO", regex.compile("問合せ"))}
    assert (found[japanese].verdict, found[japanese].matched) == ("match", "問合せ")
    assert found[bare].verdict == "no_header"
    assert next(iter(found.values())).verdict == "match", "those that match come first"
