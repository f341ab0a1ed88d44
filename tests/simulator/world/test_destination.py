"""Mail servers of the world, spoken to by smtplib."""

import smtplib
from collections.abc import Callable
from typing import Any

import pytest

from simulator.world.file import GREYLIST_SECONDS, SLOW_SECONDS

from .conftest import Run, send

BOXES = {
    "nobody": "unknown-user", "full": "mailbox-full", "later-full": "mailbox-full-for-now", "policy": "policy",
    "busy": "busy", "loop": "loop", "named@mx.example.net": "unknown-user",
}  # fmt: skip


@pytest.mark.parametrize(
    ("to", "code", "words"),
    [
        ("anybody@example.net", 250, ""),
        ("nobody@example.net", 550, "5.1.1 <nobody@example.net>"),
        ("NoBody@example.net", 550, "5.1.1"),
        ("named@mx.example.net", 550, "5.1.1"),
        ("named@example.net", 250, ""),
        ("full@example.net", 552, "5.2.2"),
        ("later-full@example.net", 452, "4.2.2"),
        ("busy@example.net", 450, "4.3.2"),
        ("policy@example.net", 550, "5.7.1"),
        ("loop@example.net", 554, "5.4.6"),
    ],
)
def test_single_mailboxes_behave_as_the_file_says(run: Run, to: str, code: int, words: str) -> None:
    world = run({"host": [{"name": "mx.example.net", "mailbox": BOXES}]})
    seen, said = send(world, "mx.example.net", to)
    assert seen == code and words in said
    kept = world.postbox.arrived("mx.example.net")
    assert [one.recipients for one in kept] == [(to,)]
    assert kept[0].octets == (b"Subject: hello\r\n\r\nbody\r\n" if code == 250 else b"")


@pytest.mark.parametrize("wording", ["plain", "clashing", "several-lines"])
def test_a_host_words_its_refusals_as_told(run: Run, wording: str) -> None:
    world = run({"host": [{"name": "mx.example", "behaviour": "unknown-user", "wording": wording}]})
    code, said = send(world, "mx.example", "a@x.example")
    assert code == 550 and "User unknown" in said
    assert said.startswith({"plain": "<a@", "clashing": "5.0.0", "several-lines": "5.1.1"}[wording])


def test_a_busy_host_says_so_before_anything_else(run: Run) -> None:
    world = run({"host": [{"name": "mx.example", "behaviour": "busy"}]})
    with pytest.raises(smtplib.SMTPConnectError, match="421"):
        smtplib.SMTP("127.0.1.1", world.forwards["127.0.1.1"], timeout=10)


def test_a_host_that_drops_the_connection_says_nothing(run: Run) -> None:
    world = run({"host": [{"name": "mx.example", "behaviour": "drop"}]})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(world, "mx.example", "a@x.example")
    assert world.postbox.arrived()[0].octets == b""


def test_a_greylist_and_a_slow_host_go_by_the_clock_of_the_world(run: Run, wait_for: Callable[..., Any]) -> None:
    hosts = [{"name": "grey.example", "behaviour": "greylist"}, {"name": "slow.example", "behaviour": "slow"}]
    world = run({"host": hosts}, speed=max(GREYLIST_SECONDS, SLOW_SECONDS) * 4)
    assert send(world, "grey.example", "a@x.example")[0] == 451
    wait_for(lambda: send(world, "grey.example", "a@x.example")[0] == 250)
    assert send(world, "slow.example", "a@x.example") == (250, "")
