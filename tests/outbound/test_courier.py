import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from cmcdesk.outbound.courier import OutboundCourier, may_ask_next
from cmcdesk.outbound.network import Surroundings
from cmcdesk.outbound.routing import Router
from cmcdesk.outbound.smtp_client import Letter
from cmcdesk.outbound.wire import write_wire
from simulator.world.file import make_zone
from simulator.world.world import RunningWorld

from .conftest import Scripted, accept_all

WIRE = write_wire(b"Subject: x\r\n\r\n")


@pytest.fixture
def courier(surroundings: Surroundings) -> Iterator[OutboundCourier]:
    with closing(OutboundCourier(surroundings, Router(surroundings))) as made:
        yield made


def attempt(courier: OutboundCourier, *recipients: str, interval: float = 0.0) -> Any:
    domain = recipients[0].rpartition("@")[2]
    return courier.attempt(domain, Letter("s@x.example", recipients, WIRE), "mta01.x.example", lambda host: interval)


def test_what_one_server_cannot_take_now_the_next_one_takes(courier: OutboundCourier) -> None:
    (answer,) = attempt(courier, "a@two.example").values()
    assert (answer.code, answer.host, answer.address) == (250, "mx.example.net", "127.0.1.1")


def test_a_server_that_greets_with_5yz_speaks_of_itself_alone(
    scripted: Any, world: RunningWorld, surroundings: Surroundings
) -> None:
    server = scripted(greeting=b"554 5.7.1 no mail is taken here\r\n")
    courier = own_courier(world, surroundings, server, "shut.example", {"127.0.1.1": world.forwards["127.0.1.1"]})
    (answer,) = attempt(courier, "a@shut.example").values()
    assert (answer.code, answer.host, answer.outcome) == (554, "shut.example", "transient")
    world.zones.put(make_zone({"name": "half.example", "mx": [[10, "shut.example"], [20, "mx.example.net"]]}, "zone"))
    (answer,) = attempt(courier, "a@half.example").values()
    assert (answer.code, answer.host, server.connections) == (250, "mx.example.net", 2)
    courier.close()


def test_where_our_name_is_refused_the_next_server_is_asked(
    scripted: Any, world: RunningWorld, surroundings: Surroundings
) -> None:
    server = scripted(lambda line, server: b"550 5.7.1 not you\r\n")
    courier = own_courier(world, surroundings, server, "strict.example", {"127.0.1.1": world.forwards["127.0.1.1"]})
    (answer,) = attempt(courier, "a@strict.example").values()
    assert (answer.code, answer.command, answer.outcome) == (550, "HELO", "permanent")
    world.zones.put(
        make_zone({"name": "mixed.example", "mx": [[10, "strict.example"], [20, "mx.example.net"]]}, "zone")
    )
    (answer,) = attempt(courier, "a@mixed.example").values()
    assert (answer.code, answer.host) == (250, "mx.example.net")
    courier.close()


def test_a_mail_that_may_have_been_taken_goes_to_no_other_server(courier: OutboundCourier, world: RunningWorld) -> None:
    (answer,) = attempt(courier, "a@drop.example").values()
    assert (answer.code, answer.command, answer.host) == (None, "end of DATA", "drop.example")
    assert not may_ask_next(answer)


def test_no_route_and_nobody_there_are_answers(courier: OutboundCourier) -> None:
    assert [one.enhanced for one in attempt(courier, "a@null.example").values()] == ["5.1.10"]
    (answer,) = attempt(courier, "a@nobody-there.example").values()
    assert (answer.enhanced, answer.address, answer.outcome) == ("4.4.1", "127.0.9.9", "transient")
    assert answer.text == "connect: nobody listens at port 25 of 127.0.9.9"


def test_an_address_outside_is_refused(courier: OutboundCourier) -> None:
    (answer,) = attempt(courier, "a@[192.0.2.1]").values()
    assert (answer.enhanced, answer.outcome) == ("5.7.1", "permanent") and "outside of 127.0.0.0/8" in answer.text


def own_courier(
    world: RunningWorld, surroundings: Surroundings, server: Scripted, domain: str, others: Mapping[str, int] = {}
) -> OutboundCourier:
    world.zones.put(make_zone({"name": domain, "a": ["127.0.0.1"]}, "zone"))
    around = Surroundings(surroundings.resolver, {"127.0.0.1": server.port, **others}, 600.0)
    return OutboundCourier(around, Router(around))


def test_a_connection_is_kept_and_made_anew_when_it_ended(
    scripted: Any, world: RunningWorld, surroundings: Surroundings
) -> None:
    def script(line: bytes, server: Scripted) -> bytes | None:
        is_over = len(server.mails) == 2 and server.connections == 1 and line.startswith(b"MAIL")
        return b"421 4.4.2 idle for too long\r\n" if is_over else accept_all(line, server)

    server = scripted(script)
    courier = own_courier(world, surroundings, server, "kept.example")
    for _ in range(3):
        assert [one.code for one in attempt(courier, "a@kept.example").values()] == [250]
    assert (server.connections, len(server.mails)) == (2, 3)
    courier.close()


def test_mails_in_one_session_keep_their_interval(
    scripted: Any, world: RunningWorld, surroundings: Surroundings
) -> None:
    courier = own_courier(world, surroundings, scripted(), "slowly.example")
    began = time.monotonic()
    for _ in range(3):
        attempt(courier, "a@slowly.example", interval=0.1)
    assert time.monotonic() - began >= 0.2
    courier.close()
