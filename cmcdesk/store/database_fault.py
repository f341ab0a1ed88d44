"""What a person is told of a database that cannot be used: what happened, and what mends it, in both languages."""

import errno
import sqlite3
from dataclasses import dataclass
from typing import Literal

from cmcdesk.rules.texts import N_, Text, tell
from cmcdesk.store.maillog.schema import NewerMailLog
from cmcdesk.store.sqlite_faults import is_damage, is_disk_full, is_locked, name_of

Kind = Literal["locked", "full", "read_only", "gone", "damaged", "newer", "path", "other"]


@dataclass(frozen=True)
class Fault:
    """what: happened; mend: what to do about it."""

    kind: Kind
    what: Text
    mend: Text


#: kind → what happened, what mends it
FAULTS: dict[Kind, tuple[str, str]] = {
    "locked": (
        N_("Another program keeps the database locked."),
        N_("Close that program, then try again. Nothing was changed."),
    ),
    "full": (
        N_("The disk is full."),
        N_("Make room, then try again. Nothing that was stored is lost."),
    ),
    "read_only": (
        N_("The data folder cannot be written to."),
        N_("Mend its owner and permissions, or choose another data folder (--data-dir)."),
    ),
    "gone": (
        N_("The database's file is gone."),
        N_("While cmcdesk runs it is put back within seconds. If it is not, run cmcdesk doctor."),
    ),
    "damaged": (
        N_("The database is damaged."),
        N_("Close cmcdesk and run cmcdesk doctor --repair: it saves what can be read, and puts the last backup back."),
    ),
    "newer": (
        N_("The database was made by a newer cmcdesk."),
        N_("Use the newer cmcdesk, or another data folder (--data-dir). It was left untouched."),
    ),
    "path": (
        N_("The data folder cannot be used."),
        N_("Its path may be too long, or lead through what is no folder: choose another --data-dir."),
    ),
    "other": (
        N_("The database cannot be used."),
        N_("Run cmcdesk doctor: it says why, and what mends it."),
    ),
}
OF_THE_SYSTEM: dict[int, Kind] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
    errno.ENAMETOOLONG: "path",
    errno.ENOTDIR: "path",
    errno.EISDIR: "path",
    errno.EEXIST: "path",
    errno.ELOOP: "path",
}


def find_fault_of(error: BaseException) -> Fault | None:
    """The fault that an error tells of; None for one that no database and no disk is to blame for."""
    cause = getattr(error, "orig", None) or error  # SQLAlchemy's own wrap the driver's
    kind = _kind_of(cause)
    return Fault(kind, *map(tell, FAULTS[kind])) if kind else None


def _kind_of(error: BaseException) -> Kind | None:
    if isinstance(error, NewerMailLog):
        return "newer"
    if isinstance(error, sqlite3.Error):
        name = name_of(error)
        kinds: tuple[tuple[bool, Kind], ...] = (
            (is_locked(error), "locked"),
            (is_disk_full(error), "full"),
            (is_damage(error), "damaged"),
            (name.startswith("SQLITE_READONLY"), "read_only"),
            (name.startswith("SQLITE_CANTOPEN"), "gone"),
        )
        return next((kind for applies, kind in kinds if applies), "other")
    return OF_THE_SYSTEM.get(error.errno or 0) if isinstance(error, OSError) else None
