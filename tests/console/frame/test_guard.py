"""The guard: Host, launch token, session, bearer token, origin, CSRF, policy."""

import http.client
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cmcdesk.console.frame import guard
from cmcdesk.console.frame.guard import CODES_PATH, CONTENT_SECURITY_POLICY, MOST, OneTimeCodes

from ...conftest import StartServe
from ..conftest import Console

PAGES = ("/", "/compositions", "/mails", "/monitor", "/simulator", "/stream", "/api/v1/status", "/openapi.json", "/no")


@pytest.fixture
def stranger(console: Console) -> FlaskClient:
    """A client without a session."""
    return console.desk.app.test_client()


@pytest.mark.parametrize("path", PAGES)
def test_without_session_every_page_is_locked(console: Console, stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path, base_url=console.base).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:80"])
def test_a_foreign_host_is_misdirected(console: Console, host: str) -> None:
    assert console.get("/compositions", Host=host).status_code == 421


def test_localhost_with_the_port_is_ours(console: Console) -> None:
    port = console.base.rpartition(":")[2]
    local = {"base_url": f"http://localhost:{port}"}
    assert console.client.get("/about", **local).status_code == 401  # its own cookie, and none yet
    assert console.client.get(f"/?token={console.token}", **local).status_code == 302
    assert console.client.get("/about", **local).status_code == 200


def test_the_launch_link_opens_and_leaves_the_address_clean(console: Console, stranger: FlaskClient) -> None:
    answer = stranger.get(f"/mails?token={console.token}", base_url=console.base)
    assert (answer.status_code, answer.location) == (302, "/mails")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert cookie.startswith(f"cmcdesk_{console.base.rpartition(':')[2]}=")
    assert stranger.get("/mails", base_url=console.base).status_code == 200


def test_a_wrong_token_opens_nothing(console: Console, stranger: FlaskClient) -> None:
    answer = stranger.get("/mails?token=wrong", base_url=console.base)
    assert answer.status_code == 401 and "Set-Cookie" not in answer.headers


def test_a_code_opens_once_and_leaves_the_address_clean(console: Console, stranger: FlaskClient) -> None:
    link = console.desk.make_opening_url().removeprefix(console.base)
    answer = stranger.get(link, base_url=console.base)
    assert (answer.status_code, answer.location) == (302, "/") and console.token not in link
    assert stranger.get("/about", base_url=console.base).status_code == 200
    again = console.desk.app.test_client()
    assert again.get(link, base_url=console.base).status_code == 401
    assert stranger.get(link, base_url=console.base).status_code == 302  # who is signed in already stays so


def test_a_second_start_gets_a_code_for_the_token_alone(console: Console, stranger: FlaskClient) -> None:
    assert stranger.post(CODES_PATH, base_url=console.base).status_code == 401
    headers = {"Authorization": f"Bearer {console.token}"}
    told = stranger.post(CODES_PATH, base_url=console.base, headers=headers)
    assert told.status_code == 201 and told.json["url"].startswith(f"{console.base}/?code=")
    assert stranger.get(told.json["url"].removeprefix(console.base), base_url=console.base).status_code == 302


@pytest.mark.parametrize("host", [b"", b"Host:\r\n", b"Host: \r\n"], ids=["none", "empty", "blank"])
def test_a_request_without_a_host_is_misdirected(console: Console, host: bytes) -> None:
    address = console.base.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=10) as client:
        head = f"Authorization: Bearer {console.token}\r\nConnection: close\r\n".encode()
        client.sendall(b"GET /api/v1/status HTTP/1.1\r\n" + host + head + b"\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 421")


@pytest.mark.parametrize("authorization", ["Bearer wrong", "Bearer ", "Basic Og==", ""])
def test_a_wrong_bearer_is_refused(console: Console, stranger: FlaskClient, authorization: str) -> None:
    headers = {"Authorization": authorization}
    assert stranger.get("/api/v1/status", base_url=console.base, headers=headers).status_code == 401


def test_the_bearer_opens_the_api_alone(console: Console, stranger: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {console.token}"}
    assert stranger.get("/api/v1/status", base_url=console.base, headers=headers).status_code == 200
    assert stranger.get("/mails", base_url=console.base, headers=headers).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {},
    ],
)
def test_forms_of_other_pages_are_refused(console: Console, headers: dict[str, str]) -> None:
    form = {"csrf_token": console.csrf, "language": "en"}
    answer = console.client.post("/language", base_url=console.base, data=form, headers=headers)
    assert answer.status_code == 403


def test_forms_need_the_sessions_own_csrf_token(console: Console) -> None:
    assert console.post("/language", {"language": "en"}, X_CSRFToken="x").status_code == 400
    assert console.post("/language", {"language": "en"}).status_code == 303
    console.post("/display", {"language": "", "time_zone": "Asia/Tokyo", "theme": "auto"})


def test_the_api_takes_the_cookie_too_but_then_needs_csrf(console: Console) -> None:
    assert console.get("/api/v1/status").status_code == 200
    bare = console.client.delete("/api/v1/mails", base_url=console.base, headers={"Sec-Fetch-Site": "same-origin"})
    assert bare.status_code == 400


def test_every_answer_carries_the_policy(console: Console, stranger: FlaskClient) -> None:
    for answer in (console.get("/about"), stranger.get("/mails", base_url=console.base), console.get("/nothing")):
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe" not in CONTENT_SECURITY_POLICY and "default-src 'none'" in CONTENT_SECURITY_POLICY


def ask(address: str, path: str, token: str = "", **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers of one request of a program; headers with _ for -."""
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        spelled["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection(*address.rsplit(":", 1), timeout=30)
    connection.request(spelled.pop("Method", "GET"), path, headers=spelled)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders())


def test_on_another_address_the_console_still_demands_token_host_and_origin(
    start_serve: StartServe, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A wildcard address is what a container binds; the names are those of its port on other machines."""
    served = start_serve(
        "--console-bind", "0.0.0.0", "--allow-host", "Desk.example", "--allow-host", "mapped.test:9000"
    )
    token, port = served.note["token"], served.base.rpartition(":")[2].rstrip("/")
    assert served.base.startswith("http://127.0.0.1:")
    place = f"127.0.0.2:{port}"
    path = "/api/v1/status"
    assert ask(place, path, Host=f"desk.example:{port}")[0] == 401
    for host in (f"desk.example:{port}", f"DESK.example:{port}", "mapped.test:9000", f"localhost:{port}"):
        assert ask(place, path, token, Host=host)[0] == 200, host
    for host in ("evil.example", f"evil.example:{port}", "desk.example:1", f"mapped.test:{port}", f"127.0.0.2:{port}"):
        assert ask(place, path, token, Host=host)[0] == 421, host
    status, headers = ask(place, f"/?token={token}", Host=f"desk.example:{port}")
    assert status == 302
    page = {"Host": f"desk.example:{port}", "Cookie": headers["Set-Cookie"].partition(";")[0]}
    assert ask(place, "/mails", **page)[0] == 200
    for origin in ("http://evil.example", f"http://localhost:{port}"):
        assert ask(place, "/language", Method="POST", Origin=origin, **page)[0] == 403
    assert served.stop() == 0
    told = capfd.readouterr().err
    assert "other machines may reach it" in told and "still demands its token" in told and token not in told


@pytest.mark.parametrize(("address", "why"), [("desk.example", "no IP address"), ("192.0.2.77", "no such address")])
def test_an_address_that_is_none_of_this_machine_is_told(tmp_path: Path, address: str, why: str) -> None:
    command = [sys.executable, "-m", "cmcdesk", "serve", "--data-dir", str(tmp_path), "--console-bind", address]
    done = subprocess.run([*command, "--port", "0"], capture_output=True, text=True, timeout=60)
    assert done.returncode in (1, 2) and why in done.stderr and "Traceback" not in done.stderr


def test_a_code_is_good_once() -> None:
    given = OneTimeCodes()
    first, second = given.issue(), given.issue()
    assert first != second and len(first) > 40
    assert [given.redeem(code) for code in (first, first, "", "x", second)] == [True, False, False, False, True]


def test_a_code_is_good_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(guard.time, "monotonic", lambda: now[0])
    given = OneTimeCodes()
    early, late = given.issue(), given.issue()
    now[0] += 59.9
    assert given.redeem(early)
    now[0] += 0.2
    assert not given.redeem(late)


def test_only_so_many_wait() -> None:
    given = OneTimeCodes()
    all_of_them = [given.issue() for _ in range(MOST + 1)]
    assert not given.redeem(all_of_them[0]) and given.redeem(all_of_them[1])
