from typing import Any

import pytest

from cmcdesk.outbound import follower as module
from cmcdesk.outbound.follower import OutboundFollower, find_domain
from cmcdesk.outbound.terms import TermsBook
from cmcdesk.store.desk.database import read_cursor, reading
from cmcdesk.store.desk.outbound import CURSOR
from cmcdesk.store.desk.outbound_events import OutboundEvent


def follow(outlet: Any) -> OutboundFollower:
    return OutboundFollower(outlet.engine, outlet.mail_db, TermsBook(), lambda: 100.0, lambda *_: None)


def position(outlet: Any) -> int:
    with reading(outlet.engine) as session:
        return read_cursor(session, CURSOR, outlet.writer.log_id)


def test_each_recipient_is_a_row_once_whoever_follows(outlet: Any) -> None:
    outlet.apply()
    outlet.store("info@app.example", "a@例え.jp", "b@X.Example.", "b@X.Example.")
    assert follow(outlet).follow()
    assert not follow(outlet).follow()
    assert [(row.sender, row.recipient, row.domain, row.mail_id, row.due_at) for row in outlet.rows()] == [
        ("info@return.pro.smtps.jp", "a@例え.jp", "xn--r8jz45g.jp", 1, 100.0),
        ("info@return.pro.smtps.jp", "b@X.Example.", "x.example", 1, 100.0),
    ]


def test_who_submitted_a_mail_goes_with_each_of_its_rows(outlet: Any) -> None:
    outlet.apply()
    for user in ("", "app@example.com"):
        outlet.store("info@app.example", "a@example.net", "b@example.net", user=user)
    assert follow(outlet).follow()
    assert [row.api_user for row in outlet.rows()] == ["", "", "app@example.com", "app@example.com"]


def test_mails_that_were_only_received_are_passed_over_and_the_cursor_follows_at_last(
    outlet: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SKIPPED_UNNOTED", 3)
    outlet.apply()
    one = follow(outlet)
    for _ in range(2):
        outlet.store("a@app.example", "form@own.example", route="inbound")
        assert not one.follow()
    assert position(outlet) == 0, "inbound mail costs no writing"
    outlet.store("a@app.example", "form@own.example", route="inbound")
    one.follow()
    assert position(outlet) == 3 and outlet.rows() == []


def test_more_than_a_batch_is_queued_batch_by_batch(outlet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    outlet.apply()
    for number in range(5):
        outlet.store("a@app.example", f"{number}@x.example")
    one = follow(outlet)
    seen = []
    while one.follow():
        seen.append(position(outlet))
    assert seen == [2, 4, 5] and len(outlet.rows()) == 5


def test_the_null_sender_stays_null(outlet: Any) -> None:
    outlet.apply()
    outlet.store("", "a@x.example")
    follow(outlet).follow()
    assert outlet.rows()[0].sender == ""


@pytest.mark.parametrize(
    ("address", "domain"),
    [("a@B.example", "b.example"), ("a@[127.0.0.1]", "[127.0.0.1]"), ("postmaster", "postmaster"), ("a@b.", "b")],
)
def test_domains_are_found(address: str, domain: str) -> None:
    assert find_domain(address) == domain


def test_a_row_has_what_events_tell_of_its_mail(outlet: Any) -> None:
    outlet.apply()
    head = b"From: =?UTF-8?B?5bGx55Sw?= <Info@App.example>, b@app.example\r\nX-Api-Data: =?UTF-8?B?5rOo5paH?= 42\r\n"
    outlet.store("a@app.example", "someone@example.net", octets=head + b"\r\nbody\r\n")
    outlet.store("a@app.example", "someone@example.net", octets=b"X-Long: " + b"x" * 20_000 + b"\r\n" + head + b"\r\n")
    outlet.store("a@app.example", "someone@example.net", octets=b"no field at all")
    told: list[OutboundEvent] = []
    follower = OutboundFollower(
        outlet.engine, outlet.mail_db, TermsBook(), lambda: 100.0, lambda _, events: told.extend(events)
    )
    assert follower.follow()
    words = [(row.header_from, row.api_data, row.subject, row.message_id, row.source_ip) for row in outlet.rows()]
    common = ("hello", "<1@x>", "127.0.0.1")
    assert words == [("Info@App.example", "注文 42", *common)] * 2 + [("", "", *common)]
    assert [(event.outbound_id, event.status, event.at) for event in told] == [(n, "queued", 100.0) for n in (1, 2, 3)]
