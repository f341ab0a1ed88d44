"""The page of destinations: what they answer, what arrived, and other manners by a click."""

import re
import smtplib

import pytest

from cmcdesk.console.world.destinations_page import _tell_reply
from tests.conftest import WaitFor
from tests.console.conftest import Console


def send(console: Console, to: str, sender: str = "a@sender.example") -> None:
    port = console.api("world").json["forwards"]["127.0.1.1"]
    with smtplib.SMTP("127.0.1.1", port, timeout=10) as client:
        client.sendmail(sender, [to], b"Subject: to a destination\r\n\r\nhello\r\n")


def test_what_arrived_is_shown_and_can_be_downloaded(in_world: Console) -> None:
    send(in_world, "arrived@example.net")
    page = in_world.get("/world/destinations").text
    assert re.search(r"\b[1-9]\d* taken", page), "the relay server may bring what waited for the world too"
    row = next(row for row in page.split('data-arrived="')[1:] if "arrived@example.net" in row)
    assert "mx.example.net" in row
    number = row.partition('"')[0]
    assert b"Subject: to a destination" in in_world.get(f"/world/destinations/arrived/{number}.eml").data
    assert "arrived@example.net" not in in_world.get("/world/destinations/arrived?host=mx2.example.net").text
    assert in_world.get("/world/destinations/arrived/999999.eml").status_code == 404


def test_a_server_answers_otherwise_from_now_on(in_world: Console) -> None:
    form = {"behaviour": "unknown-user", "wording": "plain"}
    assert in_world.post("/world/destinations/mx.example.net", form).status_code == 303
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
        send(in_world, "info@example.net")
    assert "User unknown" in in_world.get("/world/destinations/arrived", Accept_Language="ja").text
    refused = in_world.post("/world/destinations/mx.example.net", {"behaviour": "odd"})
    assert refused.status_code == 409 and "behaviour is" in refused.text


def test_without_a_world_there_are_none(console: Console) -> None:
    page = console.get("/world/destinations").text
    assert 'id="start-world"' in page and 'id="hosts"' not in page
    assert console.post("/world/destinations/mx.example.net", {"behaviour": "drop"}).status_code == 409


def find_relaying(console: Console) -> str:
    """The first composition in the form; "" while no relay server listens yet."""
    page = console.get("/world/destinations").text
    return (
        page.partition('id="send-composition"')[2].partition("</select>")[0].partition("<option>")[2].partition("<")[0]
    )


def test_one_mail_is_sent_by_the_relay_and_followed(in_world: Console, wait_for: WaitFor) -> None:
    name = wait_for(lambda: find_relaying(in_world))
    form = {"composition": name, "sender": "shop@customer.example", "recipient": "nobody@example.net"}
    answer = in_world.post("/world/destinations/send", form)
    assert answer.status_code == 303 and answer.location.endswith("/journey")
    wait_for(lambda: "nobody@example.net" in in_world.get(answer.location).text)


def test_what_the_relay_does_not_take_is_told_beside_what_was_typed(in_world: Console, wait_for: WaitFor) -> None:
    name = wait_for(lambda: find_relaying(in_world))
    answer = in_world.post("/world/destinations/send", {"composition": name, "sender": "a", "recipient": "no address"})
    assert answer.status_code == 422 and 'value="no address"' in answer.text
    assert "The relay server refused it: 5" in answer.text
    answer = in_world.post("/world/destinations/send", {"composition": "nowhere"})
    assert answer.status_code == 422 and "is not listening" in answer.text


def test_why_a_mail_could_not_be_sent_is_told_in_the_pages_language(console: Console) -> None:
    gone = ConnectionRefusedError(111, "Connection refused")
    with console.desk.app.test_request_context("/", base_url=console.base, headers={"Accept-Language": "ja"}):
        for fault in (
            gone,
            TimeoutError("timed out"),
            smtplib.SMTPServerDisconnected("Connection unexpectedly closed"),
        ):
            told = _tell_reply(fault, "a@b.example")
            assert re.search("[ぁ-ん]", told) and not re.search("[a-z]{3}", told), told
