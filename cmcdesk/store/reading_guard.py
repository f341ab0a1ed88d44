"""Which mail the worker is reading, written where its death leaves it: in a small file that is mapped into memory.

That costs a mail under a microsecond, needs no transaction, and survives SIGKILL (not a loss of power, which is no
fault of a mail). One mail is read at a time, over all threads, so what stands there at a start ended the life before.
"""

import logging
import mmap
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.set_aside import STRIKES, add_strike, forget_strikes, read_strikes

Read = TypeVar("Read")
_NOTE = struct.Struct("<q40s16s")  # mail id (0: none), log id, reader
_NOTHING = _NOTE.pack(0, b"", b"")

log = logging.getLogger(__name__)


class MailSetAside(Exception):
    """Reading this mail ended badly twice: it is read no more until somebody asks for it."""


class Guard(Protocol):
    """What stands between a reader and a mail."""

    def read(self, reader: str, log_id: str, mail_id: int, work: Callable[[], Read]) -> Read:
        """What `work` returns. Raises MailSetAside, and whatever `work` raises."""


class NoGuard:
    """Where nothing is noted: in commands, and in the console."""

    def read(self, reader: str, log_id: str, mail_id: int, work: Callable[[], Read]) -> Read:
        """Just `work`."""
        return work()


class ReadingGuard:
    """The worker's. Made once a life, before anything is read."""

    def __init__(self, note: Path, engine: Engine) -> None:
        """Takes up what the life before left; raises OSError and SQLAlchemy's errors."""
        self._engine = engine
        self._lock = threading.Lock()
        with note.open("a+b") as file:
            file.truncate(_NOTE.size)
            self._note = mmap.mmap(file.fileno(), _NOTE.size)
        self._take_up()
        with reading(engine) as session:
            self._strikes = read_strikes(session)

    def list_set_aside(self, log_id: str) -> list[int]:
        """The mails of this mail.db that are not read."""
        return [
            mail for (log, mail), by_reader in list(self._strikes.items()) if log == log_id and _is_aside(by_reader)
        ]

    def read(self, reader: str, log_id: str, mail_id: int, work: Callable[[], Read]) -> Read:
        """What `work` makes of the mail. Raises MailSetAside, or what `work` raises: that counts like a death."""
        known = self._strikes.get((log_id, mail_id)) if self._strikes else None
        if known and _is_aside(known):
            raise MailSetAside(f"mail {mail_id} is set aside: reading it failed {sum(known.values())} times")
        read = self.try_again(reader, log_id, mail_id, work)
        if known and reader in known:
            self._forget(log_id, mail_id, reader)
        return read

    def try_again(self, reader: str, log_id: str, mail_id: int, work: Callable[[], Read]) -> Read:
        """The same for a mail that is set aside, and stays so until `forget`."""
        with self._lock:
            _NOTE.pack_into(self._note, 0, mail_id, log_id.encode(), reader.encode())
            try:
                return work()
            except Exception:
                self._strike(reader, log_id, mail_id)
                raise
            finally:
                self._note[: _NOTE.size] = _NOTHING

    def forget(self, log_id: str, mail_id: int, do: Callable[[Session], None] = lambda session: None) -> None:
        """It is read as any other from now on; `do` in the same transaction."""
        self._strikes.pop((log_id, mail_id), None)
        with transaction(self._engine) as session:
            forget_strikes(session, log_id, mail_id)
            do(session)

    def _take_up(self) -> None:
        mail_id, log_id, reader = _NOTE.unpack(self._note[: _NOTE.size])
        if mail_id > 0:
            name, by = log_id.rstrip(b"\0").decode("ascii", "replace"), reader.rstrip(b"\0").decode("ascii", "replace")
            log.warning("the worker ended while %s read mail %d", by, mail_id)
            with transaction(self._engine) as session:
                add_strike(session, name, mail_id, by, time.time())
        self._note[: _NOTE.size] = _NOTHING

    def _strike(self, reader: str, log_id: str, mail_id: int) -> None:
        with transaction(self._engine) as session:
            add_strike(session, log_id, mail_id, reader, time.time())
        by_reader = self._strikes.setdefault((log_id, mail_id), {})
        by_reader[reader] = by_reader.get(reader, 0) + 1

    def _forget(self, log_id: str, mail_id: int, reader: str) -> None:
        with transaction(self._engine) as session:
            forget_strikes(session, log_id, mail_id, reader)
        by_reader = self._strikes.get((log_id, mail_id), {})
        by_reader.pop(reader, None)
        if not by_reader:
            self._strikes.pop((log_id, mail_id), None)


def _is_aside(by_reader: dict[str, int]) -> bool:
    return sum(by_reader.values()) >= STRIKES
