"""The mail.db that is there now, for those who follow it: opened when it appears, anew when it was replaced."""

from pathlib import Path

from cmcdesk.store.maillog.log import MailLog


class CurrentMailLog:
    """Used by one thread at a time, like the MailLog it opens."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log: MailLog | None = None
        self._identity: tuple[int, int] | None = None

    def open(self) -> MailLog:
        """The same object as long as it is the same file. Raises MailLogMissing while there is none."""
        identity = identify_file(self._path)
        if self._log is None or identity != self._identity:
            self.close()
            self._log, self._identity = MailLog(self._path), identity
        return self._log

    def close(self) -> None:
        """Let go of the file; `open` would open it again."""
        if self._log is not None:
            self._log.close()
        self._log = None


def identify_file(path: Path) -> tuple[int, int] | None:
    """What tells one file from another that took its name; None if there is none that can be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
