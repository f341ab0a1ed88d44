"""One child process that speaks JSON lines on its pipes, started again whenever it dies."""

import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from cmcdesk.pipe import ChildState, Command, Told, decode_told, encode

log = logging.getLogger(__name__)

FIRST_BACK_OFF = 0.2  # seconds before the first restart; doubled by every death that follows soon
LONGEST_BACK_OFF = 10.0
CALM = 30.0  # a child that lived so many seconds starts again with the first back-off
LOCK_PATIENCE = 0.3  # seconds that a stop waits for a thread whose line the process does not take from its pipe
LOG_LIMIT = 5_000_000  # octets; a longer log file is set aside as .1


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that runs `python -m module`; the frozen program understands `-m` itself (packaging/launch.py)."""
    return [sys.executable, "-m", module, *arguments]


class Child:
    """Keeps one process running. `on_told(told)` gets every message it prints, `on_state()` hears of changes;
    both are called on the keeper's thread, so neither may wait for the child."""

    def __init__(
        self,
        command: list[str],
        log_file: Path,
        on_told: Callable[[Told], None],
        on_state: Callable[[ChildState], None],
        inherited: tuple[int, ...] = (),
    ) -> None:
        """`inherited`: file descriptors that the process keeps open (the instance lock)."""
        self._command = command
        self._log_file = log_file
        self._on_told = on_told
        self._on_state = on_state
        self._inherited = inherited
        self._stopping = threading.Event()
        self._sending = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep_running, name=f"keeper of {log_file.stem}", daemon=True)
        self.state: ChildState = "stopped"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        running = self._running
        return running.pid if running and running.poll() is None else None

    def start(self) -> None:
        """Start the process and go on at once; `on_state` hears when it operates. A second call does nothing."""
        if self._keeper.ident is None:
            self._keeper.start()

    def send(self, command: Command) -> None:
        """Write one line. Raises OSError when the process is not there (any more)."""
        running = self._running
        if running is None or running.stdin is None or running.stdin.closed:
            raise BrokenPipeError(f"{self._log_file.stem} is not running")
        line = encode(command)
        with self._sending:
            running.stdin.write(line)
            running.stdin.flush()

    def mark_operating(self) -> None:
        """The owner of this child saw that it does its work."""
        self._enter("operating")

    def ask_to_stop(self) -> None:
        """Let it drain: what it has begun is finished, then it ends. The closed pipe says so."""
        self._stopping.set()
        if self._running:
            self._close_input(self._running)

    def join(self, deadline: float) -> bool:
        """Wait until it ended; at the deadline (time.monotonic) it is killed. True: it ended by itself."""
        if self._keeper.ident is None:
            return True  # never started
        self._keeper.join(max(0.0, deadline - time.monotonic()))
        by_itself = not self._keeper.is_alive()
        if not by_itself and self._running:
            log.warning("%s did not end in time and is killed", self._log_file.stem)
            self._running.kill()
            self._keeper.join(5)
        return by_itself

    def _keep_running(self) -> None:
        back_off = FIRST_BACK_OFF
        self._enter("starting")
        while not self._stopping.is_set():
            began = time.monotonic()
            code = self._run_once()
            if self._stopping.is_set():
                break
            self._enter("restarting")
            back_off = FIRST_BACK_OFF if time.monotonic() - began > CALM else back_off
            log.error("%s ended with %s; again in %.1f s, see %s", self._log_file.stem, code, back_off, self._log_file)
            self._stopping.wait(back_off)
            back_off = min(back_off * 2, LONGEST_BACK_OFF)
        self._enter("stopped")

    def _run_once(self) -> int | str:
        """Run the process until it ends: its exit code, or why it could not even start."""
        try:
            with open_log(self._log_file) as errors:
                running = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    pass_fds=self._inherited,
                    start_new_session=True,  # Ctrl-C in a terminal is for the console alone: it drains the children
                )
        except OSError as error:
            return str(error)
        self._running = running
        if self._stopping.is_set():  # asked to stop between two lives: this one was not told
            self._close_input(running)
        with running:
            self._read_lines(running)
            self._close_input(running)
        return running.returncode

    def _read_lines(self, running: subprocess.Popen[bytes]) -> None:
        assert running.stdout is not None
        for line in running.stdout:
            bound_log(self._log_file)
            try:
                told = decode_told(line)
            except ValueError:
                log.warning("%s said what is no JSON object: %r", self._log_file.stem, line[:200])
            else:
                self._hear(told)

    def _hear(self, told: Told) -> None:
        try:
            self._on_told(told)
        except Exception:  # one line that nobody understood must not leave the process unread and unwatched
            log.exception("what %s said was not understood: %.200r", self._log_file.stem, told)

    def _close_input(self, running: subprocess.Popen[bytes]) -> None:
        if not self._sending.acquire(timeout=LOCK_PATIENCE):
            return  # it does not read what another thread writes: only killing helps, then that thread lets go
        try:
            if running.stdin:
                running.stdin.close()
        except OSError:
            pass  # it was gone already: what closing was to bring about
        finally:
            self._sending.release()

    def _enter(self, state: ChildState) -> None:
        if state != self.state:
            self.state = state
            self._on_state(state)


def open_log(path: Path) -> IO[bytes]:
    """The log file, opened for adding (binary)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    bound_log(path)
    return path.open("ab")


def bound_log(path: Path) -> None:
    """Set what stands in a log file over the limit aside as `.1`, in place of what was there. The process that writes
    to it keeps it open, for adding: so it is copied and emptied; what is written between the two is lost."""
    try:
        if path.stat().st_size <= LOG_LIMIT:
            return
    except OSError:
        return  # none yet, or removed by hand: the next process gets a new one
    try:
        shutil.copyfile(path, path.with_suffix(path.suffix + ".1"))
    except OSError as error:  # a full disk, most often: it must not be the log that fills it
        log.warning("%s is emptied at %d octets and could not be kept: %s", path, LOG_LIMIT, error)
    os.truncate(path, 0)
