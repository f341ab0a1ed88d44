"""Bounces are read as they were meant: golden pairs, the corpus of real ones, and anything at all."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmcdesk.bounces.files import show_verdict
from cmcdesk.mail.dsn import MAX_OCTETS, Verdict, read_bounce

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "bounces"
EXPECTED: dict[str, dict[str, Any]] = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
# What the reader must reach on the corpus, in per cent (it is no part of the repository)
FLOORS = {
    "bounce recognised": 98, "not a bounce: left alone": 100, "delay notice not final": 95, "recipients exact": 97,
    "status code": 98, "class (accepted)": 95, "mail wholly right": 93, "diagnostic text": 95,
}  # fmt: skip


def kind_of(verdict: Verdict) -> str:
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
