"""What the DNS of the world answers."""

import pytest

from simulator.world.file import Host, Zone
from simulator.world.zones import Found, Record, Zones

ZONES = (
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
HOSTS = (Host("mx.example.net", "127.0.1.1"), Host("mx2.example.net", "127.0.1.2"))


@pytest.fixture
def zones() -> Zones:
    return Zones(ZONES, HOSTS)


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
