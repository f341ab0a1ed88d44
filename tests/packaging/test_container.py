"""The container file and the compose example: what they name is there, and the command is one that serve takes."""

import json
import re
from pathlib import Path

from cmcdesk.commands.serve import command

FOLDER = "packaging/container"


def read_steps(root: Path) -> list[tuple[str, str]]:
    """(instruction, argument), continued lines joined."""
    text = (root / FOLDER / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    return [(words[0], words[1]) for line in text.splitlines() if (words := line.split(None, 1)) and words[0] != "#"]


def test_it_copies_what_is_there_and_is_not_root_at_the_end(root: Path) -> None:
    steps = read_steps(root)
    assert steps[0] == ("FROM", "debian:bookworm-slim")
    copied = [argument.split()[0] for name, argument in steps if name == "COPY"]
    assert copied and all((root / path).exists() for path in copied)
    names = [name for name, _ in steps]
    assert dict(steps)["USER"] == "cmcdesk" and "RUN" not in names[names.index("USER") :]
    assert dict(steps)["VOLUME"] == "/data" and "--require-hashes" in str(steps)


def test_its_command_is_one_that_serve_takes(root: Path) -> None:
    arguments = json.loads(dict(read_steps(root))["CMD"])
    assert arguments.pop(0) == "serve"
    given = command.make_context("serve", arguments).params
    assert (given["console_bind"], given["allow_host"]) == ("0.0.0.0", ("cmcdesk",))


def test_the_example_publishes_to_this_host_alone(root: Path) -> None:
    text = (root / FOLDER / "compose.yaml").read_text("utf-8")
    published = re.findall(r'- "([\d.:]+)"', text)
    assert published and all(place.startswith("127.0.0.1:") for place in published)
    named = re.search(r"dockerfile: (\S+)", text)
    assert named and (root / named[1]).is_file()
