"""Questions to a name server as dig asks and shows them."""

import socket

import pytest

from cmcdesk.console.world.digging import SILENT, dig, find_mail_hosts, find_real_resolver
from simulator.world.dns import NameServer, Zones
from simulator.world.file import Zone

ZONES = Zones(
    [
        Zone("example.com", mx=((20, "two.example"), (10, "one.example"))),
        Zone("one.example", a=("127.0.0.9",)),
        Zone("alias.example", cname="example.com"),
        Zone("long.example", txt=tuple(f"{number:03}" + "x" * 90 for number in range(60))),
        Zone("none.example", mx=((0, "."),)),
    ]
)


@pytest.fixture
def place() -> "object":
    server = NameServer(ZONES).start()
    yield server.address, server.port
    server.stop()


def test_it_reads_like_dig(place: tuple[str, int]) -> None:
    dug = dig(place, "example.com", "MX")
    assert dug.code == "NOERROR" and sorted(dug.values("MX")) == ["10 one.example.", "20 two.example."]
    assert f"; <<>> dig @127.0.0.1 -p {place[1]} example.com MX" in dug.text
    assert ";; ->>HEADER<<- opcode: QUERY, status: NOERROR" in dug.text
    assert "example.com.\t60\tIN\tMX\t10 one.example." in dug.text and "(UDP)" in dug.text
    gone = dig(place, "gone.example", "MX")
    assert gone.code == "NXDOMAIN" and ";; AUTHORITY SECTION:" in gone.text and gone.values("MX") == []


def test_an_alias_is_followed_and_a_long_answer_is_whole(place: tuple[str, int]) -> None:
    assert len(dig(place, "alias.example", "MX").values("MX")) == 2
    assert len(dig(place, "long.example", "TXT").values("TXT")) == 60


def test_where_mail_goes_lowest_first(place: tuple[str, int]) -> None:
    found = find_mail_hosts(place, "example.com")
    assert found.listed == ((10, "one.example"), (20, "two.example"))
    assert found.addresses == {"one.example": ("127.0.0.9",), "two.example": ()}
    assert find_mail_hosts(place, "none.example").listed == ((0, "."),)


def test_nobody_answers() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        dug = dig(held.getsockname(), "example.com", "MX", 0.05)
    assert dug.code == SILENT and "no servers could be reached" in dug.text


def test_a_name_that_is_none_is_told(place: tuple[str, int]) -> None:
    with pytest.raises(ValueError, match="label"):
        dig(place, "a" * 70 + ".example", "MX")


def test_the_name_server_of_this_computer_is_an_address_or_none() -> None:
    found = find_real_resolver()
    assert found is None or (found[0] and found[1] == 53)
