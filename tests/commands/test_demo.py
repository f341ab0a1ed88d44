"""`cmcdesk demo`: its folder, and that it is refused where one is played."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cmcdesk.commands.demo import command, keep_folder, make_composition
from cmcdesk.processes.instance import InstanceLock
from cmcdesk.starting import StartFailed


def test_the_folder_is_emptied_and_removed_but_not_that_of_another_demo(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "old").touch()
    with keep_folder(folder) as own:
        assert list(own.iterdir()) == []
    assert not folder.exists()
    folder.mkdir()
    lock = InstanceLock(folder)
    with pytest.raises(StartFailed, match="played already"), keep_folder(folder):
        pass
    assert folder.exists()
    told = CliRunner().invoke(command, ["--data-dir", str(tmp_path), "--serve"])
    assert told.exit_code == 1 and "played already" in told.output
    lock.release()


def test_it_plays_on_one_that_takes_bounces_and_forms() -> None:
    receiving = make_composition().receiving
    assert receiving.inbound_domains == ["mailform.example.com"] and receiving.bounce_domains


def test_a_pace_that_cannot_be_is_misuse() -> None:
    assert CliRunner().invoke(command, ["--pace", "0"]).exit_code == 2
