"""Where cmcdesk keeps its files: one data folder, two databases, one lock. They belong to one user (mails, secrets,
tokens); Windows keeps its profiles private itself.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from errno import ENAMETOOLONG, ENOTDIR
from pathlib import Path
from stat import S_ISDIR

ENVIRONMENT_NAME = "CMCDESK_DATA_DIR"
LONGEST_NAME = 255  # octets of one folder's name, as nearly all file systems have it

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


def data_dir(given: str | Path | None = None) -> Path:
    """The data folder, absolute and existing: the option, else CMCDESK_DATA_DIR, else the platform's own place."""
    folder = find_data_dir(given)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def find_data_dir(given: str | Path | None = None) -> Path:
    """The same, whether it exists or not."""
    chosen = given or os.environ.get(ENVIRONMENT_NAME)
    if not chosen:
        import platformdirs  # here, so that commands given --data-dir start without it

        chosen = platformdirs.user_data_dir("cmcdesk", appauthor=False)
    return Path(chosen).expanduser().resolve()


def look_for_data_dir(given: str | Path | None = None) -> Path:
    """The same, for who only looks and makes nothing. Raises OSError where there can be no such folder."""
    folder = find_data_dir(given)
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in folder.parts):
        raise OSError(ENAMETOOLONG, os.strerror(ENAMETOOLONG), str(folder))
    with suppress(FileNotFoundError):
        if not S_ISDIR(folder.stat().st_mode):
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), str(folder))
    return folder


def desk_db(folder: Path) -> Path:
    """Settings, revisions, queue, attempts, bounces: written by the console and the worker."""
    return folder / "desk.db"


def mail_db(folder: Path) -> Path:
    """The mail server's log: written by the mail server alone."""
    return folder / "mail.db"


def reading_note(folder: Path) -> Path:
    """Which mail the worker is reading: written by the worker alone."""
    return folder / "reading.note"


def search_db(folder: Path) -> Path:
    """The index of mail.db: written by the worker alone, made again from mail.db when it is missing."""
    return folder / "search.db"


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
