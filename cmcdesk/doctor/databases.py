"""The databases: missing, damaged, of a newer version, locked, or set aside while cmcdesk ran."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from cmcdesk.doctor.finding import LOCK_SECONDS, Finding
from cmcdesk.doctor.mending import keep, put_back_backup, remove_index, salvage_aside, set_aside
from cmcdesk.processes.instance import is_held
from cmcdesk.processes.paths import desk_db, mail_db, search_db
from cmcdesk.rules.texts import Text, both
from cmcdesk.store.desk.backups import find_sound_backup
from cmcdesk.store.desk.migrating import DatabaseUnusable, NewerDatabase, read_version
from cmcdesk.store.maillog import schema as maillog_schema
from cmcdesk.store.maillog.renewal import list_aside
from cmcdesk.store.maillog.watch import find_damage
from cmcdesk.store.search import index_schema
from cmcdesk.store.sqlite_faults import is_locked

CHECK_SECONDS = 600.0  # a person waits for it; ten gigabytes take about a minute
USE_NEWER = both(
    "新しい cmcdesk を使うか、別の --data-dir を指定してください。", "Use the newer cmcdesk, or another --data-dir."
)


def check_mail_db(folder: Path) -> Iterator[Finding]:
    """The mails."""
    path = mail_db(folder)
    if not path.exists():
        if desk_db(folder).exists():
            yield _missing(path, both("次の起動時に空のものが作られます。", "An empty one is made at the next start."))
        return
    fault = maillog_schema.find_fault(path, LOCK_SECONDS)
    if fault and _is_newer_log(path):
        yield Finding(path.name, "newer", fault, USE_NEWER)
        return
    if fault and fault["en"].count(maillog_schema.LOCKED["en"]):  # even from readers
        yield Finding(path.name, "locked", fault, maillog_schema.LOCKED)
        return
    damage = "" if fault else find_damage(path, CHECK_SECONDS)
    if fault or damage:
        mend = both("--repair で退避し、読めるメールを新しい mail.db に移します。",
                    "--repair sets it aside, and puts the mails that can be read into a new one.")  # fmt: skip
        yield Finding(path.name, "damaged", fault or _damaged(path, damage), mend, partial(set_aside, folder))
    yield from _check_lock(folder, path)


def check_desk_db(folder: Path) -> Iterator[Finding]:
    """The settings, the error log and the webhooks' log."""
    path, backup = desk_db(folder), find_sound_backup(folder)
    offered = _offer(backup)
    repair = partial(put_back_backup, folder, backup) if backup else None
    if not path.exists():
        if backup or mail_db(folder).exists():
            yield replace(_missing(path, offered), repair=repair)
        return
    try:
        read_version(path)
    except NewerDatabase as newer:
        yield Finding(path.name, "newer", newer.message, USE_NEWER)
        return
    except DatabaseUnusable as unusable:
        yield Finding(path.name, "damaged", unusable.message, offered, repair)
        return
    damage = find_damage(path, CHECK_SECONDS)
    if damage:
        yield Finding(path.name, "damaged", _damaged(path, damage), offered, repair)
    yield from _check_lock(folder, path)


def check_search_db(folder: Path) -> Iterator[Finding]:
    """The index of the mails."""
    path = search_db(folder)
    if not path.exists():
        return
    opened = index_schema.open_for_reading(path)
    if opened:
        opened.close()
    damage = find_damage(path, CHECK_SECONDS) if opened else "no index of this version"
    if damage:
        mend = both(
            "--repair で消します。起動中に作り直されます。", "--repair removes it; it is made anew while cmcdesk runs."
        )
        yield Finding(path.name, "damaged", _damaged(path, damage), mend, partial(remove_index, folder))


def check_set_aside(folder: Path) -> Iterator[Finding]:
    """What was set aside while cmcdesk ran."""
    for aside in list_aside(mail_db(folder)):
        mend = both("--repair で読めるメールを元の番号で mail.db に戻します。",
                    "--repair puts the mails that can be read back into mail.db, under their ids.")  # fmt: skip
        yield Finding(mail_db(folder).name, "set_aside", _aside(aside), mend, partial(salvage_aside, folder, aside))
    for aside in list_aside(desk_db(folder)):
        mend = both("必要がなければ消してください。--repair で名前を変えて残します。",
                    "Delete it if it is not needed; --repair keeps it under another name.")  # fmt: skip
        yield Finding(desk_db(folder).name, "set_aside", _aside(aside), mend, partial(keep, aside))


def _check_lock(folder: Path, path: Path) -> Iterator[Finding]:
    """Whether another program than cmcdesk keeps it locked: cmcdesk's own locks last milliseconds."""
    if is_held(folder) or not path.exists():
        return
    try:
        place = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(place, uri=True, timeout=LOCK_SECONDS, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        if is_locked(error):
            what = both(f"{path} をほかのプログラムがロックしています。", f"Another program keeps {path} locked.")
            yield Finding(path.name, "locked", what, both("そのプログラムを終了してください。", "Close that program."))


def _is_newer_log(path: Path) -> bool:
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=LOCK_SECONDS)
        ) as connection:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] > maillog_schema.VERSION)
    except sqlite3.Error:
        return False


def _missing(path: Path, mend: Text) -> Finding:
    return Finding(path.name, "missing", both(f"{path} がありません。", f"{path} is not there."), mend)


def _damaged(path: Path, damage: str) -> Text:
    first = damage.splitlines()[-1]
    return both(f"{path} が壊れています ({first})。", f"{path} is damaged ({first}).")


def _aside(aside: Path) -> Text:
    return both(
        f"信頼できなくなったファイルが {aside} に退避されています。",
        f"A file that could not be relied on was set aside as {aside}.",
    )


def _offer(backup: Path | None) -> Text:
    if backup is None:
        return both("使える控えがありません。移動すると、次の起動時に新しいものが作られます。",
                    "There is no sound backup. Move it away, and the next start makes a new one.")  # fmt: skip
    return both(
        f"--repair で控え {backup.name} (UTC) から戻します。", f"--repair puts the backup {backup.name} (UTC) back."
    )
