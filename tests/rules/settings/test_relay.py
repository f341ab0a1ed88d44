"""リレーサーバ設定 among the settings: the contract's keys, limits, who may relay, and what is wrong told by field."""

import pytest

from cmcdesk.rules.settings import (
    Composition,
    SettingsError,
    check_composition,
    defaults_of,
    diff,
    initial_compositions,
    read_form,
)
from cmcdesk.rules.settings.relations import find_conflicts


def relaying(**changes: object) -> Composition:
    return check_composition({"name": "pro", "relay": changes})


def test_the_relay_server_starts_with_the_receiving_servers_numbers_on_both_plans() -> None:
    for one in initial_compositions():
        assert one.relay.model_dump(include={"max_sessions", "interval_ms", "size_kb"}) == one.receiving.model_dump(
            include={"max_sessions", "interval_ms", "size_kb"}
        )
        assert (one.relay.access, one.relay.networks) == ("network_or_auth", ["127.0.0.1"])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("192.0.2.10", "192.0.2.10"),
        (" 192.0.2.10 ", "192.0.2.10"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:127.0.0.2", "127.0.0.2"),
    ],
)
def test_an_address_is_kept_as_clients_come(given: str, kept: str) -> None:
    assert relaying(networks=[given]).relay.networks == [kept]


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"networks": ["192.0.2.0/24"]}, "networks[0]", "CIDR notation is not available"),
        ({"networks": ["127.0.0.1", "2001:db8::/32"]}, "networks[1]", "CIDR notation is not available"),
        ({"networks": ["mail.example.com"]}, "networks[0]", "no IP address"),
        ({"networks": ["192.0.2.010"]}, "networks[0]", "no IP address"),
        ({"networks": ["fe80::1%eth0"]}, "networks[0]", "no IP address"),
        ({"networks": ["::1", "0:0:0:0:0:0:0:1"]}, "networks[1]", "already"),
        ({"networks": ["127.0.0.1", "::ffff:127.0.0.1"]}, "networks[1]", "already"),
        ({"networks": [], "access": "network"}, "networks", "needs at least one"),
        ({"networks": [], "access": "network_and_auth"}, "networks", "needs at least one"),
        ({"networks": "127.0.0.1"}, "networks", "must be a list"),
        ({"access": "anybody"}, "access", "network_or_auth, network, network_and_auth"),
        ({"max_sessions": 101}, "max_sessions", "1 to 100"),
        ({"interval_ms": 9}, "interval_ms", "10 to 10000"),
        ({"size_kb": 0}, "size_kb", "1 to 102400"),
        ({"port": 587}, "port", "the port is fixed"),
    ],
)
def test_what_is_wrong_is_told_by_field(changes: dict[str, object], field: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        relaying(**changes)
    [error] = refused.value.errors
    assert error.field == f"relay.{field}" and told in error.message["en"] and error.message["ja"]


def test_with_auth_alone_no_network_is_needed() -> None:
    assert relaying(networks=[]).relay.networks == []


def test_standard_fixes_the_relay_server() -> None:
    with pytest.raises(SettingsError) as refused:
        check_composition({"name": "sandbox", "relay": {"access": "network", "interval_ms": 10}})
    assert [error.field for error in refused.value.errors] == ["relay.interval_ms", "relay.access"]


def test_form_and_difference_know_the_relay_server() -> None:
    fields = [("relay.interval_ms", "２０"), ("relay.access", "network"), ("relay.networks", "127.0.0.1\n 127.0.0.2 ")]
    given = read_form(fields)["relay"]
    assert given == {"interval_ms": 20, "access": "network", "networks": ["127.0.0.1", "127.0.0.2"]}
    changes = {change.field: change for change in diff(defaults_of("pro", "pro"), relaying(**given))}
    assert set(changes) == {f"relay.{key}" for key in given}
    assert changes["relay.networks"].added == ["127.0.0.2"]
    assert changes["relay.interval_ms"].unit == {"ja": "ミリ秒", "en": "ms"}


def test_broken_data_is_left_to_the_other_checks() -> None:
    for relay in (5, {"networks": 5}, {"networks": [5, None, {}]}, {"access": [], "networks": []}):
        assert list(find_conflicts({"relay": relay}, "")) == []
