import time

import pytest

from cmcdesk.outbound.network import Surroundings
from cmcdesk.outbound.routing import REMEMBERED_SECONDS, MailExchanger, NoRoute, Router
from simulator.world.file import make_zone
from simulator.world.world import RunningWorld


@pytest.fixture
def router(surroundings: Surroundings) -> Router:
    return Router(surroundings)


def test_mx_hosts_come_in_the_order_of_their_preference(router: Router) -> None:
    assert router.find("two.example") == (
        MailExchanger("busy.two.example", "127.0.1.2"), MailExchanger("mx.example.net", "127.0.1.1"),
    )  # fmt: skip
    assert router.recall_host("two.example") == "busy.two.example"
    assert router.recall_host("example.net") == ""


@pytest.mark.parametrize(
    ("domain", "host"),
    [("no-mx.example", "no-mx.example"), ("alias.example", "mx.example.net"), ("[127.0.1.1]", "127.0.1.1")],
)
def test_without_mx_the_address_stands_and_aliases_are_followed(router: Router, domain: str, host: str) -> None:
    assert router.find(domain) == (MailExchanger(host, "127.0.1.1"),)


@pytest.mark.parametrize(
    ("domain", "enhanced", "error_status"),
    [
        ("null.example", "5.1.10", 1), ("nowhere.example", "5.1.2", 1), ("wrong.example", "5.4.4", 1),
        ("empty.example", "5.4.4", 1), ("broken.example", "4.4.3", None), ("", "5.1.3", 9), ("a..b", "5.1.3", 9),
        ("[IPv6:::1]", "5.1.3", 9), ("[somewhere]", "5.1.3", 9), ("[127.0.0.1.5]", "5.1.3", 9),
    ],
)  # fmt: skip
def test_a_domain_without_a_way_says_why(router: Router, domain: str, enhanced: str, error_status: int | None) -> None:
    with pytest.raises(NoRoute) as none:
        router.find(domain)
    assert (none.value.answer.code, none.value.answer.enhanced) == (None, enhanced)
    assert none.value.answer.error_status == error_status


def test_equal_servers_share_the_load(world: RunningWorld, surroundings: Surroundings) -> None:
    equal = {"name": "equal.example", "mx": [[5, "mx.example.net"], [5, "drop.example"]]}
    world.zones.put(make_zone(equal, "zone"))
    firsts = {Router(surroundings).find("equal.example")[0].host for _ in range(40)}
    assert firsts == {"mx.example.net", "drop.example"}


def test_a_burst_asks_once_and_a_changed_zone_is_seen(world: RunningWorld, router: Router) -> None:
    world.zones.put(make_zone({"name": "changing.example", "mx": [[0, "."]]}, "zone"))
    for _ in range(20):
        with pytest.raises(NoRoute):
            router.find("changing.example")
    assert sum(one.name == "changing.example" for one in world.questions()) == 1
    world.zones.put(make_zone({"name": "changing.example", "mx": [[1, "mx.example.net"]]}, "zone"))
    time.sleep(REMEMBERED_SECONDS)
    assert router.find("changing.example")[0].host == "mx.example.net"


def test_without_a_resolver_nobody_is_asked() -> None:
    with pytest.raises(NoRoute, match="no name server"):
        Router(Surroundings()).find("example.net")


def test_another_resolver_than_this_computers_is_not_asked() -> None:
    with pytest.raises(NoRoute) as none:
        Router(Surroundings(("192.0.2.1", 53))).find("example.net")
    assert none.value.answer.enhanced == "4.4.3"
