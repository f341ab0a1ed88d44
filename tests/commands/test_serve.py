"""`cmcdesk serve` as its users meet it: a real process, real SMTP, real HTTP."""

import base64
import json
import os
import re
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

import pytest

StartServe = Callable[..., Any]
WaitFor = Callable[..., Any]

SETTINGS = """
[[composition]]
name = "shop"
plan = "pro"
subdomain = "shop"
[composition.receiving]
max_sessions = 20
interval_ms = 10
inbound_domains = ["form.example.com"]

[[composition]]
name = "sandbox"
plan = "standard"
[composition.receiving]
inbound_domains = ["form.example.org"]
"""
MAIL = b"From: a@example.com\r\nTo: info@form.example.com\r\nSubject: hello\r\n\r\n\xe3\x81\x82\r\n..dots\r\n"


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("settings") / "settings.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def fresh(start_shared_serve: StartServe) -> Any:
    """A fresh installation, with the switches of benches."""
    return start_shared_serve("--without-interval", "--without-dispatch", "--listen", "sandbox=127.0.0.77:0")


@pytest.fixture(scope="module")
def shop(start_shared_serve: StartServe, settings_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One with the settings above."""
    return start_shared_serve("--settings", str(settings_file), folder=tmp_path_factory.mktemp("shop"))


def split_place(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    return host, int(port)


def send_mail(place: tuple[str, int], recipient: str = "info@form.example.com") -> None:
    with smtplib.SMTP(*place, timeout=30) as session:
        session.sendmail("a@example.com", [recipient], MAIL)


def run_cmcdesk(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "cmcdesk", *arguments], capture_output=True, timeout=60)


def test_the_ready_file_says_where_everything_is(shop: Any) -> None:
    note = shop.note
    assert set(note) == {"url", "token", "pid", "compositions", "api_tls"}
    assert note["pid"] == shop.process.pid
    assert note["url"].endswith(f"/?token={note['token']}") and ":0/" not in note["url"]
    relays = {entry["name"]: split_place(entry["relay"]) for entry in note["compositions"]}
    assert {name: host for name, (host, _port) in relays.items()} == {"shop": "127.0.0.1", "sandbox": "127.0.0.2"}
    assert [shop.receiving(name)[0] for name in ("shop", "sandbox")] == ["127.0.0.1", "127.0.0.2"]
    for name in ("shop", "sandbox"):
        for place in (shop.receiving(name), relays[name]):
            with smtplib.SMTP(*place, timeout=30) as session:
                assert session.noop()[0] == 250


def test_pages_open_with_the_token_alone(fresh: Any) -> None:
    direct = build_opener(ProxyHandler({}))
    for path in ("", "api/v1/status", "?token=wrong"):
        with pytest.raises(HTTPError) as refused:
            direct.open(fresh.base + path, timeout=30)
        assert refused.value.code == 401
        refused.value.close()
    with_cookie = build_opener(ProxyHandler({}), HTTPCookieProcessor())
    with with_cookie.open(fresh.note["url"], timeout=30) as page:
        assert page.status == 200 and "token=" not in page.url
        assert b"<html" in page.read()


def test_a_fresh_installation_has_its_three_compositions_applied(fresh: Any) -> None:
    compositions = fresh.get("compositions")["compositions"]
    assert [(entry["name"], entry["plan"], entry["state"]) for entry in compositions] == [
        ("pro", "pro", "operating"),
        ("sandbox", "standard", "operating"),
        ("transactional-email", "standard", "operating"),
    ]


def test_a_mail_is_stored_and_the_commands_show_it(shop: Any) -> None:
    send_mail(shop.receiving("shop"))
    at = ("--data-dir", str(shop.folder))
    assert run_cmcdesk("mail", "list", "--count", *at).stdout == b"1\n"
    assert run_cmcdesk("mail", "raw", "1", *at).stdout == MAIL
    dumped = json.loads(run_cmcdesk("mail", "dump", *at).stdout)
    assert [base64.b64decode(octets) for octets in dumped] == [MAIL]
    assert shop.get("mails")["mails"][0]["subject"] == "hello"


def test_a_foreign_domain_is_refused(shop: Any) -> None:
    stored = shop.get("mails")["mails"]
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send_mail(shop.receiving("sandbox"), "info@form.example.com")
    code, text = refused.value.recipients["info@form.example.com"]
    assert (code, text[:6]) == (550, b"5.7.1 ")
    assert shop.get("mails")["mails"] == stored


def test_sigterm_drains_within_five_seconds_and_leaves_nobody(start_serve: StartServe, settings_file: Path) -> None:
    served = start_serve("--settings", str(settings_file))
    send_mail(served.receiving("shop"))
    children = served.children()
    idle = smtplib.SMTP(*served.receiving("shop"), timeout=30)
    idle.ehlo()
    began = time.monotonic()
    assert served.stop() == 0
    assert time.monotonic() - began < 5
    assert idle.getreply()[0] == 421
    idle.close()
    assert not served.survivors(children)
    assert not (served.folder / "instance.json").exists()


def test_sighup_ends_all_processes_as_sigterm_does(start_serve: StartServe, wait_for: WaitFor) -> None:
    served = start_serve()
    children = served.children()
    for pid in [*children, served.process.pid]:
        os.kill(pid, signal.SIGHUP)  # as the kernel does to all that a terminal began
    assert served.process.wait(5) == 0
    wait_for(lambda: not served.survivors(children))
    assert not (served.folder / "instance.json").exists()


def test_a_signal_ends_a_start_that_waits_for_the_mail_server(tmp_path: Path, wait_for: WaitFor) -> None:
    log = tmp_path / "log" / "mail_server.log"
    (tmp_path / "mail.db").symlink_to(tmp_path / "nowhere" / "mail.db")  # the mail server dies of it at each start
    command = [sys.executable, "-m", "cmcdesk", "serve", "--data-dir", str(tmp_path), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_for(lambda: log.exists() and b"unable to open database file" in log.read_bytes(), 30)
    began = time.monotonic()
    process.terminate()
    _out, errors = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert process.returncode == 0
    assert b"Traceback" not in errors and b"Error:" not in errors


def test_children_of_a_killed_console_end_by_themselves(start_serve: StartServe, wait_for: WaitFor) -> None:
    served = start_serve()
    children = served.children()
    served.process.kill()
    wait_for(lambda: not served.survivors(children))


def test_a_world_that_runs_is_used_and_an_own_one_comes_back(
    start_serve: StartServe, tmp_path: Path, wait_for: WaitFor
) -> None:
    ready = tmp_path / "world.json"
    command = [sys.executable, "-m", "simulator", "world", "up", "--ready-file", str(ready), "--controlled"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as world:
        wait_for(ready.exists, 30)
        served = start_serve("--world", str(ready))
        told = served.get("world")
        assert (told["state"], told["own"]) == ("running", False)
        assert told["resolver"] == json.loads(ready.read_text())["resolver"]
        assert told["forwards"]["127.0.0.1"] == served.receiving("pro")[1]
        assert json.loads((served.folder / "world.json").read_text())["forwards"] == told["forwards"]
        assert served.stop() == 0 and not (served.folder / "world.json").exists() and world.poll() is None
        world.kill()
    desk = sqlite3.connect(served.folder / "desk.db")
    desk.execute("INSERT INTO desk_setting VALUES ('world', '{\"on\": true, \"speed\": 10}')")
    desk.commit()
    desk.close()
    again = start_serve(folder=served.folder)
    told = wait_for(lambda: (found := again.get("world"))["state"] == "running" and found, 30)
    assert (told["own"], told["speed"]) == (True, 10)
    again.process.kill()  # its world hears of it by its standard input
    wait_for(lambda: not is_taken(told["resolver"]))


def is_taken(place: str) -> bool:
    host, _, port = place.rpartition(":")
    with socket.socket() as asking:
        return asking.connect_ex((host, int(port))) == 0


def test_after_a_kill_the_next_start_takes_over_the_port(start_serve: StartServe, settings_file: Path) -> None:
    served = start_serve("--settings", str(settings_file))
    host, port = served.receiving("shop")
    busy = smtplib.SMTP(host, port, timeout=30)  # what the old mail server drains
    busy.ehlo()
    served.process.kill()
    served.process.wait()
    again = start_serve(f"--listen=shop={host}:{port}", folder=served.folder)
    busy.close()
    assert again.receiving("shop") == (host, port)
    send_mail((host, port))
    assert run_cmcdesk("mail", "list", "--count", "--data-dir", str(served.folder)).stdout == b"1\n"


def test_a_killed_mail_server_is_back_at_the_same_place(
    start_serve: StartServe, settings_file: Path, wait_for: WaitFor
) -> None:
    served = start_serve("--settings", str(settings_file))
    killed = served.children()[0]
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        status = served.get("status")["mail_server"]
        return status["state"] == "operating" and status["pid"] not in (None, killed)  # None: dead, not yet noticed

    wait_for(is_back)
    send_mail(served.receiving("shop"))
    assert len(served.get("mails")["mails"]) == 1


def test_a_second_start_takes_up_what_was_applied(start_serve: StartServe, settings_file: Path) -> None:
    first = start_serve("--settings", str(settings_file))
    assert first.stop() == 0
    again = start_serve(folder=first.folder)
    assert [entry["name"] for entry in again.note["compositions"]] == ["shop", "sandbox"]
    assert [entry["applied_revision"] for entry in again.get("compositions")["compositions"]] == [1, 1]
    send_mail(again.receiving("shop"))


def test_settings_replace_all_compositions(start_serve: StartServe, settings_file: Path) -> None:
    first = start_serve()
    assert first.stop() == 0
    again = start_serve("--settings", str(settings_file), folder=first.folder)
    assert [entry["name"] for entry in again.get("compositions")["compositions"]] == ["shop", "sandbox"]
    send_mail(again.receiving("shop"))


def test_bad_settings_end_it_with_a_line_for_each_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(SETTINGS.replace("interval_ms = 10\n", "interval_ms = 5\n").replace("max_sessions", "max_session"))
    ended = run_cmcdesk("serve", "--data-dir", str(tmp_path / "data"), "--port", "0", "--settings", str(bad))
    assert ended.returncode == 2
    lines = ended.stderr.decode().splitlines()
    assert len(lines) == 2 and all(line.startswith(f"{bad}: composition[0].receiving.") for line in lines)
    assert any("interval_ms" in line for line in lines) and any("max_sessions" in line for line in lines)
    assert not (tmp_path / "data" / "desk.db").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--settings", "no-such-file.toml"), "No such file"),
        (("--listen", "pro=192.0.2.1:25"), "--allow-non-loopback"),
        (("--listen", "pro"), "NAME=HOST:PORT"),
        (("--port", "70000"), "--port"),
        (("--world", "no-such-file.json"), "no ready file of a world"),
    ],
)
def test_misuse_is_exit_code_2_and_named(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    ended = run_cmcdesk("serve", "--data-dir", str(tmp_path), *options)
    assert ended.returncode == 2 and told in ended.stderr.decode()


def test_a_taken_console_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run_cmcdesk("serve", "--data-dir", str(tmp_path), "--port", port)
    assert ended.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in ended.stderr.decode()


def test_a_taken_console_port_is_told_in_the_locales_language_with_who_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_cmcdesk("serve", "--data-dir", str(tmp_path), "--port", str(port))
    told = ended.stderr.decode()
    assert ended.returncode == 1
    assert f"127.0.0.1 のポート {port} は別のプログラム（" in told and f"pid {os.getpid()}" in told


STEAL = """
import socket, sys, time
while True:
    try:
        taken = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=1)
        break
    except OSError:
        time.sleep(0.001)
print("stolen", flush=True)
sys.stdin.read()
"""


def test_a_taken_receiver_port_stops_that_composition_alone_until_it_is_free(
    start_serve: StartServe, wait_for: WaitFor
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        served = start_serve("--listen", f"pro=127.0.0.1:{port}")
        places = {entry["name"]: entry["receiving"] for entry in served.note["compositions"]}
        assert places["pro"] is None and places["sandbox"] and places["transactional-email"]
        pro = served.get("compositions")["compositions"][0]
        assert pro["state"] == "not_receiving"
        assert f"127.0.0.1:{port}: このポートは" in pro["reason"] and "--listen pro=127.0.0.1:0" in pro["reason"]
        assert f"pid {os.getpid()}" in pro["reason"]
        assert "error while" not in pro["reason"]
    wait_for(lambda: served.get("compositions")["compositions"][0]["state"] != "not_receiving")
    assert served.get("compositions")["compositions"][0]["receiving"] == f"127.0.0.1:{port}"
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        assert smtp.noop()[0] == 250


def test_a_port_that_was_stolen_while_the_mail_server_was_down_is_not_called_operating(
    start_serve: StartServe, wait_for: WaitFor
) -> None:
    served = start_serve()
    host, port = served.receiving("pro")
    pid = served.get("status")["mail_server"]["pid"]
    thief = [sys.executable, "-c", STEAL, host, str(port)]
    with subprocess.Popen(thief, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stealing:
        os.kill(pid, signal.SIGKILL)
        assert stealing.stdout is not None and stealing.stdout.readline() == b"stolen\n"

        def is_told() -> bool:
            pro = served.get("compositions")["compositions"][0]
            return pro["state"] == "not_receiving" and f"pid {stealing.pid}" in pro["reason"]

        wait_for(is_told)
        assert served.get("status")["mail_server"]["state"] == "operating"
        stealing.communicate(b"")
    wait_for(lambda: served.get("compositions")["compositions"][0]["receiving"] == f"{host}:{port}")


def test_the_terminal_tells_where_mail_goes_and_when_that_changes(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = ["--data-dir", str(tmp_path), "--port", "0", "--listen", f"pro=127.0.0.1:{port}"]
        command = [sys.executable, "-m", "cmcdesk", "serve", *options, "--receiver-port", "0", "--relay-port", "0"]
        environment = os.environ | {"LC_ALL": "ja_JP.UTF-8"}
        serving = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, encoding="utf-8")
        assert serving.stdout is not None
        assert "?token=" in serving.stdout.readline()
        lines = [serving.stdout.readline() for _ in range(3)]
    assert lines[0].startswith("pro: 受信していません") and f"pid {os.getpid()}" in lines[0]
    relay = r"、リレー 127\.0\.0\.%d:\d+\n"
    assert re.fullmatch(r"sandbox: SMTP 127\.0\.0\.2:\d+" + relay % 2, lines[1])
    assert re.fullmatch(rf"pro: SMTP 127\.0\.0\.1:{port}" + relay % 1, serving.stdout.readline())
    serving.terminate()
    assert serving.communicate(timeout=20)[0] == "" and serving.returncode == 0


def test_listen_moves_one_composition(fresh: Any) -> None:
    assert fresh.receiving("sandbox")[0] == "127.0.0.77"
    assert fresh.receiving("transactional-email")[0] == "127.0.0.3"


def test_a_second_one_on_the_same_folder_is_told_about_the_first(fresh: Any) -> None:
    ended = run_cmcdesk("serve", "--data-dir", str(fresh.folder), "--port", "0")
    assert ended.returncode == 1
    told = ended.stderr.decode()
    assert f"process {fresh.process.pid}" in told and fresh.base in told and fresh.note["token"] not in told


def test_who_is_signed_in_stays_so_over_a_restart_and_the_old_launch_token_does_not(
    start_serve: StartServe,
) -> None:
    first = start_serve()
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor())
    browser.open(first.note["url"]).close()
    assert first.stop() == 0
    port = first.base.rpartition(":")[2].rstrip("/")
    second = start_serve("--port", port)
    with browser.open(f"{second.base}about") as page:
        assert page.status == 200
    with pytest.raises(HTTPError, match="401"):
        build_opener(ProxyHandler({})).open(first.note["url"])


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "desk.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.close()
    before = database.read_bytes()
    ended = run_cmcdesk("serve", "--data-dir", str(tmp_path), "--port", "0")
    assert ended.returncode == 1 and "newer" in ended.stderr.decode()
    assert "Traceback" not in ended.stderr.decode()
    assert database.read_bytes() == before


def test_the_switches_of_benches_are_told(fresh: Any) -> None:
    status = fresh.get("status")
    assert (status["without_interval"], status["without_dispatch"]) == (True, True)
