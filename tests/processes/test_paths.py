"""Where the files are."""

from pathlib import Path

import pytest

from cmcdesk.processes import paths


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(paths.ENVIRONMENT_NAME, raising=False)


def test_the_option_comes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.ENVIRONMENT_NAME, str(tmp_path / "environment"))
    assert paths.data_dir(tmp_path / "option") == tmp_path / "option"
    assert paths.data_dir() == tmp_path / "environment"


def test_without_either_it_is_the_platforms_own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name, appauthor: str(tmp_path / name))
    assert paths.data_dir() == tmp_path / "cmcdesk"


def test_the_folder_is_made_for_this_user_alone_and_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = paths.data_dir("a/b")
    assert folder == tmp_path / "a" / "b" and folder.stat().st_mode & 0o077 == 0


def test_two_databases(tmp_path: Path) -> None:
    assert paths.desk_db(tmp_path) == tmp_path / "desk.db" and paths.mail_db(tmp_path) == tmp_path / "mail.db"


def test_who_only_looks_makes_no_folder_and_is_told_of_what_can_be_none(tmp_path: Path) -> None:
    assert paths.look_for_data_dir(tmp_path / "none") == tmp_path / "none" and not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 300)):
        with pytest.raises(OSError):
            paths.look_for_data_dir(place)
