"""Bounces that come back later: in the host's words, to where the MX leads."""

import asyncio
from collections.abc import Callable
from email import message_from_bytes
from typing import Any

import pytest

from simulator.traffic.mail import Mail
from simulator.world.clock import Clock
from simulator.world.dns import Zones
from simulator.world.file import Host
from simulator.world.postbox import Postbox
from simulator.world.returning import Reply, Returner, write_bounce

from .conftest import Run, send

FAILED = Mail(
    "info@return.example.com", ("gone@example.net",), b"Message-ID: <m1@x.example>\r\nSubject: s\r\n\r\nb\r\n"
)
LATER = {"name": "mx.example.net", "behaviour": "bounce-later", "dialect": "sendmail"}


@pytest.mark.parametrize("dialect", ["postfix", "exchange", "qmail", "exim/unknown-user"])
def test_a_bounce_is_written_in_the_host_s_dialect_about_the_mail_that_failed(dialect: str) -> None:
    bounce = write_bounce(dialect, FAILED)
    assert bounce.recipients == ("info@return.example.com",)
    assert b"gone@example.net" in bounce.octets and b"m1@x.example" in bounce.octets
    assert bounce.expectations[0].recipient == "gone@example.net" and bounce.expectations[0].final


def home(behaviour: str = "accept") -> dict[str, Any]:
    zone = {"name": "return.example.com", "mx": [[10, "home.example"]]}
    return {"zone": [zone], "host": [LATER, {"name": "home.example", "behaviour": behaviour}]}


def test_it_comes_home_by_mx(run: Run, wait_for: Callable[..., Any]) -> None:
    world = run(home(), speed=100)
    assert send(world, "mx.example.net", "gone@example.net")[0] == 250
    arrived = wait_for(lambda: world.postbox.arrived("home.example"))
    assert arrived[0].sender == "" and arrived[0].recipients == ("info@return.example.com",)
    assert message_from_bytes(arrived[0].octets).get_content_type() == "multipart/report"
    told = wait_for(world.postbox.returned)
    assert [(one.code, one.ended) for one in told] == [(250, True)]


def test_a_transient_reply_is_tried_again_until_it_is_given_up(run: Run, wait_for: Callable[..., Any]) -> None:
    world = run(home("busy"), speed=3000)
    send(world, "mx.example.net", "gone@example.net")
    told = wait_for(lambda: (seen := world.postbox.returned()) and seen[-1].ended and seen)
    assert len(told) == 10 and {one.code for one in told} == {421}


@pytest.mark.parametrize(
    ("zones", "said"),
    [
        ([], "takes no mail"),
        ([{"name": "return.example.com", "mx": [[0, "."]]}], "takes no mail"),
        ([{"name": "return.example.com", "mx": [[10, "gone.example"]]}], "no MX and no address"),
    ],
)
def test_where_it_cannot_come_home_the_reason_is_kept(
    run: Run, wait_for: Callable[..., Any], zones: list[Any], said: str
) -> None:
    world = run({"zone": zones, "host": [LATER]}, speed=100)
    send(world, "mx.example.net", "gone@example.net")
    told = wait_for(world.postbox.returned)
    assert told[0].code == 0 and told[0].ended and said in told[0].said


def test_an_address_where_nobody_listens_is_tried_again(run: Run, wait_for: Callable[..., Any]) -> None:
    world = run({"zone": [{"name": "return.example.com", "a": ["127.0.3.3"]}], "host": [LATER]}, speed=100)
    send(world, "mx.example.net", "gone@example.net")
    told = wait_for(world.postbox.returned)
    assert (told[0].code, told[0].ended) == (441, False) and "127.0.3.3" in told[0].said


def test_a_mail_with_the_null_sender_is_never_returned() -> None:
    async def put() -> int:
        returner = Returner(Zones(), {}, Clock(), Postbox())
        returner.put(Host("a.example", "127.0.1.1"), "", ("x@y.example",), b"")
        waiting = len(asyncio.all_tasks())
        await returner.stop()
        return waiting

    assert asyncio.run(put()) == 1


def test_only_a_4yz_may_go_better_later() -> None:
    assert [Reply(code, "").is_transient for code in (0, 250, 421, 550)] == [False, False, True, False]
