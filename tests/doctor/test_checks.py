"""The list of checks. What each finds: tests/commands/test_doctor.py."""

from pathlib import Path

from cmcdesk.doctor.checks import CHECKS, examine


def test_no_check_fails_on_an_empty_folder_or_makes_a_file(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert list(examine(tmp_path)) == [] and list(tmp_path.iterdir()) == []
    assert all(check.__doc__ for check in CHECKS)
