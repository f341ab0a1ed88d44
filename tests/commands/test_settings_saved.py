"""What the leaves share (the leaves themselves: test_settings.py)."""

from pathlib import Path

import pytest

from cmcdesk.commands.settings_saved import Given, open_saved, raise_errors, read_saved
from cmcdesk.rules.settings.errors import field_error


def test_a_new_folder_has_the_first_compositions(tmp_path: Path) -> None:
    given = Given(tmp_path, None, "en")
    with open_saved(given):
        pass
    assert [(one.row.name, one.applied) for one in read_saved(given)] == [
        ("pro", None),
        ("sandbox", None),
        ("transactional-email", None),
    ]


def test_errors_end_with_the_code_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        raise_errors(Given(None, None, "ja"), [field_error("name", None, "required")], exit_code=2)
    assert ended.value.code == 2
    assert capsys.readouterr().err == "name: 指定してください\n"
