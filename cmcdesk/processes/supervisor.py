"""The two other processes as the console sees them: started, watched, restarted, spoken to, stopped."""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import cast

from cmcdesk.pipe import (
    WAKE,
    Answer,
    ApplyCommand,
    ApplyDone,
    ChildState,
    Listening,
    MailServerTelemetry,
    Missing,
    ProcessStates,
    PurgeCommand,
    SetEntry,
    Told,
    WorkerTelemetry,
)
from cmcdesk.processes.child import LOCK_PATIENCE, Child, module_command
from cmcdesk.processes.flags import Flags
from cmcdesk.rules.logins import LoginTold

log = logging.getLogger(__name__)

DRAIN = 4.5  # seconds the children get to drain, so that the whole program ends within 5

DOWN: Missing = {
    "reason": "the mail server is not running",
    "fault": "down",
    "holder": None,
    "address": None,
    "remedy": None,
}

Request = ApplyCommand | PurgeCommand


class MailServerUnavailable(Exception):
    """The mail server did not answer: it is not running, it died, or it took too long. Nothing is known to have
    changed there; after a restart it gets the set that it acknowledged last."""


class Supervisor:
    """Runs the mail server and the worker. Its callbacks come on threads of its own."""

    def __init__(
        self, mail_server: Sequence[str], worker: Sequence[str], logs: Path, inherited: tuple[int, ...] = ()
    ) -> None:
        """`mail_server`, `worker`: their commands; `logs`: the folder that takes what they write to stderr;
        `inherited`: file descriptors that both keep open."""
        self._mail_server = Child(
            list(mail_server), logs / "mail_server.log", self._hear_mail_server, self._see_mail_server, inherited
        )
        self._worker = Child(
            list(worker), logs / "worker.log", self._hear_worker, lambda state: self._tell_change(), inherited
        )
        self._numbers = itertools.count(1)
        self._guard = threading.Condition()  # over everything below
        self._waiting: dict[int, Future[Answer]] = {}
        self._acknowledged: list[SetEntry] | None = None
        self._listening: list[Listening] = []
        self._mail_server_told: MailServerTelemetry = {}
        self._worker_told: WorkerTelemetry = {}
        self._callbacks: list[Callable[[], None]] = []
        self._place_callbacks: list[Callable[[], None]] = []
        self._deadline: float | None = None  # by when a stop must be through
        self.take_logins: Callable[[list[LoginTold]], None] = lambda logins: None  # of the mail server; quick

    def start(self) -> None:
        """Start both, or what is not started yet; requests wait until the mail server is up."""
        self.start_mail_server()
        self._worker.start()

    def start_mail_server(self) -> None:
        """Before the worker, and before there is anything to apply; a second call does nothing."""
        self._mail_server.start()

    def wait_until_operating(self, timeout: float) -> None:
        """Until the mail server is up; raises MailServerUnavailable after `timeout` seconds, or when a stop began."""
        with self._guard:
            self._guard.wait_for(lambda: self._mail_server.state == "operating" or self._deadline, timeout)
            if self._mail_server.state != "operating":
                is_late = "is stopped" if self._deadline else f"is {self._mail_server.state}"
                raise MailServerUnavailable(f"the mail server {is_late}")

    def request(self, command: Request, timeout: float = 10.0) -> Answer:
        """Send one command to the mail server and wait (seconds) for its answer. Raises MailServerUnavailable."""
        deadline = time.monotonic() + timeout
        with self._guard:  # held until it is sent: a restarted mail server gets the acknowledged set first
            self.wait_until_operating(timeout)
            answer = self._submit(command)
        try:
            return answer.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            raise MailServerUnavailable(f"it did not answer {command['do']!r} within {timeout:g} s") from None

    def apply(self, compositions: list[SetEntry]) -> Answer:
        """The mail server's "apply" with the whole set; one that it acknowledged is sent again after a restart."""
        try:
            answer = self.request({"do": "apply", "compositions": compositions})
        except MailServerUnavailable:
            self._withdraw()
            raise
        if "compositions" in answer:
            self._remember(compositions, answer)
        return answer

    def wake_worker(self) -> None:
        """Let the worker look for new work at once; it looks by itself soon when this is lost."""
        try:
            self._worker.send(WAKE)
        except OSError:
            pass

    def listening(self) -> list[Listening]:
        """The mail server's last word on where each composition receives; while it is not there: the fault "down"."""
        is_down = self._mail_server.state != "operating"
        with self._guard:
            return [_as_down(entry) if is_down else entry for entry in self._listening]

    def telemetry(self) -> ProcessStates:
        """The latest of both processes."""
        with self._guard:
            mail_server, worker = self._mail_server_told, self._worker_told
        receiving = {entry["name"]: entry["receiving"] for entry in self.listening()}
        child = self._mail_server
        return {
            "mail_server": {**mail_server, "state": child.state, "pid": child.pid, "receiving": receiving},
            "worker": {**worker, "state": self._worker.state, "pid": self._worker.pid},
        }

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back whenever the telemetry or a state changed; the callback must be quick."""
        self._callbacks.append(callback)

    def on_places(self, callback: Callable[[], None]) -> None:
        """Call back whenever the mail server told other places than before."""
        self._place_callbacks.append(callback)

    def begin_stop(self) -> None:
        """Let both drain, and go on at once; `stop()` waits for them."""
        if self._deadline is None:
            self._deadline = time.monotonic() + DRAIN
            for child in (self._mail_server, self._worker):
                child.ask_to_stop()
            if self._guard.acquire(timeout=LOCK_PATIENCE):
                self._guard.notify_all()  # nobody waits any longer for a mail server that does not come up
                self._guard.release()

    def stop(self) -> None:
        """Drain both and end them; what does not end in time is killed (nothing stored is lost by that)."""
        self.begin_stop()
        for child in (self._mail_server, self._worker):
            child.join(self._deadline or 0.0)

    def _withdraw(self) -> None:
        """An apply that got no answer may still come to pass; the acknowledged set, sent behind it, undoes that."""
        if self._mail_server.state == "operating":
            try:
                self._submit({"do": "apply", "compositions": self._acknowledged or []})
            except MailServerUnavailable:
                pass  # its next life gets that set anyway

    def _submit(self, command: Request) -> Future[Answer]:
        number, answer = next(self._numbers), Future[Answer]()
        command["id"] = number
        with self._guard:
            self._waiting[number] = answer
        try:
            self._mail_server.send(command)
        except OSError as error:
            with self._guard:
                self._waiting.pop(number, None)
            raise MailServerUnavailable(f"the mail server is gone ({error})") from error
        return answer

    def _hear_mail_server(self, told: Told) -> None:
        if "ok" in told:
            with self._guard:
                answer = self._waiting.pop(told["id"], None)
            if answer and not answer.done():
                answer.set_result(told)
        elif "telemetry" in told:
            with self._guard:
                self._mail_server_told = cast(MailServerTelemetry, told["telemetry"])
            self._tell_change()
        elif "listening" in told:
            self._remember_places(told["listening"])
        elif "logins" in told:
            self.take_logins(told["logins"])
        elif "ready" in told:
            self._send_acknowledged()

    def _send_acknowledged(self) -> None:
        """After a restart the set comes first, then whatever is asked: the pipe keeps the order."""
        compositions = self._acknowledged
        if compositions is None:
            self._mail_server.mark_operating()
            return
        try:
            answer = self._submit({"do": "apply", "compositions": compositions})
        except MailServerUnavailable:
            return  # died again; the next life comes here too
        answer.add_done_callback(lambda done: self._take_up_again(compositions, done))

    def _take_up_again(self, compositions: list[SetEntry], done: Future[Answer]) -> None:
        if done.exception():
            return
        answer = done.result()
        if "compositions" in answer:
            self._remember(compositions, answer)
        else:
            log.error("the restarted mail server refused the applied set: %s", answer)
        self._mail_server.mark_operating()

    def _remember(self, compositions: list[SetEntry], answer: ApplyDone) -> None:
        with self._guard:
            self._acknowledged = compositions
        self._remember_places(answer["compositions"])

    def _remember_places(self, listening: list[Listening]) -> None:
        with self._guard:
            is_news, self._listening = listening != self._listening, listening
            self._acknowledged = keep_ports(self._acknowledged or [], listening)
        self._tell_change()
        if is_news:
            _call_all(self._place_callbacks)

    def _see_mail_server(self, state: ChildState) -> None:
        with self._guard:
            lost = list(self._waiting.values()) if state in ("restarting", "stopped") else []
            if lost:
                self._waiting.clear()
            self._guard.notify_all()
        for answer in lost:
            answer.set_exception(MailServerUnavailable("the mail server died before it answered"))
        self._tell_change()

    def _hear_worker(self, told: Told) -> None:
        self._worker.mark_operating()
        if "telemetry" in told:
            with self._guard:
                self._worker_told = cast(WorkerTelemetry, told["telemetry"])
            self._tell_change()

    def _tell_change(self) -> None:
        _call_all(self._callbacks)


def _call_all(callbacks: list[Callable[[], None]]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:  # this thread also carries the answers of the mail server: it must live on
            log.exception("a listener to the telemetry failed")


def _as_down(place: Listening) -> Listening:
    nothing = {"receiving": None, "receiving_tls": None, "tls_missing": None, "relay": None, "relay_missing": None}
    return cast(Listening, {**place, **nothing, "missing": DOWN})


def keep_ports(compositions: list[SetEntry], listening: list[Listening]) -> list[SetEntry]:
    """The set with each "any free port" (0) replaced by the one it got, so that a restart keeps the address."""
    got = {entry["name"]: entry for entry in listening}
    return [_keep_port(entry, got.get(str(entry["settings"]["name"]))) for entry in compositions]


def _keep_port(entry: SetEntry, place: Listening | None) -> SetEntry:
    """With the ports of those of its servers that listen."""
    kept = entry.copy()
    if place and place["receiving"]:
        kept["port"] = read_port(place["receiving"])
    if place and place["relay"]:
        kept["relay_port"] = read_port(place["relay"])
    return kept


def read_port(place: str) -> int:
    """Of "host:port"."""
    return int(place.rpartition(":")[2])


def supervise(folder: Path, flags: Flags, inherited: tuple[int, ...] = (), tls: tuple[str, ...] = ()) -> Supervisor:
    """The supervisor of the real mail server and worker for this data folder, not yet started; tls: options of the
    mail server about its certificates."""
    at = ("--data-dir", str(folder))
    mail_server = module_command("cmcdesk.mailserver", *at, *tls, *(["--without-interval"] * flags.without_interval))
    worker = module_command("cmcdesk.worker", *at, *(["--without-dispatch"] * flags.without_dispatch))
    return Supervisor(mail_server, worker, folder / "log", inherited)
