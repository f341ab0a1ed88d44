import os
import socket
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import pytest

from cmcdesk.outbound.network import (
    RESOLVER_VARIABLE,
    GuardedSocket,
    NotThisComputer,
    Surroundings,
    SurroundingsWatch,
    watch_surroundings,
)
from cmcdesk.processes.world_note import WorldNote, world_note, write_world_note

ELSEWHERE = ("192.0.2.1", 25)  # TEST-NET-1 (RFC 5737)


@pytest.mark.parametrize("address", [ELSEWHERE, ("128.0.0.1", 25), ("::1", 25), ("example.net", 25), ("", 25)])
def test_no_socket_reaches_another_computer(address: tuple[str, int]) -> None:
    with GuardedSocket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        for reach in (made.connect, made.connect_ex, lambda to: made.sendto(b"", to)):
            with pytest.raises(NotThisComputer):
                reach(address)
        with pytest.raises(NotThisComputer):
            made.sendmsg([b""], [], 0, address)


def test_this_computer_is_reached() -> None:
    with socket.create_server(("127.0.3.4", 0)) as listener, GuardedSocket() as made:
        made.connect(listener.getsockname())
        accepted, _ = listener.accept()
        accepted.close()


@pytest.mark.parametrize("ask", [dns.query.udp, dns.query.tcp])
def test_dnspython_is_guarded_too(ask: Any) -> None:
    Surroundings().guard_lookups()
    with pytest.raises(NotThisComputer):
        ask(dns.message.make_query("example.net", "MX"), "192.0.2.1", timeout=1)


def test_port_25_is_only_what_the_world_has_told() -> None:
    with socket.create_server(("127.0.3.5", 0)) as listener:
        around = Surroundings(forwards={"127.0.3.5": listener.getsockname()[1]})
        around.connect("127.0.3.5", 2.0).close()
        with pytest.raises(ConnectionRefusedError, match=r"nobody listens at port 25 of 127\.0\.3\.6"):
            around.connect("127.0.3.6", 2.0)
        with pytest.raises(NotThisComputer, match="outside"):
            around.connect(ELSEWHERE[0], 2.0)


def test_with_the_switch_others_are_reached_yet_no_mail_server_of_this_computer() -> None:
    around = Surroundings(may_leave=True)
    with around.make_socket(socket.SOCK_DGRAM) as made:
        assert not isinstance(made, GuardedSocket)
    with pytest.raises(ConnectionRefusedError):
        around.connect("127.0.0.1", 2.0)


def test_hours_of_the_world_are_seconds_here() -> None:
    assert Surroundings(speed=600.0).real(3600.0) == 6.0


def test_the_note_of_the_world_is_followed(tmp_path: Path) -> None:
    watch = SurroundingsWatch(tmp_path)
    nothing = watch.ask()
    assert nothing.resolver is None and watch.ask() is nothing
    write_world_note(tmp_path, WorldNote("127.0.0.1:5353", {"127.0.1.1": 2525}, speed=60.0))
    found = watch.ask()
    assert found == Surroundings(("127.0.0.1", 5353), {"127.0.1.1": 2525}, 60.0) and watch.ask() is found
    os.utime(world_note(tmp_path), ns=(1, 1))
    assert watch.ask() is not found
    write_world_note(tmp_path, None)
    assert watch.ask().resolver is None
    assert SurroundingsWatch(tmp_path, ("127.0.0.9", 53)).ask().resolver == ("127.0.0.9", 53)


@pytest.mark.parametrize(
    ("given", "resolver", "may_leave"),
    [({}, None, False), ({RESOLVER_VARIABLE: "192.0.2.53:53"}, ("192.0.2.53", 53), True)]
    + [({RESOLVER_VARIABLE: bad}, None, False) for bad in ("", "192.0.2.53", "dns.example:53", "192.0.2.53:x")],
)
def test_mail_may_leave_only_by_an_explicit_switch(
    tmp_path: Path, given: dict[str, str], resolver: tuple[str, int] | None, may_leave: bool
) -> None:
    around = watch_surroundings(tmp_path, given).ask()
    assert (around.resolver, around.may_leave) == (resolver, may_leave)
