"""The catcher over real HTTP."""

import http.client
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from cmcdesk.catcher import listener
from cmcdesk.catcher.listener import Catcher, Keeper
from cmcdesk.store.desk.catcher import Caught, insert_endpoint, list_caught
from cmcdesk.store.desk.database import open_desk, reading, transaction

from .conftest import Caughts

WaitFor = Callable[..., Any]


def test_what_comes_is_kept_as_it_came(caughts: Caughts, wait_for: WaitFor) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(f"{caughts.url}/hook?a=b", data=b"\x00\xffbody", headers={"X-A": "1"})
        assert (answer.status_code, answer.text) == (200, "caught\n")
        assert session.get(caughts.url).status_code == 200, "on the same connection"
    wait_for(lambda: len(caughts.list()) == 2)
    looked, posted = caughts.list()
    assert (posted.method, posted.path, posted.body, posted.answered) == ("POST", "/hook?a=b", b"\x00\xffbody", 200)
    assert ["X-A", "1"] in posted.headers and abs(posted.at - time.time()) < 60
    assert (looked.method, looked.path, looked.body) == ("GET", "", b"")
    assert caughts.told


@pytest.mark.parametrize("status", [204, 302, 404, 500, 599])
def test_it_answers_as_told(caughts: Caughts, wait_for: WaitFor, status: int) -> None:
    caughts.answer(str(status))
    assert requests.post(caughts.url, b"x", allow_redirects=False, timeout=10).status_code == status
    wait_for(lambda: [row.answered for row in caughts.list()] == [status])


def test_a_slow_one_answers_late_and_holds_nobody_else(caughts: Caughts, wait_for: WaitFor) -> None:
    caughts.answer("200@60")
    with pytest.raises(requests.ReadTimeout):
        requests.post(caughts.url, b"slow", timeout=0.3)
    caughts.answer("200@0.2")
    began = time.monotonic()
    assert requests.post(caughts.url, b"late", timeout=10).status_code == 200
    assert time.monotonic() - began >= 0.2
    wait_for(lambda: [row.body for row in caughts.list()] == [b"late", b"slow"])


def test_hanging_up_is_no_answer_and_is_kept(caughts: Caughts, wait_for: WaitFor) -> None:
    caughts.answer("hang_up")
    with pytest.raises(requests.ConnectionError):
        requests.post(caughts.url, b"x", timeout=10)
    wait_for(lambda: [row.answered for row in caughts.list()] == [0])


def test_strangers_and_foreign_names_get_nothing(caughts: Caughts) -> None:
    base = f"http://127.0.0.1:{caughts.port}"
    for path in ("/", "/x", "/stream", f"/x/{caughts.endpoint.token}", "/compositions"):
        assert requests.post(base + path, b"x", timeout=10).status_code == 404
    foreign = {"Host": f"rebound.example:{caughts.port}"}
    assert requests.post(caughts.url, b"x", headers=foreign, timeout=10).status_code == 421
    assert requests.options(caughts.url, timeout=10).status_code == 501, "no other page may ask whether it may post"
    assert caughts.list() == []


def talk(port: int, octets: bytes) -> bytes:
    """The answer to these octets, until the connection ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("line", "status"),
    [("Transfer-Encoding: chunked", 411), ("Content-Length: 33554433", 413), ("Content-Length: -1", 400)],
)
def test_a_body_without_a_bound_is_refused(caughts: Caughts, line: str, status: int) -> None:
    head = f"POST /{caughts.endpoint.token} HTTP/1.1\r\nHost: 127.0.0.1\r\n{line}\r\n\r\n"
    assert talk(caughts.port, head.encode()).startswith(f"HTTP/1.1 {status} ".encode())
    assert caughts.list() == []


def test_a_client_that_goes_in_the_middle_leaves_nothing(caughts: Caughts) -> None:
    head = f"POST /{caughts.endpoint.token} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nabc"
    assert talk(caughts.port, head.encode()) == b""
    assert caughts.list() == []


def test_it_listens_on_loopback_and_gives_way_where_its_port_is_taken(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        catcher = Catcher(engine, port, lambda: None)
        assert catcher.port not in (0, port)
        catcher.stop()
    assert listener.HOST == "127.0.0.1"
    engine.dispose()


def test_it_ends_at_once_though_answers_are_slow(tmp_path: Path, caughts: Caughts, wait_for: WaitFor) -> None:
    caughts.answer("200@100")
    other = Catcher(caughts.engine, 0, lambda: None)
    other.start()
    connection = http.client.HTTPConnection("127.0.0.1", other.port, timeout=10)
    connection.request("POST", f"/{caughts.endpoint.token}", b"x")
    wait_for(lambda: caughts.list())
    began = time.monotonic()
    other.stop()
    assert time.monotonic() - began < 3
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    connection.close()


def test_all_that_waits_is_one_commit_and_nothing_is_lost_at_the_end(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        endpoint = insert_endpoint(session, "one", 1.0)
    told: list[bool] = []
    keeper = Keeper(engine, lambda: told.append(True))
    for _ in range(40):
        keeper.put(Caught(endpoint.id, 4e9, "POST", "", (), b"", 200))
    keeper.start()
    keeper.stop()
    with reading(engine) as session:
        assert len(list_caught(session)) == 40
    assert len(told) == 1
    engine.dispose()


def test_a_database_that_cannot_be_written_does_not_end_it(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        endpoint = insert_endpoint(session, "one", 1.0)
    told: list[bool] = []
    keeper = Keeper(engine, lambda: told.append(True))
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE caught RENAME TO away")
        connection.commit()
    keeper.start()
    keeper.put(Caught(endpoint.id, 4e9, "POST", "", (), b"", 200))
    keeper.stop()
    assert told == [True], "the page is told all the same, the log says why"
    engine.dispose()
