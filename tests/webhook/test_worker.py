"""The worker as the process that the console starts: its pipes, its end, and what a kill leaves behind."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cmcdesk import worker as worker_module
from cmcdesk.pipe import WorkerTelemetry
from cmcdesk.processes import paths
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.deliveries import retry_delivery
from cmcdesk.store.desk.models import BounceRow
from cmcdesk.store.desk.set_aside import ask_again, list_set_aside
from cmcdesk.store.maillog.log import MailLog


class Running:
    """A worker process and what it said."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = [sys.executable, "-m", "cmcdesk.worker", "--data-dir", str(folder), *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.said: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line)["telemetry"])

    def send(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()

    def end(self) -> int:
        """Close its pipe, as a console that is gone does, and wait."""
        assert self.process.stdin is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        code = self.process.wait(10)
        self._reader.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def kill(self) -> None:
        self.process.kill()
        self.end()


StartWorker = Callable[..., Running]

#: It takes the reader of webhooks a second or more.
HEAVY = b"To: form@example.com\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + b"x\r\n" * 3_000_000


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    started: list[Running] = []

    def start(*options: str, folder: Path = tmp_path) -> Running:
        started.append(Running(folder, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.kill()


def test_it_delivers_tells_and_ends_when_its_pipe_closes(
    desk: Any, make_endpoint: Any, filter_to: Any, start_worker: StartWorker, wait_for: Any
) -> None:
    endpoint = make_endpoint()
    desk.apply(filter_to(endpoint.url))
    desk.receive(20)
    running = start_worker()
    endpoint.await_posts(20)
    last = wait_for(lambda: next((one for one in running.said if one["delivered"] == 20 and not one["waiting"]), None))
    assert set(last) == WorkerTelemetry.__annotations__.keys()
    assert (last["attempts"], last["failing"], last["oldest_due_age"]) == (20, 0, None)
    assert running.end() == 0
    assert {delivery.state for delivery in desk.deliveries()} == {"delivered"}


def test_nothing_is_lost_or_renamed_by_kills_in_the_middle(
    desk: Any, make_endpoint: Any, filter_to: Any, start_worker: StartWorker, wait_for: Any
) -> None:
    endpoint = make_endpoint()
    desk.apply(filter_to(endpoint.url))
    desk.receive(600)
    for posts in (60, 240):  # killed with posts under way, recorded and unrecorded
        running = start_worker()
        endpoint.await_posts(posts)
        running.kill()
    running = start_worker()
    wait_for(lambda: running.said and running.said[-1]["delivered"] and not running.said[-1]["waiting"], 30)
    assert running.end() == 0
    deliveries = desk.deliveries()
    assert [delivery.state for delivery in deliveries] == ["delivered"] * 600
    assert set(endpoint.delivery_ids()) == {delivery.id for delivery in deliveries}


def test_stop_lets_the_attempt_under_way_end(
    desk: Any, make_endpoint: Any, filter_to: Any, say: Any, start_worker: StartWorker
) -> None:
    release = threading.Event()

    def hold(handler: Any, _: int) -> None:
        release.wait(10)
        say(handler, 200)

    endpoint = make_endpoint(hold)
    desk.apply(filter_to(endpoint.url))
    desk.receive(2)
    running = start_worker()
    endpoint.await_posts(1)
    running.send('{"do":"stop"}')
    threading.Timer(0.3, release.set).start()
    assert running.process.wait(10) == 0
    assert [delivery.state for delivery in desk.deliveries()] == ["delivered", "waiting"]
    running.end()


def test_stop_does_not_wait_for_ever(
    desk: Any, make_endpoint: Any, filter_to: Any, start_worker: StartWorker, wait_for: Any
) -> None:
    endpoint = make_endpoint(lambda handler, _: threading.Event().wait(20))
    desk.apply(filter_to(endpoint.url))
    desk.receive(1)
    running = start_worker()
    endpoint.await_posts(1)
    assert running.end() == 0
    assert [delivery.state for delivery in desk.deliveries()] == ["waiting"]


def test_it_waits_for_the_console_to_make_its_folder(tmp_path: Path, start_worker: StartWorker) -> None:
    empty = tmp_path / "empty"
    running = start_worker(folder=empty)
    running.send('{"do":"wake"}')
    assert running.end() == 0
    assert list(empty.glob("*.db")) == []


def test_it_works_before_there_is_a_mail_db_and_finds_it_later(
    desk: Any, make_endpoint: Any, filter_to: Any, start_worker: StartWorker, wait_for: Any
) -> None:
    from cmcdesk.processes import paths
    from cmcdesk.store.maillog.insertion import MailLogWriter

    desk.log.close()
    for file in desk.folder.glob("mail.db*"):
        file.unlink()
    endpoint = make_endpoint()
    desk.apply(filter_to(endpoint.url))
    running = start_worker()
    wait_for(lambda: running.said)
    desk.log = MailLogWriter(paths.mail_db(desk.folder))
    desk.receive(1)
    endpoint.await_posts(1)
    assert running.end() == 0


BOUNCE = b"""From: MAILER-DAEMON@mx.example.net\r
To: info@return.pro.smtps.jp\r
Subject: Undelivered Mail Returned to Sender\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.net\r
\r
Final-Recipient: rfc822; nobody@example.net\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 user unknown\r
\r
--b--\r
"""


def test_bounces_are_read_beside_the_webhooks(desk: Any, start_worker: StartWorker, wait_for: Any) -> None:
    mail_id = desk.receive_bounce(BOUNCE)
    running = start_worker()

    def read_rows() -> list[BounceRow]:
        with reading(desk.engine) as session:
            return list(session.scalars(select(BounceRow)))

    (row,) = wait_for(read_rows)
    assert (row.mail_id, row.recipient, row.status) == (mail_id, "nobody@example.net", "5.1.1")
    last = wait_for(lambda: next((one for one in running.said if one["bounces"]), None))
    assert (last["bounces"], last["bounces_waiting"]) == (1, 0)
    assert running.end() == 0


def test_without_dispatch_nothing_is_sent_or_queued(
    desk: Any, make_endpoint: Any, filter_to: Any, start_worker: StartWorker, wait_for: Any
) -> None:
    endpoint = make_endpoint()
    desk.apply(filter_to(endpoint.url))
    desk.receive(3)
    running = start_worker("--without-dispatch")
    wait_for(lambda: len(running.said) >= 2)
    assert running.end() == 0
    assert endpoint.received == []
    assert desk.deliveries() == []


def test_a_redelivery_by_another_process_is_seen(
    desk: Any, make_endpoint: Any, filter_to: Any, start_worker: StartWorker, wait_for: Any
) -> None:
    endpoint = make_endpoint()
    desk.apply(filter_to(endpoint.url))
    desk.receive(1)
    running = start_worker()
    wait_for(lambda: [delivery.state for delivery in desk.deliveries()] == ["delivered"])
    (delivery,) = desk.deliveries()
    with transaction(desk.engine) as session:
        retry_delivery(session, delivery.id, 1.0)
    running.send('{"do":"wake"}')
    endpoint.await_posts(2)
    assert running.end() == 0


class Faulty:
    """A follower that fails so at its first ticks, and then no more."""

    def __init__(self, faults: Iterable[str]) -> None:
        self._faults = iter(faults)

    def tick(self) -> None:
        fault = next(self._faults, "")
        if fault:
            raise ValueError(fault)

    def stop(self, seconds: float) -> None: ...


class Ticking:
    """One without a fault."""

    def __init__(self) -> None:
        self.ticks = 0

    def tick(self) -> None:
        self.ticks += 1

    def stop(self, seconds: float) -> None: ...


def test_a_follower_with_a_fault_stops_no_other_and_each_fault_is_told_once(
    desk: Any, wait_for: Any, caplog: pytest.LogCaptureFixture
) -> None:
    worker = worker_module.Worker(desk.folder, lambda line: None, is_dispatching=False)
    other = Ticking()
    worker._followers[:0] = [Faulty(["full", "full", "locked"]), other]
    worker.start()
    try:
        wait_for(lambda: other.ticks >= 5)
    finally:
        worker.stop()
    told = [record for record in caplog.records if record.name == worker_module.log.name]
    faults = [str(record.exc_info[1]) if record.exc_info else "" for record in told]
    assert [record.getMessage() for record in told] == ["Faulty failed", "Faulty failed", "Faulty goes on"]
    assert faults == ["full", "locked", ""]


def test_a_mail_that_ends_the_worker_twice_is_set_aside_and_the_rest_goes_on(
    desk: Any, make_endpoint: Any, filter_to: Any, start_worker: StartWorker, wait_for: Any
) -> None:
    endpoint = make_endpoint()
    desk.apply(filter_to(endpoint.url))
    desk.receive(3)
    desk.receive(1, octets=HEAVY)
    desk.receive(3)
    for _ in range(2):
        running = start_worker()
        kill_while_reading(running, desk.folder, 4)
    running = start_worker()
    wait_for(lambda: running.said and (said := running.said[-1])["set_aside"] == 1 and said["indexed"] == 7, 30)
    wait_for(lambda: not running.said[-1]["waiting"], 30)
    states = {delivery.mail_id: delivery.state for delivery in desk.deliveries()}
    assert states == {4: "given_up"} | dict.fromkeys((1, 2, 3, 5, 6, 7), "delivered")
    assert running.end() == 0

    with MailLog(paths.mail_db(desk.folder)) as log, transaction(desk.engine) as session:
        [one] = list_set_aside(session, log.log_id)
        assert (one.mail_id, one.strikes) == (4, 2)
        assert ask_again(session, log.log_id, 4)
    running = start_worker()
    wait_for(lambda: {delivery.state for delivery in desk.deliveries()} == {"delivered"}, 30)
    assert running.end() == 0


def kill_while_reading(running: Running, folder: Path, mail_id: int) -> None:
    """SIGKILL as soon as its note says that the webhooks' reader has that mail; not while the life before still says
    so."""
    for is_so in (False, True):
        while (read_note(folder) == (mail_id, b"webhooks")) is not is_so:
            assert running.process.poll() is None
    running.kill()


def read_note(folder: Path) -> tuple[int, bytes]:
    """Which mail is being read, and by what."""
    note = paths.reading_note(folder)
    octets = note.read_bytes() if note.exists() else b""
    return int.from_bytes(octets[:8], "little"), octets[48:].rstrip(b"\0")
