"""`cmcdesk doctor` from the outside: each state is found, said in both languages, and mended where it can be."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmcdesk.cli import cmcdesk as program
from cmcdesk.processes.instance import InstanceLock
from cmcdesk.processes.paths import begin_private
from cmcdesk.store.desk.backups import back_up
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.maillog.carving import TABLE_LEAF
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.search.index_writer import SearchWriter
from tests.store.maillog.test_insertion import mail


def doctor(folder: Path, *options: str, locale: str = "C") -> Result:
    return CliRunner().invoke(program, ["doctor", "--data-dir", str(folder), *options], env={"LC_ALL": locale})


def states(folder: Path) -> set[tuple[str, str]]:
    lines = [json.loads(line) for line in doctor(folder, "--json").output.splitlines()]
    assert all(line["what"][language] and line["mend"][language] for line in lines for language in ("ja", "en"))
    return {(line["check"], line["state"]) for line in lines}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One that all is well with."""
    folder = tmp_path / "data"
    before = os.umask(0)
    try:
        begin_private()
        folder.mkdir()
        open_desk(folder).dispose()
        back_up(folder)
        writer = MailLogWriter(folder / "mail.db")
        writer.append([mail(str(number), octets=b"x" * 20_000) for number in range(50)], [])
        writer.close()
        SearchWriter(folder / "search.db").close()
    finally:
        os.umask(before)
    return folder


def overwrite(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def overwrite_middle(path: Path) -> None:
    """A leaf that holds rows: what a row goes on in could be overwritten and nobody know."""
    pages = path.read_bytes()
    leaves = [at for at in range(20 * 16384, len(pages), 16384) if pages[at] == TABLE_LEAF]
    with path.open("r+b") as file:
        file.seek(leaves[0])
        file.write(os.urandom(16384))


def set_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")


def set_desk_version(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def set_mail_aside(path: Path) -> None:
    path.rename(path.with_name("mail-set-aside-20260102-030405.db"))


Deed = Callable[[Path], object]
#: file, what happens to it, what is found of it, whether --repair mends it.
DEEDS: dict[str, tuple[str, Deed, set[tuple[str, str]], bool]] = {
    "open": ("mail.db", lambda path: path.chmod(0o644), {("privacy", "open")}, True),
    "mail.db garbage": ("mail.db", overwrite, {("mail.db", "damaged")}, True),
    "mail.db damaged": ("mail.db", overwrite_middle, {("mail.db", "damaged")}, True),
    "mail.db cut": ("mail.db", lambda path: os.truncate(path, 400_000), {("mail.db", "damaged")}, True),
    "mail.db newer": ("mail.db", set_version, {("mail.db", "newer")}, False),
    "mail.db missing": ("mail.db", Path.unlink, {("mail.db", "missing")}, False),
    "mail.db aside": ("mail.db", set_mail_aside, {("mail.db", "missing"), ("mail.db", "set_aside")}, True),
    "desk.db garbage": ("desk.db", overwrite, {("desk.db", "damaged")}, True),
    "desk.db newer": ("desk.db", set_desk_version, {("desk.db", "newer")}, False),
    "desk.db missing": ("desk.db", Path.unlink, {("desk.db", "missing")}, True),
    "search.db garbage": ("search.db", overwrite, {("search.db", "damaged")}, True),
    "search.db of another version": ("search.db", set_version, {("search.db", "damaged")}, True),
    "a note that was left": ("instance.json", lambda path: path.write_text('{"pid": 1}'), {("lock", "stale")}, True),
}


def test_a_healthy_folder_is_well_and_untouched(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.db")}
    shown = doctor(folder)
    assert (shown.exit_code, shown.output) == (0, "All is well.\n")
    assert doctor(folder, locale="ja_JP.UTF-8").output == "問題は見つかりませんでした。\n"
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.db")} == before


@pytest.mark.parametrize("name", DEEDS)
def test_each_state_is_found_and_mended_where_it_can_be(folder: Path, name: str) -> None:
    file, deed, found, is_mended = DEEDS[name]
    (folder / "instance.lock").touch(mode=0o600)
    before = os.umask(0o077)
    try:
        deed(folder / file)
        assert states(folder) == found
        assert doctor(folder).exit_code == 1
        repaired = doctor(folder, "--repair")
        if is_mended:
            assert doctor(folder).exit_code == 0, repaired.output
        else:
            assert repaired.exit_code == 1 and states(folder) == found
    finally:
        os.umask(before)


@pytest.mark.parametrize("name", ["mail.db damaged", "mail.db aside"])
def test_what_can_be_read_is_back_under_its_id(folder: Path, name: str) -> None:
    DEEDS[name][1](folder / "mail.db")
    shown = doctor(folder, "--repair")
    assert "mails were put back" in shown.output
    with MailLog(folder / "mail.db") as log:
        kept = [row.id for row in log.list_mails(limit=100)]
        assert len(kept) >= 44 and all(log.get_octets(number) == b"x" * 20_000 for number in kept)
    assert len(list(folder.glob("*.salvaged"))) == 1


def test_a_lock_of_another_program_is_found(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "desk.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        assert states(folder) == {("desk.db", "locked")}


def test_a_mail_db_that_even_readers_are_locked_out_of_is_not_taken_for_damaged(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "mail.db", isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        assert ("mail.db", "locked") in states(folder) and ("mail.db", "damaged") not in states(folder)
        doctor(folder, "--repair")
        assert list(folder.glob("*set-aside*")) == []


def test_nothing_is_mended_under_a_running_cmcdesk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmcdesk.processes.instance.PATIENCE", 0.1)
    (folder / "mail.db").chmod(0o644)
    lock = InstanceLock(folder)
    try:
        assert ("privacy", "open") in states(folder), "it may be looked at"
        shown = doctor(folder, "--repair")
        assert shown.exit_code == 1 and "Close cmcdesk" in shown.output
        assert (folder / "mail.db").stat().st_mode & 0o044
    finally:
        lock.release()


@pytest.mark.parametrize("file", ["mail.db", "desk.db"])
@pytest.mark.parametrize(("locale", "words"), [("ja_JP.UTF-8", "変更していません。"), ("C", "left untouched.")])
def test_a_start_on_a_broken_database_ends_with_a_sentence_that_names_the_doctor(
    folder: Path, file: str, locale: str, words: str
) -> None:
    overwrite(folder / file)
    before = (folder / file).read_bytes()
    shown = CliRunner().invoke(program, ["serve", "--port", "0", "--data-dir", str(folder)], env={"LC_ALL": locale})
    assert shown.exit_code == 1 and words in shown.output and "cmcdesk doctor --repair" in shown.output
    assert (folder / file).read_bytes() == before


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert states(tmp_path / "none") == {("folder", "missing")} and not (tmp_path / "none").exists()
    assert doctor(tmp_path / "none", "--repair").exit_code == 1 and not (tmp_path / "none").exists()
