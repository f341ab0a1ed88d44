"""`cmcdesk block`: list, cancel, delete, run."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmcdesk.commands.block import command
from cmcdesk.rules.settings import defaults_of
from cmcdesk.store.desk.block_batch import find_plan
from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.blocks import find_exempt
from cmcdesk.store.desk.compositions import insert_composition
from cmcdesk.store.desk.database import open_desk, reading, transaction


def call(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments, "--data-dir", str(folder)])


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        insert_composition(session, defaults_of("pro", "pro"), 1.0)
        for name in ("a", "b"):
            fixed = {"composition": "pro", "occurred": 3, "status": 2, "created_at": 100.0}
            session.add(BlockRow(id=name * 13, email=f"{name}@x.example", **fixed))
    yield tmp_path
    engine.dispose()


def test_suppressed_addresses_are_listed_and_lifted(folder: Path) -> None:
    lines = [line.split("\t") for line in call(folder, "list").output.splitlines()]
    assert [(line[0], *line[2:]) for line in lines] == [
        ("b" * 13, "pro", "b@x.example", "2", "3"), ("a" * 13, "pro", "a@x.example", "2", "3"),
    ]  # fmt: skip
    assert call(folder, "list", "--email", "A@", "--limit", "1").output.count("\n") == 1
    assert call(folder, "list", "--composition", "shop").output == ""
    assert call(folder, "cancel", "a" * 13).output == "a@x.example\n"
    assert call(folder, "delete", "b" * 13).output == "b@x.example\n"
    again = call(folder, "cancel", "a" * 13)
    assert again.exit_code == 1 and "a" * 13 in again.output
    assert call(folder, "list").output == ""
    freed = [json.loads(line) for line in call(folder, "list", "--removed", "--json").output.splitlines()]
    assert [(row["email"], row["exempt"]) for row in freed] == [("b@x.example", True), ("a@x.example", False)]
    engine = open_desk(folder)
    with reading(engine) as session:
        assert find_exempt(session, "pro", ["a@x.example", "b@x.example"]) == {"b@x.example"}
    engine.dispose()


def test_a_run_is_asked_for(folder: Path) -> None:
    assert call(folder, "run", "pro").exit_code == 0
    engine = open_desk(folder)
    with reading(engine) as session:
        plan = find_plan(session, "pro", 1.0)
        assert plan is not None and plan.requested_at is not None
    engine.dispose()
    unknown = call(folder, "run", "nothing")
    assert unknown.exit_code == 1 and "nothing" in unknown.output
