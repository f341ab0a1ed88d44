"""Versions of desk.db: made, upgraded after a copy, refused, and raced for by two processes."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import cmcdesk.store.desk.lesson_runs  # noqa: F401 (its table belongs to the metadata)
from cmcdesk.store.desk.block_models import DeskBase
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.desk.migrating import bring_up_to_date, write_migration
from cmcdesk.store.desk.outbound_events import OutboundEventRow
from cmcdesk.store.desk.version import OURS, Migrations, read_version

ENV = """
from alembic import context
context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""
STEP = """
from alembic import op
revision = {version!r}
down_revision = {before!r}
def upgrade() -> None:
    for sql in {sqls!r}:
        op.execute(sql)
"""
PARENTS = "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)"
CHILDREN = "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent ON DELETE CASCADE)"
REBUILD = [
    "CREATE TABLE rebuilt (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)",
    "INSERT INTO rebuilt SELECT id, name, 7 FROM parent",
    "DROP TABLE parent",
    "ALTER TABLE rebuilt RENAME TO parent",
]


def write_migrations(folder: Path, *steps: list[str]) -> Migrations:
    """Migrations 0001, 0002, … each running its SQL."""
    versions = tuple(f"{number:04}" for number in range(1, len(steps) + 1))
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENV)
    for before, version, sqls in zip((None, *versions), versions, steps, strict=False):
        (folder / "versions" / f"{version}.py").write_text(STEP.format(version=version, before=before, sqls=sqls))
    return Migrations(folder, versions)


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(sql).fetchall()
        connection.commit()
    return rows


def test_the_models_are_what_the_migrations_make(tmp_path: Path) -> None:
    with open_desk(tmp_path).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert OutboundEventRow.metadata is DeskBase.metadata  # which has the tables of modules that are imported
        assert compare_metadata(context, DeskBase.metadata) == []


def test_the_versions_that_are_listed_are_those_in_the_folder() -> None:
    scripts = list(ScriptDirectory(str(OURS.folder)).walk_revisions())
    assert [script.revision for script in reversed(scripts)] == list(OURS.versions)


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.touch()
    bring_up_to_date(path)
    assert read_version(path) == OURS.newest
    assert not list(tmp_path.glob("*.backup.db"))


def test_an_older_database_is_copied_then_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    bring_up_to_date(path, write_migrations(tmp_path / "old", [PARENTS, CHILDREN]))
    query(path, "INSERT INTO parent VALUES (1, '会社')")
    query(path, "INSERT INTO child VALUES (1, 1)")
    bring_up_to_date(path, write_migrations(tmp_path / "new", [PARENTS, CHILDREN], REBUILD))
    assert query(path, "SELECT * FROM parent") == [(1, "会社", 7)]
    assert query(path, "SELECT * FROM child") == [(1, 1)]  # a rebuilt table must not take its children along
    copy = tmp_path / "desk-0001.backup.db"
    assert query(copy, "SELECT * FROM parent") == [(1, "会社")]
    assert query(copy, "SELECT version_num FROM alembic_version") == [("0001",)]


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    bring_up_to_date(path, write_migrations(tmp_path / "old", [PARENTS, CHILDREN]))
    query(path, "INSERT INTO parent VALUES (1, 'a')")
    broken = write_migrations(tmp_path / "new", [PARENTS, CHILDREN], [*REBUILD, "INSERT INTO nowhere VALUES (1)"])
    with pytest.raises(Exception, match="nowhere"):
        bring_up_to_date(path, broken)
    assert query(path, "SELECT * FROM parent") == [(1, "a")]
    assert read_version(path, broken) == "0001"


def test_a_migration_that_orphans_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    bring_up_to_date(path, write_migrations(tmp_path / "old", [PARENTS, CHILDREN]))
    query(path, "INSERT INTO parent VALUES (1, 'a')")
    query(path, "INSERT INTO child VALUES (1, 1)")
    with pytest.raises(RuntimeError, match="without their parents"):
        bring_up_to_date(path, write_migrations(tmp_path / "new", [PARENTS, CHILDREN], ["DELETE FROM parent"]))
    assert query(path, "SELECT * FROM parent") == [(1, "a")]


def test_processes_that_start_together_make_one_database(tmp_path: Path) -> None:
    code = "import sys, pathlib as p; from cmcdesk.store.desk.database import open_desk; open_desk(p.Path(sys.argv[1]))"
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    racers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ends = [(racer.communicate(timeout=60)[1], racer.returncode) for racer in racers]
    assert ends == [("", 0)] * 4
    assert read_version(tmp_path / "desk.db") == OURS.newest


def test_an_up_to_date_database_is_opened_without_alembic(tmp_path: Path) -> None:
    open_desk(tmp_path)
    code = (
        "import sys, pathlib; from cmcdesk.store.desk.database import open_desk; open_desk(pathlib.Path(sys.argv[1]));"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0


def test_a_migration_is_written_from_the_models(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(OURS.folder, folder, ignore=shutil.ignore_patterns("0*.py", "__pycache__"))
    write_migration("all tables", Migrations(folder, ()))
    ours = Migrations(folder, ("0001",))
    bring_up_to_date(tmp_path / "desk.db", ours)
    listed = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"  # those are SQLite's own
    )
    tables = {name for (name,) in query(tmp_path / "desk.db", listed)}
    assert tables == {*DeskBase.metadata.tables, "alembic_version"}
    write_migration("nothing more", ours)
    (second,) = (folder / "versions").glob("0002*.py")
    assert "down_revision = '0001'" in second.read_text() and "op." not in second.read_text()
