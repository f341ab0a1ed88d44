"""What the domain doctor looks at: filters tried with an address, endpoints connected to, the DNS asked."""

import socket
from typing import Any

import pytest

from cmcdesk.console.world.domain_facts import ask_real, ask_world, find_matching, probe_endpoint
from cmcdesk.processes.world_note import WorldNote
from cmcdesk.rules.domain_steps import MxAnswer
from cmcdesk.rules.reach import Reach
from simulator.world.dns import NameServer, Zones
from simulator.world.file import Zone


def inbound(pattern: str, header: str = "To", **more: Any) -> dict[str, Any]:
    return {"name": pattern, "condition": [{"header": header, "pattern": pattern}], **more}


@pytest.mark.parametrize(
    ("filters", "address", "tried", "names"),
    [
        ([inbound(r"info@m\.example")], "", "info@m.example", [r"info@m\.example"]),
        ([inbound(r"^form@m\.example$")], "", "form@m.example", [r"^form@m\.example$"]),
        ([inbound(r"form@m\.example")], "other@m.example", "other@m.example", []),
        ([inbound("form")], "form@m.example", "form@m.example", ["form"]),
        ([inbound("form")], "form@else.example", "info@m.example", []),
        ([inbound("info@", enabled=False)], "", "info@m.example", []),
        ([inbound("hello", "Subject")], "", "info@m.example", ["hello"]),
        ([], "", "info@m.example", []),
    ],
)
def test_an_address_is_found_that_a_filter_is_written_for(
    filters: list[Any], address: str, tried: str, names: list[str]
) -> None:
    found, matching = find_matching("m.example", {"inbound_webhook": filters}, address)
    assert (found, [one["name"] for one in matching]) == (tried, names)


def test_an_endpoint_answers_or_it_is_told_why_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert probe_endpoint(f"http://127.0.0.1:{port}/hook", Reach()) is None
    told = probe_endpoint(f"http://127.0.0.1:{port}/hook", Reach())
    assert told and "no program listens" in told["en"]
    refused = probe_endpoint("http://192.168.1.1/hook", Reach())
    assert refused and "webhooks may not go there" in refused["en"]
    assert "webhooks may not" in (probe_endpoint("https://169.254.169.254/", Reach.of(["169.254.169.254"])) or {})["en"]
    unknown = probe_endpoint("https://no-such-host.invalid/", Reach.of(["no-such-host.invalid"]))
    assert unknown and "there is no host" in unknown["en"]


def test_the_simulated_dns_says_where_the_host_leads() -> None:
    zones = Zones([Zone("return.example.com", mx=((10, "pro.smtps.jp"),)), Zone("other.example", mx=((10, "mx.b"),))])
    zones.put_receivers({"pro.smtps.jp": "127.0.0.1"})
    server = NameServer(zones).start()
    try:
        ask = ask_world(WorldNote(f"127.0.0.1:{server.port}", {"127.0.0.1": 10026}))
        assert ask("return.example.com", "pro.smtps.jp") == MxAnswer(
            "NOERROR", ((10, "pro.smtps.jp"),), "127.0.0.1:10026"
        )
        assert ask("other.example", "pro.smtps.jp") == MxAnswer("NOERROR", ((10, "mx.b"),))
        real = ask_real(("127.0.0.1", server.port))
        assert real("return.example.com", "pro.smtps.jp") == MxAnswer("NOERROR", ((10, "pro.smtps.jp"),))
    finally:
        server.stop()
    assert ask_world(None)("return.example.com", "pro.smtps.jp") is None
