"""The supervisor, on real child processes that speak the pipe protocol."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.processes.flags import Flags
from cmcdesk.processes.supervisor import DOWN, MailServerUnavailable, Supervisor, keep_ports, supervise

WaitFor = Callable[..., Any]
PIPE_CHILD = Path(__file__).with_name("pipe_child.py")


def child_command(folder: Path) -> list[str]:
    folder.mkdir(exist_ok=True)
    return [sys.executable, str(PIPE_CHILD), str(folder)]


def lives(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "lives").read_text().splitlines()]


def composition(name: str, port: int = 10026, revision: int = 1) -> dict[str, Any]:
    return {
        "revision": revision,
        "host": "127.0.0.1",
        "port": port,
        "relay_port": 0,
        "smtp_users": {},
        "settings": {"name": name},
    }


def purge(mails: list[int]) -> Any:
    return {"do": "purge", "mails": mails}


def place(name: str, receiving: str | None, missing: Any = None) -> Any:
    nothing = {"receiving_tls": None, "tls_missing": None, "relay": None, "relay_missing": None}
    return {"name": name, "receiving": receiving, "missing": missing, **nothing}


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(child_command(tmp_path / "mail"), child_command(tmp_path / "work"), tmp_path / "log")
    supervisor.start()
    yield supervisor
    supervisor.stop()


def test_a_request_waits_for_the_mail_server_and_gets_its_answer(supervisor: Supervisor) -> None:
    assert supervisor.request(purge([1, 2, 3]))["purged"] == 3


def test_many_threads_get_each_their_own_answer(supervisor: Supervisor) -> None:
    answers: dict[int, int] = {}

    def ask(count: int) -> None:
        answers[count] = supervisor.request(purge(list(range(count))))["purged"]

    threads = [threading.Thread(target=ask, args=(count,)) for count in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {count: count for count in range(20)}


def test_apply_keeps_where_it_listens(supervisor: Supervisor) -> None:
    answer = supervisor.apply([composition("pro", port=0)])
    assert answer["ok"]
    assert supervisor.listening() == [place("pro", "127.0.0.1:40001")]


def test_places_that_the_mail_server_tells_later_are_taken_and_told(supervisor: Supervisor) -> None:
    supervisor.apply([composition("pro", port=0)])
    told: list[Any] = []
    supervisor.on_places(lambda: told.append(supervisor.listening()))
    taken = place("pro", None, {"reason": "in use", "fault": "in_use", "holder": "other, pid 7"})
    for _ in range(2):
        supervisor._hear_mail_server({"listening": [taken]})
    assert told == [[taken]] and supervisor.telemetry()["mail_server"]["receiving"] == {"pro": None}


def test_while_the_mail_server_is_not_there_nothing_receives(supervisor: Supervisor, wait_for: WaitFor) -> None:
    supervisor.apply([composition("pro", port=0)])
    supervisor.begin_stop()
    wait_for(lambda: supervisor.telemetry()["mail_server"]["state"] == "stopped")
    assert supervisor.listening() == [place("pro", None, DOWN)]


def test_a_restarted_mail_server_gets_the_acknowledged_set_first(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.apply([composition("pro", port=0)])
    assert not supervisor.apply([composition("pro", port=1, revision=2)])["ok"]  # refused: never sent again
    with pytest.raises(MailServerUnavailable, match="died"):
        supervisor.request({"do": "die"})
    assert supervisor.request(purge([7]))["purged"] == 1  # waits for the next life
    told = [fact for fact in lives(tmp_path / "mail") if "do" in fact]
    again, after = told[-2:]
    assert (again["do"], after["do"]) == ("apply", "purge")
    assert again["compositions"] == [composition("pro", port=40001)]  # and at the port it had


def test_an_apply_without_an_answer_is_withdrawn(
    wait_for: WaitFor, supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor.apply([composition("pro")])
    real = supervisor.request
    monkeypatch.setattr(supervisor, "request", lambda command: real(command, 0))
    with pytest.raises(MailServerUnavailable, match="within 0 s"):
        supervisor.apply([composition("pro", revision=2)])
    wait_for(lambda: lives(tmp_path / "mail")[-1].get("compositions") == [composition("pro")])


def test_no_answer_in_time_is_said_so(supervisor: Supervisor) -> None:
    supervisor.request(purge([]))
    with pytest.raises(MailServerUnavailable, match=r"did not answer 'mute' within 0\.05 s"):
        supervisor.request({"do": "mute"}, 0.05)


def test_nobody_waits_for_a_mail_server_that_does_not_come_up_when_a_stop_begins(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    failing = [sys.executable, "-c", "raise SystemExit(3)"]
    supervisor = Supervisor(failing, child_command(tmp_path / "work"), tmp_path / "log")
    supervisor.start()
    told: list[str] = []

    def ask() -> None:
        try:
            supervisor.wait_until_operating(60)
        except MailServerUnavailable as unavailable:
            told.append(str(unavailable))

    asking = threading.Thread(target=ask)
    asking.start()
    wait_for(lambda: supervisor.telemetry()["mail_server"]["state"] == "restarting")
    supervisor.begin_stop()
    asking.join(5)
    assert told == ["the mail server is stopped"]
    supervisor.stop()


def test_telemetry_and_states_of_both_are_told(wait_for: WaitFor, supervisor: Supervisor) -> None:
    told = threading.Event()
    supervisor.on_change(told.set)
    wait_for(lambda: supervisor.telemetry()["worker"]["state"] == "operating")
    supervisor.wake_worker()
    wait_for(lambda: supervisor.telemetry()["worker"].get("woken"))
    wait_for(lambda: supervisor.telemetry()["mail_server"]["state"] == "operating")
    assert told.is_set()
    telemetry = supervisor.telemetry()
    assert telemetry["mail_server"]["at"] == 1.5
    assert telemetry["worker"]["state"] == "operating"
    assert all(isinstance(telemetry[name]["pid"], int) for name in ("mail_server", "worker"))


def test_a_listener_that_fails_does_not_cut_the_mail_server_off(
    supervisor: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor.on_change(lambda: 1 // 0)  # type: ignore[arg-type, return-value]
    supervisor.apply([composition("pro")])
    assert supervisor.request(purge([1]))["purged"] == 1
    assert "a listener to the telemetry failed" in caplog.text


def test_a_dead_worker_is_restarted_and_the_page_could_say_so(wait_for: WaitFor, supervisor: Supervisor) -> None:
    states: list[str] = []
    supervisor.on_change(lambda: states.append(supervisor.telemetry()["worker"]["state"]))
    pid = wait_for(lambda: supervisor.telemetry()["worker"]["pid"])
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: supervisor.telemetry()["worker"]["pid"] not in (pid, None))
    wait_for(lambda: supervisor.telemetry()["worker"]["state"] == "operating")
    assert "restarting" in states


def test_after_stop_nobody_is_left_and_requests_say_so(tmp_path: Path) -> None:
    supervisor = Supervisor(child_command(tmp_path / "mail"), child_command(tmp_path / "work"), tmp_path / "log")
    supervisor.start()
    supervisor.request(purge([]))
    pids = [supervisor.telemetry()[name]["pid"] for name in ("mail_server", "worker")]
    supervisor.stop()
    for name in ("mail", "work"):
        assert "drained" in lives(tmp_path / name)[-1]
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(MailServerUnavailable, match="stopped"):
        supervisor.request(purge([]), 0.05)


OWNER = """
import sys, threading
from pathlib import Path
from cmcdesk.processes.supervisor import Supervisor
child, folder = sys.argv[1], Path(sys.argv[2])
commands = [[sys.executable, child, str(folder / name)] for name in ("mail", "work")]
supervisor = Supervisor(*commands, folder / "log")
both = threading.Event()
supervisor.on_change(
    lambda: all(part["state"] == "operating" for part in supervisor.telemetry().values()) and both.set()
)
supervisor.start()
both.wait(10)
print("up", flush=True)
sys.stdin.read()
"""


def test_children_of_a_killed_console_drain_and_end(wait_for: WaitFor, tmp_path: Path) -> None:
    for name in ("mail", "work"):
        child_command(tmp_path / name)
    command = [sys.executable, "-c", OWNER, str(PIPE_CHILD), str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None and owner.stdout.readline() == b"up\n"
        owner.kill()
    for name in ("mail", "work"):
        wait_for(lambda name=name: "drained" in lives(tmp_path / name)[-1])


def test_only_a_free_port_is_replaced_by_the_one_it_got() -> None:
    listening = [
        place("pro", "127.0.0.1:40001") | {"relay": "127.0.0.1:40002"},
        place("sandbox", None, DOWN),
    ]
    kept = keep_ports([composition("pro", 0), composition("sandbox", 10026)], listening)
    assert [(entry["port"], entry["relay_port"]) for entry in kept] == [(40001, 40002), (10026, 0)]


def test_the_real_children_get_the_folder_and_the_switches(tmp_path: Path) -> None:
    supervisor = supervise(tmp_path, Flags(without_interval=True, without_dispatch=True))
    assert supervisor._mail_server._command[1:] == [
        "-m", "cmcdesk.mailserver", "--data-dir", str(tmp_path), "--without-interval",
    ]  # fmt: skip
    assert supervisor._worker._command[1:] == [
        "-m", "cmcdesk.worker", "--data-dir", str(tmp_path), "--without-dispatch",
    ]  # fmt: skip
