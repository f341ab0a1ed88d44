"""A real Exim in the world: its own bounce travels by MX; where there is none the world runs without it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.world.exim import ENVIRONMENT_NAME, NoExim, RealExim, find_exim, write_failing
from simulator.world.file import BadWorld, Host, make_world

from .conftest import Run, request, send

EXIM = {"name": "mx.exim.example", "kind": "exim", "mailbox": {"nobody": "unknown-user"}}
HOME = {"name": "mx.home.example"}
ZONE = {"name": "return.example.com", "mx": [[10, "mx.home.example"]]}


def test_its_own_bounce_travels_by_mx(run: Run, wait_for: Callable[..., Any]) -> None:
    world = run({"zone": [ZONE], "host": [EXIM, HOME]})
    if world.skipped:
        pytest.skip(world.skipped[0])
    assert send(world, "mx.exim.example", "nobody@exim.example")[0] == 250
    assert send(world, "mx.exim.example", "somebody@exim.example")[0] == 250
    (told,) = wait_for(lambda: request(world, "GET", "returned")["returned"], 30)
    assert (told["code"], told["to"], told["failed"]) == (250, "info@return.example.com", ["nobody@exim.example"])
    (home,) = world.postbox.arrived("mx.home.example")
    assert b"User unknown" in home.octets and b"X-Failed-Recipients: nobody@exim.example" in home.octets


def test_without_one_the_world_runs_and_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_NAME, "/no/such/program")
    world = run({"host": [EXIM, HOME]})
    assert world.skipped == ["mx.exim.example is left out: there is no Exim on this machine"]
    assert list(world.forwards) == ["127.0.1.2"] and find_exim() is None
    assert request(world, "GET", "hosts")["hosts"][0]["port"] is None
    with pytest.raises(KeyError):
        send(world, "mx.exim.example", "a@exim.example")


def test_a_program_that_does_not_listen_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_NAME, "/bin/false")
    with pytest.raises(NoExim, match="listen"):
        RealExim(Host("mx.exim.example", "127.0.1.1"), 1).start()


def test_what_cannot_be_run_is_told_and_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "exim"
    text.write_text("no program")
    monkeypatch.setenv(ENVIRONMENT_NAME, str(text))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(NoExim, match=r"format|denied"):  # root runs it as another, who may not enter here
        RealExim(Host("mx.exim.example", "127.0.1.1"), 1).start()
    assert list(tmp_path.iterdir()) == [text]


def test_what_fails_is_written_as_routers() -> None:
    host = Host("mx.exim.example", "127.0.1.1", "policy", mailboxes={"full@a.example": "mailbox-full", "ok": "accept"})
    told = write_failing(host)
    assert "local_parts = full\n  data = :fail: Mailbox full" in told
    assert "fails_1:" in told and ":fail: Rejected by policy" in told and "ok" not in told


def test_kind_and_external_exclude_each_other() -> None:
    with pytest.raises(BadWorld, match="exclude each other"):
        make_world({"host": [EXIM | {"external": "127.0.0.1:2525"}]})
    with pytest.raises(BadWorld, match="kind is 'postfix'"):
        make_world({"host": [EXIM | {"kind": "postfix"}]})
