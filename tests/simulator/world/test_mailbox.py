"""The words of refusals, and the memory of a greylist."""

import re

import pytest

from simulator.world.file import make_world
from simulator.world.mailbox import BEHAVIOURS, GREYLIST_SECONDS, REFUSALS, WORDINGS, Greylist, word_refusal


@pytest.mark.parametrize(
    ("wording", "reply"),
    [
        ("enhanced", "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown"),
        ("plain", "550 <a@b.example>: Recipient address rejected: User unknown"),
        ("clashing", "550 5.0.0 <a@b.example>: Recipient address rejected: User unknown"),
        (
            "several-lines",
            "550-5.1.1 <a@b.example>\r\n550-5.1.1 Recipient address rejected: User unknown\r\n"
            "550 5.1.1 Please see http://mail.example/help",
        ),
    ],
)
def test_a_refusal_is_worded_as_real_servers_do(wording: str, reply: str) -> None:
    assert word_refusal(REFUSALS["unknown-user"], "a@b.example", wording) == reply


@pytest.mark.parametrize("behaviour", REFUSALS)
@pytest.mark.parametrize("wording", WORDINGS)
def test_every_reply_is_one_that_rfc_5321_knows(behaviour: str, wording: str) -> None:
    refusal = REFUSALS[behaviour]
    lines = word_refusal(refusal, "a@b.example", wording).split("\r\n")
    assert all(re.fullmatch(rf"{refusal.code}[- ].+", line) for line in lines)
    assert [line[3] for line in lines] == ["-"] * (len(lines) - 1) + [" "]
    assert refusal.enhanced[0] == str(refusal.code)[0]


def test_a_world_file_may_use_every_behaviour() -> None:
    hosts = [{"name": f"{one}.example", "behaviour": one} for one in BEHAVIOURS]
    assert [host.behaviour for host in make_world({"host": hosts}).hosts] == list(BEHAVIOURS)


def test_a_greylist_takes_the_second_try_when_it_comes_late_enough() -> None:
    greylist = Greylist()
    first, other = ("127.0.0.1", "a@x.example", "b@y.example"), ("127.0.0.1", "a@x.example", "c@y.example")
    assert not greylist.is_late_enough(first, 10.0)
    assert not greylist.is_late_enough(first, 10.0 + GREYLIST_SECONDS - 1)
    assert not greylist.is_late_enough(other, 10.0 + GREYLIST_SECONDS)
    assert greylist.is_late_enough(first, 10.0 + GREYLIST_SECONDS)
