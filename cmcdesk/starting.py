"""What a start is told, and what it begins at once: the console takes a second to import, and meanwhile the mail server
comes up beside it. So nothing here, and nothing that it imports, may need the console, SQLAlchemy or a web framework.
"""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cmcdesk.processes.flags import Flags
from cmcdesk.processes.instance import InstanceLock
from cmcdesk.processes.paths import close_open, desk_db, mail_db
from cmcdesk.processes.placing import LOOPBACK, Placing
from cmcdesk.processes.supervisor import Supervisor, supervise
from cmcdesk.processes.world_note import WorldNote
from cmcdesk.rules.texts import TellingError
from cmcdesk.store.desk.version import OURS, DatabaseUnusable, read_version
from cmcdesk.store.maillog.schema import find_fault

if TYPE_CHECKING:
    from cmcdesk.rules.settings import Composition

log = logging.getLogger(__name__)

CONSOLE_PORT = 8026
SQLITE_PATIENCE = 0.2  # seconds for another program's lock; who needs the database waits longer


class StartFailed(TellingError):
    """cmcdesk cannot start; `message` says why and what mends it, in both languages."""


@dataclass(frozen=True)
class DeskOptions:
    """`port`: of the console, 0 for any free one. `settings`: replace all compositions by these and apply them."""

    folder: Path
    port: int = CONSOLE_PORT
    placing: Placing = field(default_factory=Placing)
    flags: Flags = field(default_factory=Flags)
    tls: tuple[str, ...] = ()  # options of the mail server: `commands.serve.read_tls`
    settings: "tuple[Composition, ...] | None" = None
    bind: str = LOOPBACK  # the console's address
    hosts: tuple[str, ...] = ()  # names that the console goes by beside this computer's: NAME or NAME:PORT
    api_tls_port: int | None = None  # of an HTTPS end for CMC's API; None: there is none
    first_page: str = ""  # that the console opens with
    world: WorldNote | None = None  # the simulated world to use; None: the own one, if it was left running


@dataclass(frozen=True)
class Begun:
    """The lock on the data folder, and the processes under it; the mail server may be on its way."""

    lock: InstanceLock
    supervisor: Supervisor

    def end(self) -> None:
        """Where nothing comes of it."""
        self.supervisor.stop()
        self.lock.release()


@contextmanager
def making_console() -> Iterator[None]:
    """While its thousand modules come in and it is put together, nothing is looked for that could go: a tenth of that
    time was spent on it, and later each look would go through all of it again."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def begin_early(options: DeskOptions) -> Begun:
    """Take the data folder; start the mail server where both databases are as this program makes them. Where they are
    not, it waits: whoever opens them says what is wrong, with nothing changed. Raises AlreadyRunning; OSError."""
    for path in close_open(options.folder):
        log.warning("%s can be read by other users of this machine, and its mode could not be changed", path)
    lock = InstanceLock(options.folder)
    begun = Begun(lock, supervise(options.folder, options.flags, lock.inherited, options.tls))
    try:
        if _is_up_to_date(options.folder):
            begun.supervisor.start_mail_server()
    except BaseException:
        begun.end()
        raise
    return begun


def _is_up_to_date(folder: Path) -> bool:
    try:
        is_current = read_version(desk_db(folder)) == OURS.newest
    except DatabaseUnusable:
        return False
    return is_current and mail_db(folder).exists() and find_fault(mail_db(folder), SQLITE_PATIENCE) is None
