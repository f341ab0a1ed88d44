"""What an error of SQLite says about its cause: a lock, the disk, the row, or the file itself (sqlite.org/rescode)."""

import sqlite3

FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_SHORT_READ", "SQLITE_READONLY_DBMOVED")


def name_of(error: BaseException) -> str:
    """The name of its extended result code, "" for an error that has none."""
    return getattr(error, "sqlite_errorname", "") or ""


def is_locked(error: BaseException) -> bool:
    """SQLITE_BUSY: another connection holds the lock."""
    return name_of(error).startswith("SQLITE_BUSY")


def is_disk_full(error: BaseException) -> bool:
    """SQLITE_FULL: the disk or the file's page limit (452), not another fault (451)."""
    return name_of(error) in FULL


def is_damage(error: BaseException) -> bool:
    """Whether the file does not hold what was written to it: it must not be written any more."""
    return name_of(error).startswith(DAMAGED)


def is_of_one_row(error: Exception) -> bool:
    """Whether what was to be stored is at fault (too big, of no type that SQLite knows, no text), not the file or the
    disk: without that row the others can be stored."""
    of_the_row = (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
    return not isinstance(error, sqlite3.Error) or isinstance(error, of_the_row)
