"""The examples run as they are pasted, in each language whose interpreter is on this machine."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cmcdesk.console.compositions.view import find_view
from cmcdesk.console.welcome.examples import LANGUAGES, Handout, Task, list_tasks, read_given

from ...conftest import WaitFor
from ..conftest import Console


@pytest.fixture
def tasks(console: Console) -> dict[str, Task]:
    """Task by name, of a composition that takes all."""
    name = console.add_composition()
    with console.desk.app.test_request_context("/", base_url=console.base):
        view = find_view(name)
        assert view is not None
        given = read_given(view)
        return {"name": Task(name, "", "", "")} | {task.name: task for task in list_tasks(given)}


def run(task: Task, language: str, folder: Path) -> str:
    """Paste and run; what it said."""
    example = next(each for each in task.examples if each.language == language)
    (folder / example.file).write_text(example.text, encoding="utf-8")
    done = subprocess.run(example.command.split(), cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_an_example_does_what_it_says(
    language: str, console: Console, tasks: dict[str, Task], tmp_path: Path, wait_for: WaitFor
) -> None:
    program = LANGUAGES[language][2].split()[0]
    for needed in {program, "curl"} if language == "curl" else {program}:
        if shutil.which(needed) is None:
            pytest.skip(f"{needed} is not on this machine")
    for task in ("receive", "relay"):
        assert "250" in run(tasks[task], language, tmp_path)
    label = LANGUAGES[language][0]
    name = tasks["name"].name

    def list_new() -> list[str]:
        listed = console.api(f"mails?composition={name}").json["mails"]
        return [mail["subject"] for mail in listed]

    wait_for(lambda: list_new() == [f"Hello from {label}"] * 2)
    assert f"Hello from {label}" in run(tasks["ask"], language, tmp_path)


def test_what_is_missing_is_told_in_place_of_an_example_that_cannot_work(console: Console) -> None:
    deaf = Handout("", 0, "", 0, "", "", "http://127.0.0.1:1/api/v1", "t")
    with console.desk.app.test_request_context("/", base_url=console.base):
        receive, relay, ask = list_tasks(deaf)
    assert receive.missing and not receive.examples and relay.missing and not relay.examples
    assert len(ask.examples) == len(LANGUAGES) and "Bearer t" in ask.examples[0].text
