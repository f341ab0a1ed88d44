"""The console process put together: lock, database, mail server, worker, console, web server, clock."""

import errno
import logging
import math
import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self, Unpack, cast

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine

from cmcdesk import applying
from cmcdesk.applying.transfer import settle_interrupted
from cmcdesk.console.app import create_app, stop_streams
from cmcdesk.console.catcher.catching import make_catcher, start_catcher
from cmcdesk.console.desk.retention import CHECK_MINUTES, keep_retention
from cmcdesk.console.desk.safekeeping import Safekeeping
from cmcdesk.console.frame.current import Services
from cmcdesk.console.world.world_use import begin_world
from cmcdesk.pipe import PurgeChoice, PurgeCommand
from cmcdesk.processes.instance import read_secret_key
from cmcdesk.processes.paths import mail_db
from cmcdesk.processes.placing import LOOPBACK, Placement, describe_placement
from cmcdesk.processes.supervisor import MailServerUnavailable
from cmcdesk.processes.system import give_back_large
from cmcdesk.processes.tls_end import TlsEnd
from cmcdesk.processes.webserver import WebServer, bind_port
from cmcdesk.rules.texts import tell
from cmcdesk.starting import CONSOLE_PORT, Begun, DeskOptions, StartFailed, begin_early
from cmcdesk.store.desk.audit import PROGRAM, LoginKeeper, acting_as, note_operation
from cmcdesk.store.desk.compositions import list_compositions
from cmcdesk.store.desk.database import DatabaseUnusable, open_desk, reading, transaction
from cmcdesk.store.maillog.schema import find_fault

log = logging.getLogger(__name__)

MAIL_SERVER_START = 30.0  # seconds the mail server may take to come up on a slow machine
LEAST_FREE = 2 << 20  # octets: of a disk with less room nothing can be begun
PURGE_SECONDS = 600.0  # a million mails go in about ten seconds, beside the mails that arrive


class Desk:
    """One running cmcdesk. A context manager: leaving it stops everything."""

    def __init__(self, options: DeskOptions, begun: Begun | None = None) -> None:
        """Lock, bind and open; nothing is applied yet, but an older database is brought up to date. `begun`: by
        `begin_early`, and ended with this, or where this fails.

        Raises AlreadyRunning, PortInUse, NotOurAddress, StartFailed; OSError or sqlite3.Error where the disk does not
        let it.
        """
        self._options = options
        self._token = secrets.token_urlsafe(32)
        self._clock = BackgroundScheduler(timezone="UTC")
        begun = begun or begin_early(options)
        self._lock, self._supervisor = begun.lock, begun.supervisor
        with ExitStack() as undo:
            undo.callback(begun.end)
            listener = undo.enter_context(bind_port(options.port, options.bind))
            self._tls_end = _open_tls_end(options, undo)
            self._engine = _open_database(options.folder)
            undo.callback(self._engine.dispose)
            self._keeping = Safekeeping(options.folder, self._clock, self._lock)
            undo.callback(self._keeping.close)
            self._logins = LoginKeeper(self._engine)
            self._supervisor.take_logins = self._logins.take
            self._services = self._build_services()
            self.app = create_app(self._services)
            self._web = WebServer(self._tls_end.wrap(self.app) if self._tls_end else self.app, listener)
            hub = self.app.extensions["hub"]
            self._catcher = make_catcher(self._engine, options.port != CONSOLE_PORT, lambda: hub.publish("caught"))
            undo.pop_all()
        self._is_stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Opens the console: it carries the launch token."""
        return f"http://{self._place}/{self._options.first_page}?token={self._token}"

    def make_opening_url(self) -> str:
        """Opens the console once, within a minute: for a browser, whose command line others can read."""
        return f"http://{self._place}/{self._options.first_page}?code={self.app.extensions['codes'].issue()}"

    @property
    def _host(self) -> str:
        """Where this machine reaches the console; an address that stands for all is no place to go to."""
        bound = ip_address(self._options.bind)
        return LOOPBACK if bound.is_unspecified else str(bound)

    @property
    def _place(self) -> str:
        return f"{write_host(self._host)}:{self._web.port}"

    def start(self) -> None:
        """Start the processes, apply, and answer. Raises StartFailed; then `stop()` what is running."""
        give_back_large()
        self._supervisor.start()
        self._apply_at_start()
        start_catcher(self.app, self._engine, self._catcher)
        begin_world(self.app, self._options.world)
        self._web.start()
        if self._tls_end:
            self._tls_end.start((self._host, self._web.port))
        self._clock.add_job(
            self._keep_retention, "interval", minutes=CHECK_MINUTES, id="retention", max_instances=1, coalesce=True
        )
        self._clock.add_job(
            lambda: self._logins.flush(time.time()), "interval", seconds=1, id="logins", max_instances=1, coalesce=True
        )
        self._keeping.start()
        self._clock.start()
        self._lock.publish({"url": self.url, "token": self._token, "pid": os.getpid()})

    def read_note(self) -> dict[str, Any]:
        """What the ready file says: {"url", "token", "pid", "compositions": [{"name", "receiving", "relay",
        "receiving_tls"}], "api_tls": the port or None}."""
        compositions = [
            {
                "name": placed.name,
                "receiving": placed.receiving,
                "relay": placed.relay,
                "receiving_tls": placed.receiving_tls,
            }
            for placed in self.placements()
        ]
        api_tls = self._tls_end.port if self._tls_end else None
        note = {"url": self.url, "token": self._token, "pid": os.getpid(), "compositions": compositions}
        return note | {"api_tls": api_tls}

    def placements(self) -> list[Placement]:
        """Where each composition listens now, in the order of the list."""
        listening = {entry["name"]: entry for entry in self._supervisor.listening()}
        with reading(self._engine) as session:
            names = [row.name for row in list_compositions(session)]
        moved = self._options.placing.moved
        return [describe_placement(name, listening.get(name), name in moved) for name in names]

    def on_places(self, callback: Callable[[], None]) -> None:
        """Call back when a composition began or ceased to receive; see `placements()`."""
        self._supervisor.on_places(callback)

    def begin_stop(self) -> None:
        """Let the processes drain, and a start that waits for them fail; from any thread. `stop()` does the rest."""
        self._supervisor.begin_stop()

    def stop(self) -> None:
        """Drain and end everything, within 5 seconds; a second call does nothing."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self._supervisor.begin_stop()
        if self._clock.running:
            self._clock.shutdown(wait=False)
        stop_streams(self.app)
        if self._tls_end:
            self._tls_end.stop()
        self._web.stop()
        self._catcher.stop()
        self._supervisor.stop()
        self._logins.flush(math.inf)
        self._keeping.close()
        self._engine.dispose()
        self._lock.release()

    def _build_services(self) -> Services:
        return Services(
            folder=self._options.folder,
            engine=self._engine,
            token=self._token,
            secret_key=read_secret_key(self._options.folder),
            send_apply=self._send_apply,
            send_remove=self._send_remove,
            send_purge=self._send_purge,
            telemetry=self._supervisor.telemetry,
            subscribe=self._supervisor.on_change,
            wake_worker=self._supervisor.wake_worker,
            note_login=self._logins.note,
            placements=self.placements,
            flags=self._options.flags,
            hosts=(*self._options.hosts, write_host(self._options.bind)),
        )

    def _apply_at_start(self) -> None:
        """What was live before; a fresh installation's first compositions; or those of --settings, in place of all."""
        place = self._options.placing.place
        try:
            self._supervisor.wait_until_operating(MAIL_SERVER_START)
            if self._options.settings is None:
                with acting_as(PROGRAM):
                    applying.resume(self._engine, self._supervisor.apply, place)
                return
            with transaction(self._engine) as session:
                settle_interrupted(session)  # what a killed console left open would refuse this
            applying.replace_all(self._engine, self._options.settings, self._supervisor.apply, place)
        except (MailServerUnavailable, applying.ApplyRefused) as refusal:
            logs = self._options.folder / "log"
            words = tell("%(refusal)s; the mail server's own words are in %(logs)s", refusal=refusal, logs=logs)
            raise StartFailed(words) from refusal

    def _send_apply(self, name: str) -> int:
        number = applying.apply(self._engine, name, self._supervisor.apply, self._options.placing.place)
        self._keeping.back_up_soon()
        return number

    def _send_remove(self, name: str) -> None:
        applying.remove(self._engine, name, self._supervisor.apply, self._options.placing.place)
        self._keeping.back_up_soon()

    def _send_purge(self, **choice: Unpack[PurgeChoice]) -> int:
        answer = self._supervisor.request(cast(PurgeCommand, {"do": "purge", **choice}), PURGE_SECONDS)
        if "purged" in answer:
            self._note_purge(choice, answer["purged"])
            return answer["purged"]
        raise MailServerUnavailable(f"the mail server could not delete: {answer.get('errors')}")

    def _note_purge(self, choice: PurgeChoice, purged: int) -> None:
        """What somebody deleted; what goes by its age is no operation."""
        if purged and ("all" in choice or "mails" in choice):
            with transaction(self._engine) as session:
                mails = ", ".join(f"#{number}" for number in choice.get("mails", ()))
                note_operation(session, "mails", "delete", detail=mails or str(purged))

    def _keep_retention(self) -> None:
        try:
            keep_retention(self._services)
        except MailServerUnavailable as error:
            log.warning("the retention waits for the next tick: %s", error)


def _open_tls_end(options: DeskOptions, undo: ExitStack) -> TlsEnd | None:
    if options.api_tls_port is None:
        return None
    end = TlsEnd(bind_port(options.api_tls_port, options.bind, "--api-tls-port"), options.folder)
    undo.callback(end.stop)
    return end


def _check_room(folder: Path) -> None:
    """The processes would die of a full disk, one after the other and again and again."""
    if shutil.disk_usage(folder).free < LEAST_FREE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def write_host(address: str) -> str:
    """As it stands in a URL and in Host (RFC 3986 §3.2.2)."""
    return f"[{address}]" if ":" in address else address


def _open_database(folder: Path) -> Engine:
    _check_room(folder)
    fault = find_fault(mail_db(folder))  # the mail server would die of it, again and again
    if fault:
        raise StartFailed(fault)
    try:
        return open_desk(folder)
    except DatabaseUnusable as error:
        raise StartFailed(error.message) from error
