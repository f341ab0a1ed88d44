"""What a scenario plays in."""

import pytest

from simulator.acceptance.world import StepFailed, World


def test_the_sinks_url_is_filled_in_without_touching_the_scenario(world: World) -> None:
    given = {"name": "pro", "inbound_webhook": [{"endpoint": "{sink}/a"}]}
    assert world.fill_in(given)["inbound_webhook"][0]["endpoint"] == f"{world.sink.url}/a"
    assert given["inbound_webhook"] == [{"endpoint": "{sink}/a"}]


def test_waiting_ends_with_the_fact_or_the_time(world: World) -> None:
    world.wait_until(lambda: True, "nothing")
    with pytest.raises(StepFailed, match="rain"):
        world.wait_until(lambda: False, "rain", within=0.1)


def test_addresses_come_from_the_api_unless_told(world: World) -> None:
    host, port = world.address_of("sandbox")
    assert host.startswith("127.")
    assert port > 0
    world.target, world.first_composition = "[::1]:2525", "pro"
    try:
        assert world.address_of("pro") == ("::1", 2525)
        assert world.address_of("sandbox") == (host, port)
    finally:
        world.target = None


def test_what_was_never_sent_is_told(world: World) -> None:
    with pytest.raises(StepFailed, match="nothing"):
        world.find("ghost")
