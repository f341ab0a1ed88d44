"""What the stores hold of the way of a mail: a refusal that comes home, and one that was received."""

import re
from collections.abc import Callable
from typing import Any

from tests.console.conftest import Console

from .conftest import REFUSED, Relayed, write_report

WaitFor = Callable[..., Any]
ON_ITS_WAY = [("application", "done"), ("relay", "done"), ("sender", "done")]


def test_a_refusal_comes_home_and_is_told_of(console: Console, wait_for: WaitFor) -> None:
    name = console.add_composition()
    relayed = Relayed(console, name, "comes-home")
    assert relayed.stations() == [*ON_ITS_WAY, ("dns", "waiting")]
    sent = relayed.tried(relayed.row, "failed", REFUSED, report=True)
    assert relayed.stations()[3:] == [
        ("dns", "done"), ("destination", "broken"), ("report", "done"), ("mx", "waiting"),
    ]  # fmt: skip
    relayed.tried(sent, "succeeded", (250, "2.0.0", "Ok", "DATA"), f"{name}.smtps.jp")
    bounce_id = console.send(name, write_report("comes-home"), "", "shop@back.example")
    wait_for(lambda: ("bounce", "done") in relayed.stations())
    assert relayed.stations()[5:] == [
        ("report", "done"), ("mx", "done"), ("receiving", "done"), ("bounce", "done"), ("api", "done"),
    ]  # fmt: skip
    page = console.get(f"/mails/{relayed.mail_id}/journey").text
    assert 'data-station="destination" data-state="broken"' in page and "550 5.1.1 User unknown" in page
    from_bounce = console.get(f"/mails/{bounce_id}/journey", Accept_Language="ja").text
    assert f'href="/mails/{relayed.mail_id}"' in from_bounce and "リレーサーバ" in from_bounce
    assert not re.search(r"%\(\w+\)", from_bounce)


def test_a_mail_that_was_received_has_a_journey_too(console: Console, composition: Callable[[Console], str]) -> None:
    mail_id = console.send(composition(console), b"Subject: form\r\n\r\nx\r\n")
    answer = console.api(f"mails/{mail_id}/journey").json
    assert [one["station"] for one in answer] == ["application", "receiving", "webhook"]
    assert answer[-1]["state"] == "broken" and "No notification matched" in answer[-1]["detail"]
    assert f'href="/mails/{mail_id}/journey"' in console.get(f"/mails/{mail_id}").text


def test_the_event_webhook_that_told_of_the_bounce_is_the_last_but_one_station(
    console: Console, wait_for: WaitFor
) -> None:
    name = console.add_composition(apply=False)
    url = console.api("catcher/endpoints").json["endpoints"][0]["url"]
    console.change(name, {"event_webhook": {"endpoint": url, "bounces": True}})
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    relayed = Relayed(console, name, "is-told-of")
    relayed.tried(relayed.row, "failed", REFUSED, report=True)
    console.send(name, write_report("is-told-of"), "", "shop@back.example")
    wait_for(lambda: ("event", "done") in relayed.stations())
    assert relayed.stations()[-3:] == [("bounce", "done"), ("event", "done"), ("api", "done")]
