"""`cmcdesk doctor --domains`: the checklists of a data folder, with a console that runs and without."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import DatabaseError

from cmcdesk.cli import cmcdesk as program
from cmcdesk.doctor.domains import check_folder_domains, find_places


def run(folder: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["doctor", "--data-dir", str(folder), "--domains", *options])
    return result.exit_code, result.output


def test_a_running_console_is_asked_where_it_receives(start_serve: Callable[..., Any]) -> None:
    served = start_serve()
    host, port = served.receiving("pro")
    assert find_places(served.folder)["pro"] == f"{host}:{port}"
    code, told = run(served.folder)
    assert code == 0 and "return.pro.smtps.jp (pro, bounce)" in told and f"{host}:{port}" in told
    steps = [json.loads(line) for line in run(served.folder, "--json")[1].splitlines()]
    assert {one["grade"] for one in steps if one["step"] == "mx"} == {"unknown"}
    assert {one["grade"] for one in steps if one["step"] != "mx"} == {"good"}
    served.stop()
    assert find_places(served.folder) == {}
    code, told = run(served.folder)
    assert code == 1 and ("it does not receive" in told or "受信していません" in told)


def test_a_folder_without_a_database_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError):
        check_folder_domains(tmp_path, False)
    code, told = run(tmp_path)
    assert code == 1 and "unable to open" in told
