"""Files of the data folder belong to one user: mails, secrets, tokens. Windows keeps its profiles private itself."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

PRIVATE = 0o077  # what nobody else may: the umask, and the bits that are taken away
#: Names of our files below the data folder; what else lies there is not ours to touch. SQLite's -wal and -shm,
#: backups and what was set aside begin like their database.
OURS = (
    "desk*.db*",
    "desk*.part*",
    "mail*.db*",
    "mail*.part*",
    "backups",
    "backups/*",
    "search*.db*",
    "instance.*",
    ".instance.*",
    "*.key",
    "log",
    "log/*",
    "tls",
    "tls/*",
)


def begin_private() -> None:
    """From now on every file this process (and its children) makes is this user's alone, from its first octet."""
    os.umask(PRIVATE)


def list_open(folder: Path) -> list[Path]:
    """The folder and our files in it that other users of the machine may read, write or enter."""
    return [path for path in _list_ours(folder) if _is_open(path)]


def close_open(folder: Path) -> list[Path]:
    """Take from others what an older program, a copy or a hand left them; the paths where that could not be done."""
    return [path for path in list_open(folder) if not _close(path)]


def _list_ours(folder: Path) -> Iterator[Path]:
    yield folder
    for pattern in OURS:
        yield from sorted(folder.glob(pattern))


def _is_open(path: Path) -> bool:
    """A link is not followed (what it leads to may be another's); a folder like /tmp (sticky) is open by purpose."""
    if os.name == "nt":
        return False
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return bool(mode & PRIVATE) and not stat.S_ISLNK(mode) and not mode & stat.S_ISVTX


def _close(path: Path) -> bool:
    try:
        path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~PRIVATE)
    except OSError:
        return False
    return True
