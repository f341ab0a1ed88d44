"""The name server, asked by a resolver that is not ours (dnspython)."""

from collections.abc import Callable

import dns.resolver
import pytest

from simulator.world.dns import NameServer
from simulator.world.zones import Zones

from .conftest import Run

ZONES = [
    {"name": "example.net", "mx": [[10, "mx.example.net"], [20, "mx2.example.net"]], "txt": ["a" * 300, "ä"]},
    {"name": "null.example", "mx": [[0, "."]]},
    {"name": "alias.example", "cname": "mx.example.net"},
    {"name": "broken.example", "answer": "servfail"},
    {"name": "many.example", "a": [f"127.0.2.{number}" for number in range(1, 120)]},
]
HOSTS = [{"name": "mx.example.net"}]
Ask = Callable[..., list[str]]


@pytest.mark.parametrize("tcp", [False, True])
def test_records_are_answered_over_udp_and_tcp(run: Run, ask: Ask, tcp: bool) -> None:
    world = run({"zone": ZONES, "host": HOSTS})
    assert ask(world, "example.net", "MX", tcp=tcp) == ["10 mx.example.net.", "20 mx2.example.net."]
    assert ask(world, "null.example", "MX", tcp=tcp) == ["0 ."]
    assert ask(world, "mx.example.net", "A", tcp=tcp) == ["127.0.1.1"]
    assert ask(world, "alias.example", "A", tcp=tcp) == ["127.0.1.1"]
    assert len(ask(world, "many.example", "A", tcp=tcp)) == 119
    assert ask(world, "example.net", "TXT", tcp=tcp)[0] == f'"{"a" * 255}" "{"a" * 45}"'


def test_what_is_not_there_is_told_apart(run: Run, ask: Ask) -> None:
    world = run({"zone": ZONES})
    with pytest.raises(dns.resolver.NXDOMAIN):
        ask(world, "gone.example", "MX")
    with pytest.raises(dns.resolver.NoAnswer):
        ask(world, "example.net", "A")
    with pytest.raises(dns.resolver.NoNameservers):
        ask(world, "broken.example", "MX")


def test_questions_are_kept_and_nothing_is_printed(run: Run, ask: Ask, capfd: pytest.CaptureFixture[str]) -> None:
    world = run({"zone": ZONES})
    ask(world, "Example.net", "MX")
    asked = world.questions()
    assert [(one.name, one.kind, one.code) for one in asked] == [("Example.net", "MX", "NOERROR")]
    assert capfd.readouterr() == ("", "")


def test_a_port_that_is_taken_is_said() -> None:
    first = NameServer(Zones()).start()
    try:
        with pytest.raises(OSError, match="in use"):
            NameServer(Zones(), port=first.port).start()
    finally:
        first.stop()
