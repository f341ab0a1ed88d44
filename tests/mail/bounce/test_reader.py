"""Bounces are read as they were meant: golden pairs, the corpus of real ones, and anything at all."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmcdesk.commands.bounce import show_verdict
from cmcdesk.mail.bounce.reader import MAX_OCTETS, BounceVerdict, read_bounce

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "bounces"
EXPECTED: dict[str, dict[str, Any]] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
# What the reader must reach on the corpus, in per cent (it is no part of the repository)
FLOORS = {
    "bounce recognised": 98, "not a bounce: left alone": 100, "delay notice not final": 95, "recipients exact": 97,
    "status code": 98, "class (accepted)": 95, "mail wholly right": 93, "diagnostic text": 95,
}  # fmt: skip


def kind_of(verdict: BounceVerdict) -> str:
    return "other" if not verdict.is_bounce else "bounce" if verdict.final else "delay"


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_golden_mail_is_read_as_meant(name: str) -> None:
    verdict = read_bounce((GOLDEN / f"{name}.eml").read_bytes())
    found = [
        {"recipient": one.recipient, "status": one.status, "reply": one.reply, "error_status": one.error_status}
        for one in verdict.failures
    ]
    assert {"kind": kind_of(verdict), "failures": found} == EXPECTED[name], verdict


def test_every_golden_mail_is_expected() -> None:
    assert {path.stem for path in GOLDEN.glob("*.eml")} == set(EXPECTED)


def test_line_ends_do_not_matter() -> None:
    octets = (GOLDEN / "several-recipients-one-delivered.eml").read_bytes()
    assert read_bounce(octets.replace(b"\n", b"\r\n")) == read_bounce(octets)


def test_a_verdict_shows_the_line_and_the_row_that_decided() -> None:
    failure = read_bounce((GOLDEN / "communigate-pro.eml").read_bytes()).failures[0]
    assert failure.evidence == "552 5.2.2 mailbox quota exceeded for this recipient"
    assert failure.rule == "mailbox or disk full"


def test_the_original_is_read_from_what_is_returned() -> None:
    original = read_bounce((GOLDEN / "gave-up-after-five-days.eml").read_bytes()).original
    assert original.header_from == "news@sender.example"
    assert original.recipients == ("a@dest.example",)
    assert (original.message_id, original.subject) == ("<1@sender.example>", "Sale")
    assert original.api_data == "order-7"


def test_a_notice_far_below_the_top_is_not_looked_for() -> None:
    """The time is bounded by looking at a bounded part: what stands behind it is as if it were not there."""
    octets = (GOLDEN / "qmail-no-host.eml").read_bytes()
    assert read_bounce(octets + b"x" * MAX_OCTETS * 3).failures == read_bounce(octets).failures
    assert not read_bounce(b"x" * MAX_OCTETS + octets).is_bounce


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=3000))
def test_any_octets_give_a_verdict(octets: bytes) -> None:
    json.dumps(show_verdict(read_bounce(octets)))


_PIECES = st.sampled_from(
    [
        "From: MAILER-DAEMON@x",
        "Subject: Undelivered mail",
        "",
        "--x",
        "--x--",
        "Content-Type: multipart/report; boundary=x",
        "Content-Type: message/delivery-status",
        "Final-Recipient: rfc822; a@b",
        "Action: failed",
        "Status: 5.1.1",
        "<a@b>:",
        "550 5.1.1 User unknown",
        "Content-Transfer-Encoding: base64",
        "\x1b$B8=\x1b(B",
        "----- Original message -----",
        "Content-Type: text/html; charset=utf-8",
        "<p>a@b.example</p>",
        '{"notificationType":"Bounce"',
        "Fwd: x",
        "\t y",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=30), max_size=40))
def test_any_order_of_familiar_lines_gives_a_verdict(lines: list[str]) -> None:
    verdict = read_bounce("\n".join(lines).encode("utf-8", "surrogateescape"))
    assert verdict.failures == () or verdict.is_bounce
    for failure in verdict.failures:
        assert failure.error_status in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99)


def load_scorer(corpus: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_bounces", corpus / "score_bounces.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_corpus_is_read_as_well_as_it_must_be(bounce_corpus: Path) -> None:
    scorer = load_scorer(bounce_corpus)
    lines = (bounce_corpus / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    truth = [json.loads(line) for line in lines if line.strip()]
    mails = bounce_corpus / "mails"
    results = {one["file"]: show_verdict(read_bounce((mails / one["file"]).read_bytes())) for one in truth}
    scores, _confusion, _families, wrong, _classes = scorer.score(truth, results)
    reached = {name: 100 * scores[name][0] / scores[name][1] for name in FLOORS}
    assert {name: value for name, value in reached.items() if value < FLOORS[name]} == {}, wrong


REPORT = """Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mta.example.org>
Subject: Undelivered mail
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

{words}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mta.example.org

Final-Recipient: {to}
{fields}

--b
Content-Type: message/rfc822

From: info@example.com
To: {header}
Message-ID: <a@example.com>

x
--b--
"""
FIELDS = "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown"


def read_report(
    words: str = "It failed.",
    to: str = "rfc822; user@dest.example",
    fields: str = FIELDS,
    header: str = "user@dest.example",
) -> BounceVerdict:
    return read_bounce(REPORT.format(words=words, to=to, fields=fields, header=header).encode())


@pytest.mark.parametrize("to", ["rfc822;", "rfc822; user", "unknown; user", "rfc822; <user>", "x400; /S=user/"])
def test_a_report_that_names_no_address_takes_it_from_the_returned_mail(to: str) -> None:
    assert read_report(to=to).failures[0].recipient == "user@dest.example"
    assert read_report(to=to, header="Taro <user@dest.example>").failures[0].recipient == "user@dest.example"


def test_of_several_addresses_in_the_returned_mail_the_one_with_that_local_part_is_taken() -> None:
    header = "jiro@dest.example, user@dest.example, hana@dest.example"
    assert read_report(to="rfc822; user", header=header).failures[0].recipient == "user@dest.example"
    assert read_report(to="rfc822; nobody", header=header).failures[0].recipient == "nobody"


@pytest.mark.parametrize(
    ("fields", "error_status"),
    [
        ("Action: failed\nStatus: 5.1.3\nDiagnostic-Code: SMTP; 553 5.1.3 <user@dest.example> is not valid here", 9),
        ("Action: failed\nStatus: 5.2.2\nDiagnostic-Code: SMTP; 552 5.2.2 no more mail for you", 5),
        ("Action: failed\nStatus: 4.3.2\nDiagnostic-Code: smtp; 421 4.3.2 Service not available, closing channel", 3),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: unknown; Network is down", 3),
        ("Action: failed\nDiagnostic-Code: smtp; 550 \\345\\256\\233\\345\\205\\210\\344\\270\\215\\346\\230\\216", 2),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 =?utf-8?B?5a6b5YWI5LiN5piO?=", 2),
    ],
)  # fmt: skip
def test_the_recipients_own_fields_decide(fields: str, error_status: int) -> None:
    """RFC 3464 §2.3; the transcript above them is the relay's."""
    words = ">>> RCPT To:<user@dest.example>\n<<< 550 see below\n550 5.1.1 <user@dest.example>... User unknown"
    assert (
        read_report(words if error_status in (9, 5) else "It failed.", fields=fields).failures[0].error_status
        == error_status
    )


@pytest.mark.parametrize(
    ("words", "fields", "is_final"),
    [
        ("user@dest.example: Envelope expired", "Action: delayed\nStatus: 4.4.7", True),
        ("user@dest.example: Connection refused", "Action: delayed\nStatus: 4.4.1", False),
        ("This is a warning only. It will be retried until it is 5 days old.", "Status: 4.4.1", False),
        ("It will be retried.", "Action: failed\nStatus: 4.4.1", True),
        ("It could not be delivered.", "Status: 4.4.1", True),
    ],
)  # fmt: skip
def test_a_delay_is_final_only_when_the_time_is_over(words: str, fields: str, is_final: bool) -> None:
    verdict = read_report(words, fields=fields)
    assert (verdict.is_bounce, verdict.final, verdict.failures[0].error_status) == (True, is_final, 3)


@pytest.mark.parametrize(
    "octets",
    [
        b"\xef\xbb\xbf{}", b"Microsoft Mail Internet Headers Version 2.0\n{}", b"From x@y Mon Oct  6 10:00:00 2025\n{}",
        b" (a line that continues nothing)\n{}", b"This mail was exported\nby an archive\n{}", b"\n\n{}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r\r\n", b"\r"])
def test_what_stands_above_the_header_and_odd_line_ends_cost_nothing(octets: bytes, line_end: bytes) -> None:
    mail = REPORT.format(words="x", to="rfc822; user@dest.example", fields=FIELDS, header="a@b.example").encode()
    verdict = read_bounce(octets.replace(b"{}", mail).replace(b"\n", line_end))
    assert [(one.recipient, one.error_status) for one in verdict.failures] == [("user@dest.example", 2)]
    assert verdict.original.message_id == "<a@example.com>"


def test_a_source_route_names_the_mailbox_at_its_end() -> None:
    """RFC 5321 §4.1.2."""
    head = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\nHi. This is the qmail-send program at x.\n\n"
    verdict = read_bounce(
        head + b"<@relay.example,@b.example:user@dest.example>:\nRemote host said: 550 no such user\n"
    )
    assert [one.recipient for one in verdict.failures] == ["user@dest.example"]


def test_a_failed_forward_is_one_of_the_address_that_was_written_to() -> None:
    fields = f"Original-Recipient: rfc822; user@dest.example\n{FIELDS}"
    failure = read_report(to="rfc822; other@far.example", fields=fields).failures[0]
    assert (failure.recipient, failure.error_status) == ("user@dest.example", 6)
    assert "other@far.example" in failure.evidence


OLDER = "Final-Recipient: rfc822; older@dest.example\nAction: failed\nStatus: 5.1.1\n"


@pytest.mark.parametrize(
    ("above", "recipient"),
    [
        ("<new@dest.example>: 552 5.2.2 full\n\nThis is a copy of the message, including all the headers.\n", "new"),
        ("Your message could not be delivered.\n\nOriginal message follows.\n", "older"),  # else nobody is named
    ],
)
def test_the_report_in_a_returned_notice_is_not_this_ones(above: str, recipient: str) -> None:
    mail = f"From: MAILER-DAEMON@x.example\nSubject: Undelivered Mail\n\nYour mail was not delivered.\n{above}\n"
    verdict = read_bounce(f"{mail}Received: from x\nSubject: Undelivered Mail\n\n{OLDER}".encode())
    assert [failure.recipient for failure in verdict.failures] == [f"{recipient}@dest.example"]


def report_of(text: str, *groups: tuple[str, str, str]) -> bytes:
    fields = "\n".join(
        f"Final-Recipient: rfc822; {name}@dest.example\nAction: {action}\nStatus: {status}\n"
        for name, action, status in groups
    )
    head = "From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    return f"{head}--b\n\n{text}\n--b\nContent-Type: message/delivery-status\n\n{fields}\n--b--\n".encode()


@pytest.mark.parametrize(
    ("text", "groups", "error_statuses"),
    [
        (
            "Not delivered: the mailbox is full.\n\n a@dest.example\n b@dest.example\n",
            (("a", "failed", "5.0.0"), ("b", "failed", "5.0.0")),
            [5, 5],
        ),
        (
            "Delivery has been delayed:\n\n b@dest.example\n\nDelivery failed:\n\n a@dest.example\n",
            (("a", "failed", "5.1.1"), ("b", "delayed", "4.4.7")),
            [2],
        ),
    ],
)
def test_words_for_all_are_nobodys_own(text: str, groups: tuple[Any, ...], error_statuses: list[int]) -> None:
    """They tell the cause of each if there is no other; what became of others is no cause."""
    found = [failure.error_status for failure in read_bounce(report_of(text, *groups)).failures]
    assert found == error_statuses
