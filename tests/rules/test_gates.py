"""The list of gates: each is recorded by the mail server, none is offered that is not."""

import ast
from pathlib import Path
from typing import get_args

from cmcdesk.rules.gates import GATES, Gate
from cmcdesk.rules.texts import translate


def test_every_gate_has_a_name_in_both_languages() -> None:
    assert tuple(GATES) == get_args(Gate)
    assert all(translate("ja", name) and name for name in GATES.values())


def test_every_gate_is_recorded_by_the_mail_server(root: Path) -> None:
    recorded = {
        argument.value
        for path in (root / "cmcdesk" / "mailserver").glob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call | ast.Assign | ast.AnnAssign | ast.Return)
        for argument in ast.walk(call)
        if isinstance(argument, ast.Constant)
    }
    assert set(GATES) - recorded == set()
