"""The world that the console starts: told where mails are received, its records kept for the next start."""

import json
from collections.abc import Callable
from typing import Any

from cmcdesk.processes.world_note import read_world_note, world_note
from tests.console.conftest import Console

WaitFor = Callable[..., Any]


def test_it_is_started_and_stopped_and_tells_all_processes(console: Console) -> None:
    folder = console.desk._options.folder
    assert console.api("world").json == {
        "state": "none", "own": False, "resolver": None, "control": None, "forwards": {}, "speed": 1.0, "fault": "",
    }  # fmt: skip
    told = console.api("world/start", "POST", {"speed": 600}).json
    note = read_world_note(folder)
    assert (told["state"], told["own"], told["speed"]) == ("running", True, 600)
    assert note and note.resolver == told["resolver"] and note.forwards == told["forwards"]
    assert told["forwards"]["127.0.0.1"] == console.place("pro")[1] and told["forwards"]["127.0.1.1"]
    assert console.api("world/start", "POST", {}).json["resolver"] == told["resolver"]
    assert console.api("world/stop", "POST").json["state"] == "none"
    assert not world_note(folder).exists()


def test_a_new_composition_gets_its_names_in_the_dns(in_world: Console, wait_for: WaitFor) -> None:
    name = in_world.add_composition()
    place, port = in_world.place(name)
    wait_for(lambda: in_world.api("world").json["forwards"].get(place) == port)
    assert f"10 {name}.smtps.jp." in in_world.get(f"/world/dns?name=return.{name}.smtps.jp&kind=MX").text


def test_what_was_entered_is_there_after_the_next_start(in_world: Console) -> None:
    form = {"name": "Return.Kept.example", "kind": "MX", "value": "pro.smtps.jp", "preference": "10"}
    assert in_world.post("/world/dns", form).status_code == 303
    in_world.api("world/stop", "POST")
    in_world.api("world/start", "POST", {})
    assert 'data-record="return.kept.example MX"' in in_world.get("/world/dns").text


def test_one_whose_process_ended_is_let_go(in_world: Console, wait_for: WaitFor) -> None:
    world = in_world.desk.app.extensions["world"]
    world._process.kill()
    world._process.wait()
    assert "does not answer" in in_world.get("/world/dns").text or world.state == "none"
    wait_for(lambda: in_world.api("world").json["state"] == "none")
    assert in_world.api("world/start", "POST", {}).json["state"] == "running"


def test_a_world_file_that_cannot_be_used_is_told(console: Console) -> None:
    file = console.desk._options.folder / "world.toml"
    file.write_text('[[zone]]\nname = "x y"\n')
    try:
        answer = console.api("world/start", "POST", {})
        page = console.post("/world/start", {"speed": "1"})
    finally:
        file.unlink()
    assert answer.status_code == page.status_code == 409
    assert "zone 1: name is" in json.dumps(answer.json) and "zone 1: name is" in page.text
    assert console.api("world").json["state"] == "none"
