"""The CLI's way to the running console: a real HTTP server that answers as the API does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.commands.running_console import ConsoleRefused, NotRunning, find_console
from cmcdesk.processes.instance import write_private


class Console(ThreadingHTTPServer):
    """Notes what it is asked and gives `answer`: (HTTP status, octets)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.answer: tuple[int, bytes] = (200, b'{"revision": 4}')

    def publish(self, folder: Path) -> None:
        note = {"url": f"http://127.0.0.1:{self.server_port}/?token=T", "token": "T", "pid": 1}
        write_private(folder / "instance.json", json.dumps(note))


class Handler(BaseHTTPRequestHandler):
    server: Console

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, self.headers["Authorization"], self.headers["Accept-Language"]))
        status, octets = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    with Console() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        server.publish(tmp_path)
        yield server
        server.shutdown()


def test_apply_asks_for_that_composition_with_the_token(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # must not be used
    assert find_console(tmp_path, "ja").apply("会社 1") == 4
    path = "/api/v1/compositions/%E4%BC%9A%E7%A4%BE%201/apply"
    assert console.asked == [(path, "Bearer T", "ja")]


def test_errors_come_as_lines(console: Console, tmp_path: Path) -> None:
    console.answer = (409, '{"errors": [{"field": "subdomain", "given": "", "message": "使えません"}]}'.encode())
    with pytest.raises(ConsoleRefused) as refused:
        find_console(tmp_path, "ja").apply("pro")
    assert refused.value.lines == ["subdomain: 使えません"]


@pytest.mark.parametrize("octets", [b"", b"<html>", b"[]", b'{"errors": 5}', b'{"errors": [1]}'])
def test_an_answer_that_is_no_json_is_told_by_its_status(console: Console, tmp_path: Path, octets: bytes) -> None:
    console.answer = (502, octets)
    with pytest.raises(ConsoleRefused) as refused:
        find_console(tmp_path, "en").apply("pro")
    assert refused.value.lines == ["HTTP 502 Bad Gateway"]


def test_no_note_means_not_running(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="not running"):
        find_console(tmp_path, "en")


def test_a_note_left_behind_means_not_running(console: Console, tmp_path: Path) -> None:
    found = find_console(tmp_path, "en")
    console.shutdown()
    console.server_close()
    with pytest.raises(NotRunning):
        found.apply("pro")
