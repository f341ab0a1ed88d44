"""A small world that runs for a test, and a resolver that asks it."""

import json
import smtplib
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import dns.resolver
import pytest

from simulator.world.file import make_world
from simulator.world.world import RunningWorld

Run = Callable[..., RunningWorld]


@pytest.fixture
def run() -> Iterator[Run]:
    """run({"zone": […], "host": […]}, speed) starts a world; it ends with the test."""
    running: list[RunningWorld] = []

    def start(data: dict[str, Any], speed: float = 1.0) -> RunningWorld:
        running.append(RunningWorld(make_world(data), speed).start())
        return running[-1]

    yield start
    for world in running:
        world.stop()


@pytest.fixture
def ask() -> Callable[..., list[str]]:
    """ask(world, name, kind) as a program does that resolves; raises what dnspython raises."""

    def resolve(world: RunningWorld, name: str, kind: str, **options: Any) -> list[str]:
        address, _, port = world.resolver.partition(":")
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.lifetime = [address], int(port), 5
        return [str(one) for one in resolver.resolve(name, kind, **options)]

    return resolve


def send(world: RunningWorld, host: str, to: str, text: bytes = b"Subject: hello\r\n\r\nbody\r\n") -> tuple[int, str]:
    """One mail to a host of the world: the code and the words of the reply that decided."""
    address = next(one.address for one in world.hosts if one.name == host)
    try:
        with smtplib.SMTP(address, world.forwards[address], timeout=10) as client:
            client.sendmail("info@return.example.com", [to], text)
    except smtplib.SMTPRecipientsRefused as refused:
        return refused.recipients[to][0], refused.recipients[to][1].decode()
    except smtplib.SMTPResponseException as refused:
        return refused.smtp_code, bytes(refused.smtp_error).decode()
    return 250, ""


def request(world: RunningWorld, method: str, path: str, data: Any = None) -> Any:
    """Ask the world over HTTP; a dict, octets, or the status of a refusal as {"status", "error"}."""
    asked = urllib.request.Request(
        f"{world.describe()['control']}{path}", None if data is None else json.dumps(data).encode(), method=method
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            octets = answer.read()
            return json.loads(octets) if answer.headers.get_content_type() == "application/json" else octets
    except urllib.error.HTTPError as refused:
        body = refused.read()
        return {"status": refused.code, "error": json.loads(body)["error"] if body else ""}
