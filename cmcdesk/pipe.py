"""The contract between the three processes, and a child's end of the pipe.

One JSON object a line. On the stdin of mail server and worker: commands; its end means stop, so that no process is ever
orphaned. On their stdout: that one is ready, answers (with the command's id), places, telemetry. What is declared here
is what is sent: nothing is translated on its way, for the monitor's page gets the telemetry as it is.
"""

import json
import logging
import os
import queue
import threading
from collections.abc import Callable
from typing import Literal, NotRequired, Protocol, Unpack, cast, final

from typing_extensions import TypedDict  # pydantic, which describes the API, wants this one before Python 3.12

from cmcdesk.mail.smtp.envelope import Server
from cmcdesk.rules.logins import LoginTold
from cmcdesk.rules.stored_settings import StoredSettings

log = logging.getLogger(__name__)

LaneTold = tuple[int, float, list[float], list[float], int, int]  # `mailserver.tally.Lane.take`; a list in JSON


# -- commands: what the console wants --------------------------------------------------------------------------------


class SetEntry(TypedDict):
    """One composition of the set that is to be live. port, relay_port 0: any free one; smtp_users: API users who may
    relay, name → SHA-256 of the key."""

    revision: int
    host: str
    port: int
    relay_port: int
    settings: StoredSettings
    smtp_users: dict[str, str]


@final
class ApplyCommand(TypedDict):
    """Make this whole set live, or none of it."""

    do: Literal["apply"]
    id: NotRequired[int]
    compositions: list[SetEntry]


class PurgeChoice(TypedDict, total=False):
    """Which rows go; one of these. before_id: all mails with a smaller number; refusals_before_id likewise."""

    all: bool
    before_id: int
    mails: list[int]
    refusals_before_id: int


@final
class PurgeCommand(PurgeChoice):
    """Delete rows of the mail log."""

    do: Literal["purge"]
    id: NotRequired[int]


@final
class BareCommand(TypedDict):
    """stop: drain and end; wake: look at once for new work (the worker). Not answered."""

    do: Literal["stop", "wake"]
    id: NotRequired[int]


Command = ApplyCommand | PurgeCommand | BareCommand
STOP: BareCommand = {"do": "stop"}
WAKE: BareCommand = {"do": "wake"}


class SendPurge(Protocol):
    """Sends a purge and waits for it → how many rows went. Raises MailServerUnavailable."""

    def __call__(self, **choice: Unpack[PurgeChoice]) -> int: ...


# -- answers ---------------------------------------------------------------------------------------------------------


class Missing(TypedDict):
    """Why a place could not be taken. reason: the system's words; fault: their kind, one of `listener.FAULTS`, "other",
    or "down" for a mail server that is not there; holder: the program that has it, where the system tells that;
    address: host:port; remedy: a command that gives the machine the address."""

    reason: str
    fault: str
    holder: str | None
    address: str | None
    remedy: str | None


class Listening(TypedDict):
    """Where a composition takes mail, "host:port", and why not where it should; the same for implicit TLS, both None
    where that is off, and for its relay."""

    name: str
    receiving: str | None
    missing: Missing | None
    receiving_tls: str | None
    tls_missing: Missing | None
    relay: str | None
    relay_missing: Missing | None


class Problem(TypedDict):
    """Why a command was refused: at which composition and field ("": none), in English. missing: a place that its
    server lacks."""

    composition: str
    field: str
    message: str
    missing: NotRequired[Missing]
    server: NotRequired[Server]


@final
class ApplyDone(TypedDict):
    """The set is live."""

    id: int
    ok: Literal[True]
    compositions: list[Listening]


@final
class PurgeDone(TypedDict):
    """The rows are gone."""

    id: int
    ok: Literal[True]
    purged: int


@final
class CommandRefused(TypedDict):
    """All is as it was. id 0: of a command that had none."""

    id: int
    ok: Literal[False]
    errors: list[Problem]


Answer = ApplyDone | PurgeDone | CommandRefused


# -- telemetry -------------------------------------------------------------------------------------------------------


class PatternSetAside(TypedDict):
    """A pattern of a condition that took too long and is no longer searched for."""

    filter: str
    header: str
    pattern: str


class CompositionCounts(TypedDict):
    """Of one server of a composition since the mail server started. lanes, turned_away: since the tick before, the
    second when connections over the limit were refused. refused: by gate."""

    sessions: int
    limit: int
    connected: int
    mails: int
    octets: int
    refused: dict[str, int]
    lanes: list[LaneTold]
    turned_away: list[float]
    patterns_set_aside: list[PatternSetAside]


class MailLogState(TypedDict):
    """loss: why nothing is stored now (`store.maillog.watch.Kind`), "" while all is well; set_aside: the last file that
    was set aside, ""."""

    loss: str
    set_aside: str


class MailServerTelemetry(TypedDict, total=False):
    """Each key is there from the first tick on. compositions: of receiving servers, relays: of relays; purging: rows
    that each purge under way has deleted."""

    at: float
    compositions: dict[str, CompositionCounts]
    relays: dict[str, CompositionCounts]
    refusal_rows: int
    waiting_octets: int
    waiting_mails: int
    mail_log: MailLogState
    purging: list[int]


class WorkerTelemetry(TypedDict, total=False):
    """Each key is there from the first tick on. waiting: deliveries to be made, those not yet copied too;
    oldest_due_age: seconds, None if none is due; delivered, attempts, bounces: since the start; failing: filters whose
    last attempt failed; outbound: recipients whose mails are to go out; outbound_sent, outbound_attempts,
    outbound_suppressed, suppression_runs (of the batch): since the start; has_resolver: without one, all mail waits;
    patterns_set_aside: of forwarding and delivery speed, by composition; bounces_waiting: bounce mails not read yet;
    indexed: the last mail that searches find by the index; set_aside: mails that are read no more."""

    at: float
    waiting: int
    oldest_due_age: float | None
    delivered: int
    attempts: int
    failing: int
    outbound: int
    outbound_sent: int
    outbound_attempts: int
    outbound_suppressed: int
    suppression_runs: int
    has_resolver: bool
    patterns_set_aside: dict[str, list[PatternSetAside]]
    bounces: int
    bounces_waiting: int
    indexed: int
    set_aside: int


ChildState = Literal["starting", "operating", "restarting", "stopped"]


class MailServerState(MailServerTelemetry):
    """The mail server as the console knows it. receiving: name → "host:port" or None."""

    state: ChildState
    pid: int | None
    receiving: dict[str, str | None]


class WorkerState(WorkerTelemetry):
    """The worker likewise."""

    state: ChildState
    pid: int | None


class ProcessStates(TypedDict):
    """Both children with their latest telemetry."""

    mail_server: MailServerState
    worker: WorkerState


@final
class ReadyTold(TypedDict):
    """The first line of the mail server."""

    ready: Literal[True]


@final
class PlacesTold(TypedDict):
    """The places, told unasked because they changed."""

    listening: list[Listening]


@final
class MailServerTold(TypedDict):
    """A tick of the mail server."""

    telemetry: MailServerTelemetry


@final
class WorkerTold(TypedDict):
    """A tick of the worker."""

    telemetry: WorkerTelemetry


@final
class LoginsTold(TypedDict):
    """Who showed a key to the mail server since the last time; bounded by the second."""

    logins: list[LoginTold]


Told = ReadyTold | PlacesTold | LoginsTold | MailServerTold | WorkerTold | ApplyDone | PurgeDone | CommandRefused


# -- the lines -------------------------------------------------------------------------------------------------------


def encode(message: Command | Told) -> bytes:
    """The message as its line."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode_command(line: bytes) -> Command:
    """Raises ValueError for what is no command; what is in one is checked by who does it."""
    command = _decode(line)
    if not isinstance(command.get("do"), str):
        raise ValueError("no command: `do` says what")
    return cast(Command, command)


def decode_told(line: bytes) -> Told:
    """Raises ValueError for what no child says."""
    return cast(Told, _decode(line))


def _decode(line: bytes) -> dict[str, object]:
    said = json.loads(line)
    if not isinstance(said, dict):
        raise ValueError("no JSON object")
    return said


class ChildPipe:
    """A child's end. Commands come to `take`, on a thread of the pipe; what is said goes out on another, so a console
    that is slow or gone stops no mail. The threads read and write the descriptors themselves: a daemon thread that
    holds the lock of sys.stdin or sys.stdout would stop the interpreter's end."""

    def __init__(self, take: Callable[[Command], object], stdin: int = 0, stdout: int = 1) -> None:
        self._take = take
        self._stdin = stdin
        self._stdout = stdout
        self._unsaid: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def start(self) -> None:
        threading.Thread(target=self.read, name="commands", daemon=True).start()
        threading.Thread(target=self._write, name="telling", daemon=True).start()

    def read(self) -> None:
        """Take all commands; the end of the pipe is STOP."""
        rest = b""
        while octets := os.read(self._stdin, 65536):
            *lines, rest = (rest + octets).split(b"\n")
            for line in lines:
                try:
                    command = decode_command(line)
                except ValueError as error:
                    log.error("not a command (%s): %.200r", error, line)
                else:
                    self._take(command)
        self._take(STOP)

    def say(self, told: Told) -> None:
        """Tell the console. A telemetry that would have to wait is let go: the next one says more."""
        if "telemetry" not in told or self._unsaid.empty():
            self._unsaid.put(encode(told))

    def _write(self) -> None:
        while True:
            line = self._unsaid.get()
            try:
                while line:
                    line = line[os.write(self._stdout, line) :]
            except OSError:
                return  # the console does not listen any more
