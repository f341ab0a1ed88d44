"""Both databases for a command."""

from pathlib import Path

import click
import pytest

from cmcdesk.commands.stores import find_desk_folder, open_stores
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.maillog.insertion import MailLogWriter


def test_there_may_be_no_mail_db_yet(tmp_path: Path) -> None:
    with open_stores(str(tmp_path)) as (_engine, log):
        assert log is None and not list(tmp_path.iterdir()), "who only looks makes nothing"
    MailLogWriter(tmp_path / "mail.db").close()
    with open_stores(str(tmp_path)) as (_engine, log):
        assert log is not None and log.newest_mail() == 0


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(b"no database, but long enough to look like one" * 100)
    with pytest.raises(click.ClickException, match=r"desk\.db"), open_stores(str(tmp_path)):
        pass


def test_an_empty_folder_stands_in_for_a_missing_one(tmp_path: Path) -> None:
    with find_desk_folder(tmp_path / "none") as empty:
        assert empty.is_dir() and empty != tmp_path / "none"
    assert not empty.exists() and not (tmp_path / "none").exists()
    open_desk(tmp_path).dispose()
    with find_desk_folder(tmp_path) as found:
        assert found == tmp_path
