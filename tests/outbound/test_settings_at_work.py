"""高度な設定, 配信速度設定 and メール転送設定 as destinations see them."""

from itertools import pairwise
from typing import Any

import pytest

from simulator.world.postbox import Arrived
from simulator.world.world import RunningWorld

HEADER = b"Received: from browser by app\r\n\twith HTTP\r\nSubject: hello\r\nReceived: from x by y\r\n"
TRACED = HEADER + b"\r\nReceived: text\r\n"
INTERVAL = 0.15  # seconds


def relay_all(outlet: Any, world: RunningWorld, *recipients: str, octets: bytes = TRACED) -> list[Arrived]:
    """One mail for each recipient; what arrived, in that order."""
    before = max((one.id for one in world.postbox.arrived("", 0, 20_000)), default=0)
    rows = len(outlet.rows()) + len(recipients)
    for recipient in recipients:
        outlet.store("info@app.example", recipient, octets=octets)
    outlet.run(lambda: len(outlet.rows()) >= rows and outlet.all_ended())
    return [one for one in world.postbox.arrived("", before, 1000) if one.sender.startswith("info@")]


@pytest.mark.parametrize(
    ("mode", "begins"),
    [
        ("short", b"Received: from app.example by mta01.pro.smtps.jp;\r\n "),
        (
            "normal",
            b"Received: from app.example (app.example [127.0.0.1]);\r\n by mta01.pro.smtps.jp (mta01.pro.smtps.jp [",
        ),
        ("none", HEADER),
        ("strip", b"Subject: hello\r\n\r\nReceived: text\r\n"),
    ],
)
def test_the_received_header_goes_out_in_its_mode(outlet: Any, world: RunningWorld, mode: str, begins: bytes) -> None:
    outlet.apply(advanced={"received": mode})
    (mail,) = relay_all(outlet, world, f"{mode}@example.net")
    assert mail.octets.startswith(begins) and mail.octets.endswith(b"\r\n\r\nReceived: text\r\n")
    assert mail.octets.endswith(TRACED) is (mode != "strip")


def test_mails_of_a_slow_destination_follow_each_other_at_its_interval(outlet: Any, world: RunningWorld) -> None:
    slow = {"name": "slow", "patterns": [r"@EXAMPLE\.net$"], "max_connections": 1}
    outlet.apply(delivery_speed=[slow | {"interval_ms": int(INTERVAL * 1000)}])
    mails = relay_all(outlet, world, *(f"slow{number}@example.net" for number in range(4)))
    times = [mail.at for mail in mails]
    assert len(times) == 4
    assert all(later - earlier > INTERVAL * 0.8 for earlier, later in pairwise(times)), times


def test_the_interval_may_go_by_the_name_of_the_mx_host(outlet: Any, world: RunningWorld) -> None:
    by_host = {"name": "host", "patterns": [r"^mx\.example\.net$"], "match_host": True, "max_connections": 1}
    outlet.apply(delivery_speed=[by_host | {"interval_ms": int(INTERVAL * 1000)}])
    relay_all(outlet, world, "first@example.net")  # from now on the domain's host is known
    mails = relay_all(outlet, world, *(f"host{number}@example.net" for number in range(3)))
    assert len(mails) == 3
    assert all(later.at - earlier.at > INTERVAL * 0.8 for earlier, later in pairwise(mails))


def test_a_copy_and_a_rewritten_destination(outlet: Any, world: RunningWorld) -> None:
    filters = [
        {"name": "log", "header": "Subject", "pattern": "hello", "address": "log@example.net", "mode": "copy"},
        {"name": "test", "header": "X-Stage", "pattern": "^test$", "address": "team@example.net", "mode": "rewrite"},
    ]
    outlet.apply(forwarding={"relay": filters})
    mails = relay_all(outlet, world, "a@example.net")
    assert sorted(to for mail in mails for to in mail.recipients) == ["a@example.net", "log@example.net"]
    mails = relay_all(outlet, world, "b@example.net", octets=b"X-Stage: test\r\n" + TRACED)
    assert sorted(to for mail in mails for to in mail.recipients) == ["log@example.net", "team@example.net"]
    assert all(mail.octets.startswith(b"Delivered-To: ") for mail in mails)
