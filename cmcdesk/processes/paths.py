"""Where cmcdesk keeps its files: one data folder, two databases, one lock."""

import os
from contextlib import suppress
from errno import ENAMETOOLONG, ENOTDIR
from pathlib import Path
from stat import S_ISDIR

ENVIRONMENT_NAME = "CMCDESK_DATA_DIR"
LONGEST_NAME = 255  # octets of one folder's name, as nearly all file systems have it


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
