"""World files: what they may say, and how they are told what is wrong."""

import re
from pathlib import Path
from typing import Any

import pytest

from simulator.world.file import (
    BEHAVIOURS,
    GREYLIST_SECONDS,
    REFUSALS,
    WORDINGS,
    BadWorld,
    Greylist,
    Host,
    Zone,
    make_world,
    read_world,
    word_refusal,
)
from simulator.world.world import EXAMPLE


def test_the_example_world_can_be_read() -> None:
    world = read_world(EXAMPLE)
    assert {zone.name for zone in world.zones} >= {"example.net", "null-mx.example", "servfail.example"}
    assert world.hosts[0].mailboxes["nobody"] == "unknown-user"


def test_what_is_left_out_has_its_default_and_names_are_lower_case() -> None:
    world = make_world(
        {"zone": [{"name": "Example.NET.", "mx": [[10, "MX.example.net."], [0, "."]]}], "host": [{"name": "a.example"}]}
    )
    assert world.zones == (Zone("example.net", mx=((10, "mx.example.net"), (0, "."))),)
    assert world.hosts == (Host("a.example", "127.0.1.1"),)


def test_a_host_without_an_address_gets_the_next_that_is_free() -> None:
    hosts = [{"name": "a.example"}, {"name": "b.example", "address": "127.0.1.1"}, {"name": "c.example"}]
    assert [host.address for host in make_world({"host": hosts}).hosts] == ["127.0.1.2", "127.0.1.1", "127.0.1.3"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"zones": []}, "no key zones here; there are zone, host"),
        ({"zone": {"name": "a.example"}}, "write each as [[zone]]"),
        ({"zone": [{"name": "a.example", "mxs": []}]}, "zone 1: no key mxs"),
        ({"zone": [{"mx": []}]}, "zone 1: name is ''"),
        ({"zone": [{"name": "ドメイン.example"}]}, "xn--"),
        ({"zone": [{"name": "a.example", "mx": ["mx.example"]}]}, "zone 1 (a.example): mx is ['mx.example']"),
        ({"zone": [{"name": "a.example", "mx": [[70000, "b"]]}]}, "preference 0 to 65535"),
        ({"zone": [{"name": "a.example", "a": ["192.0.2.1"]}]}, "one within 127.0.0.0/8 was expected"),
        ({"zone": [{"name": "a.example", "txt": "v=spf1"}]}, "a list of texts was expected"),
        ({"zone": [{"name": "a.example", "answer": "maybe"}]}, "there are servfail, nxdomain, slow"),
        ({"zone": [{"name": "a.example", "cname": "b.example", "txt": ["x"]}]}, "RFC 1034"),
        ({"zone": [{"name": "a.example"}, {"name": "A.example"}]}, "two of zone a.example"),
        ({"host": [{"name": "a.example", "behaviour": "kind"}]}, "behaviour is 'kind'; there are accept,"),
        ({"host": [{"name": "a.example", "mailbox": {"x": "kind"}}]}, "mailbox: x is 'kind'"),
        ({"host": [{"name": "a.example", "mailbox": "x"}]}, "mailbox is a table"),
        ({"host": [{"name": "a.example", "dialect": "klingon"}]}, "dialect is 'klingon'; there are"),
        ({"host": [{"name": "a.example", "address": "10.0.0.1"}]}, "127.0.0.0/8"),
        ({"host": [{"name": "a.example", "external": "mail.example:25"}]}, "127.0.0.0/8"),
        ({"host": [{"name": "a.example", "external": "127.0.0.1"}]}, "HOST:PORT"),
        ({"host": [{"name": "a.example", "address": "127.0.1.1"}, {"name": "b.example", "address": "127.0.1.1"}]},
         "two of host with the address 127.0.1.1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(data: dict[str, Any], told: str) -> None:
    with pytest.raises(BadWorld) as fault:
        make_world(data)
    assert told in str(fault.value)


def test_a_file_that_is_no_toml_or_not_there_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[[zone\n")
    for path in (bad, tmp_path / "none.toml"):
        with pytest.raises(BadWorld, match=path.name):
            read_world(path)


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
