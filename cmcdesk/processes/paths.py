"""Where cmcdesk keeps its files: one data folder, two databases, one lock."""

import os
from pathlib import Path

ENVIRONMENT_NAME = "CMCDESK_DATA_DIR"


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
