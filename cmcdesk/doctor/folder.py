"""The data folder itself (is it there, can it be written, is it private, is there room, who uses it), and single mails
in it that ended the worker twice and that no reader reads any more.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from cmcdesk.doctor.finding import LOCK_SECONDS, Finding
from cmcdesk.processes.instance import is_held, read_note
from cmcdesk.processes.paths import close_open, desk_db, list_open, mail_db
from cmcdesk.rules.texts import Text, tell
from cmcdesk.store.desk.set_aside import SetAside, list_set_aside
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import MailLogMissing, NewerMailLog

LITTLE_ROOM = 50 << 20  # octets: some thousand mails, and a backup


def check_folder(folder: Path) -> Iterator[Finding]:
    """That it is there and can be written."""
    if not folder.is_dir():
        yield Finding(
            "folder", "missing", tell("%(folder)s is not there.", folder=folder),
            tell("It is made when cmcdesk starts for the first time; --data-dir says where."),
        )  # fmt: skip
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            "folder", "read_only", tell("%(folder)s cannot be written to.", folder=folder),
            tell("Mend its owner and permissions."),
        )  # fmt: skip


def check_privacy(folder: Path) -> Iterator[Finding]:
    """That no other user of the machine can read mails and secrets."""
    opened = list_open(folder) if folder.is_dir() else []
    if opened:
        names = ", ".join(path.name for path in opened[:5]) + (" …" if len(opened) > 5 else "")
        yield Finding(
            "privacy", "open",
            tell("Other users of this machine can read: %(names)s", names=names),
            tell("--repair makes them yours alone; so does the next start."),
            partial(_close, folder),
        )  # fmt: skip


def check_room(folder: Path) -> Iterator[Finding]:
    """That there is room on the disk."""
    free = shutil.disk_usage(folder).free if folder.is_dir() else LITTLE_ROOM
    if free < LITTLE_ROOM:
        yield Finding(
            "room", "full",
            tell("The disk has only %(free)s MB of room.", free=free >> 20),
            tell("Make room. Without it senders are answered 452, and come again later."),
        )  # fmt: skip


def check_lock(folder: Path) -> Iterator[Finding]:
    """That what a killed process left names nobody."""
    note = folder / "instance.json"
    if note.exists() and not is_held(folder):
        pid = read_note(note).get("pid")
        yield Finding(
            "lock", "stale",
            tell("A note of a cmcdesk that runs no more (process %(pid)s) was left.", pid=pid),
            tell("The next start removes it; so does --repair."),
            partial(_remove_note, note),
        )  # fmt: skip


def _close(folder: Path) -> Text:
    left = close_open(folder)
    if left:
        raise PermissionError(f"{left[0]} belongs to another user")
    return tell("They are yours alone now.")


def _remove_note(note: Path) -> Text:
    note.unlink(missing_ok=True)
    return tell("The note was removed.")


def check_mails(folder: Path) -> Iterator[Finding]:
    """That every mail can be read."""
    aside = _list_aside(folder)
    if aside:
        numbers = ", ".join(str(one.mail_id) for one in aside[:10]) + (" …" if len(aside) > 10 else "")
        yield Finding(
            "mails", "set_aside",
            tell("Mails that ended their reader twice are passed over: %(numbers)s", numbers=numbers),
            tell("Look at each with cmcdesk mail raw ID, and let it be read again with cmcdesk mail again ID."),
        )  # fmt: skip


def _list_aside(folder: Path) -> list[SetAside]:
    """None where the databases cannot be read: other checks tell that."""
    place = f"{desk_db(folder).absolute().as_uri()}?mode=ro"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(place, uri=True))
    try:
        with MailLog(mail_db(folder), LOCK_SECONDS) as log, Session(engine) as session:
            return list_set_aside(session, log.log_id)
    except (DatabaseError, sqlite3.Error, MailLogMissing, NewerMailLog):
        return []
    finally:
        engine.dispose()
