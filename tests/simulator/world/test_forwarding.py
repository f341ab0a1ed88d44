"""A host of the world that is a mail server of one's own."""

import smtplib

import pytest

from .conftest import Run, send


def test_an_external_host_is_reached_through_the_world(run: Run) -> None:
    beyond = run({"host": [{"name": "own.example", "address": "127.0.1.9", "mailbox": {"nobody": "unknown-user"}}]})
    place = f"127.0.1.9:{beyond.forwards['127.0.1.9']}"
    world = run({"host": [{"name": "mx.example", "external": place}]})
    assert send(world, "mx.example", "a@x.example", b"Subject: big\r\n\r\n" + b"x" * 70 + b"\r\n" * 9000)[0] == 250
    assert send(world, "mx.example", "nobody@x.example")[0] == 550
    assert len(beyond.postbox.arrived("own.example")) == 2


def test_one_that_is_not_there_hangs_up(run: Run) -> None:
    world = run({"host": [{"name": "mx.example", "external": "127.0.0.1:1"}]})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(world, "mx.example", "a@x.example")
