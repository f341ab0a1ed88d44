import http.client
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.processes import tls_end
from cmcdesk.processes.certificates import read_ca_certificate
from cmcdesk.processes.tls_end import TlsEnd
from cmcdesk.processes.webserver import PortInUse, WebServer, bind_port


def say_who(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['wsgi.url_scheme']} {environ['REMOTE_ADDR']} {len(body)}".encode()]


@pytest.fixture
def end(tmp_path: Path) -> Iterator[TlsEnd]:
    end = TlsEnd(bind_port(0), tmp_path)
    server = WebServer(end.wrap(say_who), bind_port(0))
    server.start()
    end.start(("127.0.0.1", server.port))
    yield end
    end.stop()
    server.stop()


def connect(end: TlsEnd, folder: Path, name: str = "pro.smtps.jp", source: str = "127.0.0.1") -> ssl.SSLSocket:
    context = ssl.create_default_context(cadata=read_ca_certificate(folder).decode())
    plain = socket.create_connection(("127.0.0.1", end.port), 10, source_address=(source, 0))
    return context.wrap_socket(plain, server_hostname=name)


def ask(end: TlsEnd, folder: Path, body: bytes = b"", **more: str) -> str:
    client = http.client.HTTPConnection("pro.smtps.jp")
    client.sock = connect(end, folder, **more)
    with closing(client):
        client.request("POST", "/", body)
        return client.getresponse().read().decode()


@pytest.mark.parametrize("name", ["api.smtps.jp", "te.smtps.jp", "localhost"])
def test_its_certificate_is_of_the_own_authority_for_cmcs_names(end: TlsEnd, tmp_path: Path, name: str) -> None:
    assert ask(end, tmp_path, name=name) == "https 127.0.0.1 0"


def test_the_application_learns_who_asks_and_gets_every_octet(end: TlsEnd, tmp_path: Path) -> None:
    assert ask(end, tmp_path, b"x" * 3_000_000, source="127.0.0.5") == "https 127.0.0.5 3000000"
    assert not end._peers or ask(end, tmp_path) == "https 127.0.0.1 0"


def test_who_speaks_no_tls_is_let_go_and_others_are_served(
    end: TlsEnd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_for: Callable[..., Any]
) -> None:
    with socket.create_connection(("127.0.0.1", end.port), 10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while plain.recv(100):  # perhaps an alert
            pass
    monkeypatch.setattr(tls_end, "MOST_OPEN", 1)
    with connect(end, tmp_path):
        wait_for(lambda: end._peers)
        with connect(end, tmp_path) as second:
            assert second.recv(1) == b""
    wait_for(lambda: not end._peers)
    assert ask(end, tmp_path).startswith("https")


def test_a_port_that_is_taken_is_told_with_its_own_option() -> None:
    told = "--api-tls-port 0: any free one"
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse, match=told):
        bind_port(taken.getsockname()[1], option="--api-tls-port")


def test_one_that_was_never_started_is_stopped(tmp_path: Path) -> None:
    TlsEnd(bind_port(0), tmp_path).stop()
