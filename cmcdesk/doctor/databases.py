"""The databases: missing, damaged, of a newer version, locked, or set aside while cmcdesk ran; and what `--repair` does
about them: nothing is deleted but the index, what is replaced gets another name.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from cmcdesk.doctor.finding import LOCK_SECONDS, Finding
from cmcdesk.processes.instance import is_held
from cmcdesk.processes.paths import desk_db, mail_db, search_db
from cmcdesk.rules.texts import N_, Text, tell
from cmcdesk.store.desk import bounces, delivery_queue
from cmcdesk.store.desk.backups import find_sound_backup, restore
from cmcdesk.store.desk.version import DatabaseUnusable, NewerDatabase, read_version
from cmcdesk.store.maillog import schema as maillog_schema
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.renewal import list_aside, move_aside, name_aside
from cmcdesk.store.maillog.salvage import Trail, salvage
from cmcdesk.store.maillog.watch import find_damage
from cmcdesk.store.search import search_index
from cmcdesk.store.sqlite_faults import is_locked

CHECK_SECONDS = 600.0  # a person waits for it; ten gigabytes take about a minute
USE_NEWER = N_("Use the newer cmcdesk, or another --data-dir.")


def set_log_aside(folder: Path) -> Text:
    """Give a damaged mail.db another name, and put what can be read of it into a new one."""
    aside = name_aside(mail_db(folder))
    move_aside(mail_db(folder), aside)
    return salvage_aside(folder, aside)


def salvage_aside(folder: Path, aside: Path) -> Text:
    """Put the mails of a file that was set aside back; it is called `….salvaged` from then on."""
    writer = MailLogWriter(mail_db(folder))
    try:
        done = salvage(aside, writer, read_trail(folder))
    finally:
        writer.close()
    move_aside(aside, aside.with_name(f"{aside.name}.salvaged"))
    put_back, there, lost = done.kept + done.moved, done.there, done.unreadable
    return tell(
        "%(name)s: %(put_back)s mails were put back, %(there)s were there already, %(lost)s cannot be read.",
        name=aside.name,
        put_back=put_back,
        there=there,
        lost=lost,
    )


def read_trail(folder: Path) -> Trail:
    """How far desk.db's followers of mail.db came; an empty one where that cannot be read."""
    try:
        with closing(sqlite3.connect(f"{desk_db(folder).absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT name, log_id, position FROM cursor").fetchall()
    except sqlite3.Error:
        return Trail()
    positions = {name: position for name, _log_id, position in found}
    log_ids = sorted({log_id for _name, log_id, _position in found})
    if len(log_ids) != 1:  # one of them has not begun with this log
        return Trail()
    return Trail(log_ids[0], positions.get(bounces.CURSOR, 0), positions.get(delivery_queue.CURSOR, 0))


def put_back_backup(folder: Path, backup: Path) -> Text:
    """Put the last sound backup in desk.db's place."""
    aside = restore(folder, backup)
    done = tell("The backup %(name)s was put back.", name=backup.name)
    return tell("%(sentence)s %(next)s", sentence=done, next=keep(aside)) if aside else done


def keep(aside: Path) -> Text:
    """Give what was set aside a name that nothing speaks of any more."""
    kept = aside.with_name(f"{aside.name}.kept")
    move_aside(aside, kept)
    return tell("What was there is %(name)s now.", name=kept.name)


def remove_index(folder: Path) -> Text:
    """The worker makes it again."""
    search_index.remove_index_file(search_db(folder))
    return tell("It was removed, and is made anew after the next start.")


def check_mail_db(folder: Path) -> Iterator[Finding]:
    """The mails."""
    path = mail_db(folder)
    if not path.exists():
        if desk_db(folder).exists():
            yield _missing(path, tell("An empty one is made at the next start."))
        return
    fault = maillog_schema.find_fault(path, LOCK_SECONDS)
    if fault and _is_newer_log(path):
        yield Finding(path.name, "newer", fault, tell(USE_NEWER))
        return
    if fault and maillog_schema.LOCKED in fault["en"]:  # even from readers
        yield Finding(path.name, "locked", fault, tell(maillog_schema.LOCKED))
        return
    damage = "" if fault else find_damage(path, CHECK_SECONDS)
    if fault or damage:
        mend = tell("--repair sets it aside, and puts the mails that can be read into a new one.")  # fmt: skip
        yield Finding(path.name, "damaged", fault or _damaged(path, damage), mend, partial(set_log_aside, folder))
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
        yield Finding(path.name, "newer", newer.message, tell(USE_NEWER))
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
    opened = search_index.open_index_to_read(path)
    if opened:
        opened.close()
    damage = find_damage(path, CHECK_SECONDS) if opened else "no index of this version"
    if damage:
        mend = tell("--repair removes it; it is made anew while cmcdesk runs.")
        yield Finding(path.name, "damaged", _damaged(path, damage), mend, partial(remove_index, folder))


def check_set_aside(folder: Path) -> Iterator[Finding]:
    """What was set aside while cmcdesk ran."""
    for aside in list_aside(mail_db(folder)):
        mend = tell("--repair puts the mails that can be read back into mail.db, under their ids.")  # fmt: skip
        yield Finding(mail_db(folder).name, "set_aside", _aside(aside), mend, partial(salvage_aside, folder, aside))
    for aside in list_aside(desk_db(folder)):
        mend = tell("Delete it if it is not needed; --repair keeps it under another name.")  # fmt: skip
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
            what = tell("Another program keeps %(path)s locked.", path=path)
            yield Finding(path.name, "locked", what, tell("Close that program."))


def _is_newer_log(path: Path) -> bool:
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=LOCK_SECONDS)
        ) as connection:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] > maillog_schema.VERSION)
    except sqlite3.Error:
        return False


def _missing(path: Path, mend: Text) -> Finding:
    return Finding(path.name, "missing", tell("%(path)s is not there.", path=path), mend)


def _damaged(path: Path, damage: str) -> Text:
    first = damage.splitlines()[-1]
    return tell("%(path)s is damaged (%(first)s).", path=path, first=first)


def _aside(aside: Path) -> Text:
    return tell("A file that could not be relied on was set aside as %(aside)s.", aside=aside)


def _offer(backup: Path | None) -> Text:
    if backup is None:
        return tell("There is no sound backup. Move it away, and the next start makes a new one.")  # fmt: skip
    return tell("--repair puts the backup %(name)s (UTC) back.", name=backup.name)
