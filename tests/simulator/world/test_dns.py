"""The name server, asked by a resolver that is not ours (dnspython)."""

from collections.abc import Callable

import dns.resolver
import pytest

from simulator.world.dns import Found, NameServer, Record, Zones
from simulator.world.file import Host, Zone

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


STATED_ZONES = (
    Zone("example.net", mx=((20, "mx2.example.net"), (10, "mx.example.net")), txt=("v=spf1 -all",)),
    Zone("null.example", mx=((0, "."),)),
    Zone("bare.example", a=("127.0.1.9",)),
    Zone("alias.example", cname="example.net"),
    Zone("dangling.example", cname="gone.example"),
    Zone("circle.example", cname="circle.example"),
    Zone("broken.example", answer="servfail"),
    Zone("denied.example", answer="nxdomain"),
    Zone("txt.only.example", txt=("x",)),
)
STATED_HOSTS = (Host("mx.example.net", "127.0.1.1"), Host("mx2.example.net", "127.0.1.2"))


@pytest.fixture
def zones() -> Zones:
    return Zones(STATED_ZONES, STATED_HOSTS)


def test_records_are_found_in_any_case(zones: Zones) -> None:
    assert zones.find("Example.Net.", "TXT") == Found("NOERROR", (Record("example.net", "TXT", "v=spf1 -all"),))
    assert zones.find("mx.example.net", "A").records == (Record("mx.example.net", "A", "127.0.1.1"),)


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("example.net", "A", "NOERROR"),  # it has other records
        ("only.example", "MX", "NOERROR"),  # a name below it has
        ("mx.example.net", "AAAA", "NOERROR"),
        ("gone.example", "MX", "NXDOMAIN"),
        ("notexample.net", "MX", "NXDOMAIN"),
        ("denied.example", "MX", "NXDOMAIN"),
        ("broken.example", "MX", "SERVFAIL"),
        ("circle.example", "MX", "SERVFAIL"),
    ],
)
def test_no_records_and_no_such_name_are_two_things(zones: Zones, name: str, kind: str, code: str) -> None:
    assert zones.find(name, kind) == Found(code)


def test_an_alias_is_followed(zones: Zones) -> None:
    found = zones.find("alias.example", "TXT")
    assert [record.kind for record in found.records] == ["CNAME", "TXT"]
    assert zones.find("alias.example", "CNAME").records == (Record("alias.example", "CNAME", "example.net"),)
    assert [record.kind for record in zones.find("dangling.example", "A").records] == ["CNAME"]


def test_a_slow_answer_says_how_long_it_takes() -> None:
    assert Zones([Zone("slow.example", answer="slow")]).find("slow.example", "MX").delay > 10


@pytest.mark.parametrize(
    ("domain", "hosts"),
    [
        ("example.net", [("mx.example.net", "127.0.1.1"), ("mx2.example.net", "127.0.1.2")]),
        ("alias.example", [("mx.example.net", "127.0.1.1"), ("mx2.example.net", "127.0.1.2")]),
        ("bare.example", [("bare.example", "127.0.1.9")]),  # RFC 5321 5.1: no MX, then its address
        ("txt.only.example", []),
        ("null.example", None),  # RFC 7505
        ("gone.example", None),
        ("broken.example", None),
    ],
)
def test_mail_goes_to_the_lowest_preference_first(zones: Zones, domain: str, hosts: object) -> None:
    assert zones.find_mail_hosts(domain) == hosts


def test_names_can_be_changed_while_they_are_asked(zones: Zones) -> None:
    zones.put(Zone("return.example.com", mx=((10, "pro.smtps.jp"),)))
    zones.put_receivers({"pro.smtps.jp": "127.0.0.1"})
    assert zones.find_mail_hosts("return.example.com") == [("pro.smtps.jp", "127.0.0.1")]
    assert "return.example.com" in [zone.name for zone in zones.all()]
    assert zones.remove("return.example.com") and not zones.remove("return.example.com")
    assert zones.find("return.example.com", "MX").code == "NXDOMAIN"


def test_the_service_has_its_own_names_until_it_says_others(zones: Zones) -> None:
    zones.put_receivers({"pro.smtps.jp": "127.0.0.1", "te.smtps.jp": "127.0.0.3"})
    assert zones.find_mail_hosts("return.te.smtps.jp") == [("te.smtps.jp", "127.0.0.3")]
    assert zones.find("return.te.smtps.jp", "A").code == "NOERROR"
    zones.put(Zone("pro.smtps.jp", txt=("hello",)))
    assert [one.value for one in zones.find("pro.smtps.jp", "A").records] == ["127.0.0.1"]
    zones.put_receivers({"pro.smtps.jp": "127.0.0.9"})
    assert zones.find_mail_hosts("return.pro.smtps.jp") == [("pro.smtps.jp", "127.0.0.9")]
    assert zones.find_mail_hosts("return.te.smtps.jp") is None
