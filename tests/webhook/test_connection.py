"""The deadline over a whole exchange, over TLS too. What it does to attempts is in test_courier.py."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from cmcdesk.webhook.connection import DeadlineReader, TimedAdapter, set_time_left
from cmcdesk.webhook.courier import Courier
from cmcdesk.webhook.payload import Payload
from cmcdesk.webhook.target import Target


def test_time_left_is_set_or_over() -> None:
    with socket.socket() as one:
        set_time_left(one, time.monotonic() + 5)
        assert 4 < (one.gettimeout() or 0) <= 5
        with pytest.raises(TimeoutError):
            set_time_left(one, time.monotonic() - 1)


def test_a_reader_ends_at_its_deadline_though_octets_keep_coming() -> None:
    ours, theirs = socket.socketpair()
    stopped = threading.Event()

    def drip() -> None:
        while not stopped.wait(0.005):
            theirs.send(b".")

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(TimeoutError), DeadlineReader(ours, time.monotonic() + 0.2) as reader:
        while True:
            reader.read(1)
    stopped.set()
    thread.join()
    ours.close()
    theirs.close()


@dataclass
class TlsServer:
    url: str
    certificate: Path


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[TlsServer]:
    """Answers 200 to any request, with a certificate that nobody vouches for; "/slow" gets no answer."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve_tls, args=(listener, context), daemon=True)
    thread.start()
    yield TlsServer(f"https://localhost:{listener.getsockname()[1]}", certificate)
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def serve_tls(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(plain, server_side=True) as one:
                seen = b""
                while not seen.endswith(b"\r\n\r\nx") or b"/slow" in seen:
                    octets = one.recv(65536)
                    if not octets:  # the client gave up
                        break
                    seen += octets
                else:
                    one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        except OSError:
            pass


def make_session(certificate: Path, seconds: float) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = str(certificate)
    session.mount("https://", TimedAdapter(seconds))
    return session


def test_the_deadline_holds_over_tls(tls_server: TlsServer) -> None:
    with make_session(tls_server.certificate, 0.5) as session:
        assert session.post(f"{tls_server.url}/", data=b"x").text == "ok"
        with pytest.raises(requests.ReadTimeout):
            session.post(f"{tls_server.url}/slow", data=b"x" * 65536)


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(tls_server: TlsServer) -> None:
    courier = Courier(seconds=5)
    done = courier.attempt(Target(tls_server.url, "json"), "abc-1", Payload("application/json", b"{}", b"{}"))
    courier.close()
    assert (done.outcome, done.status) == ("transient", None)
    assert done.error is not None and done.error.startswith("TLS: ") and "CERTIFICATE_VERIFY_FAILED" in done.error


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["169.254.169.254"]])
def test_a_public_name_that_leads_elsewhere_gets_not_one_octet(
    monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> None:
    """DNS rebinding: what the name said when it was looked at does not count, but what was connected to."""
    looked_up = iter([*answers, *answers[-1:] * 10])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        port = listener.getsockname()[1]

        def resolve(host: str, *_: object, **__: object) -> list[object]:
            assert host == "public.example.com"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(looked_up), port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        target = Target(f"https://public.example.com:{port}/hook", "json")
        courier = Courier(seconds=5)
        attempted = courier.attempt(target, "x-1", Payload("application/json", b"{}", b"{}"))
        courier.close()
        monkeypatch.undo()
        assert attempted.status is None and "public.example.com" in str(attempted.error)
        assert "not listed" in str(attempted.error) or "link-local" in str(attempted.error)
        if len(answers) == 2:  # it was connected to, and closed again
            with listener.accept()[0] as connected:
                assert connected.recv(10) == b""
