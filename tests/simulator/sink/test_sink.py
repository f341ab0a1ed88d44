"""The sink, posted to by requests and http.client: programs that know nothing of it."""

import hashlib
import http.client
import time
from collections.abc import Iterator

import pytest
import requests

from simulator.sink.sink import Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


def received(sink: Sink, session: requests.Session, **asked: str) -> list[dict]:  # type: ignore[type-arg]
    answer = session.get(f"{sink.url}/_sink/received", params=asked)
    assert answer.status_code == 200
    found: list[dict] = answer.json()["received"]  # type: ignore[type-arg]
    return found


def test_a_multipart_post_is_shown_with_fields_and_files(sink: Sink, session: requests.Session) -> None:
    octets = bytes(range(256)) * 40
    session.post(
        f"{sink.url}/hook?a=1",
        data={"subject": "お問い合わせ", "envelope-to": "info@mailform.example.com"},
        files={"attachment1": ("見積書.pdf", octets, "application/pdf")},
        headers={"X-CMCDesk-Delivery": "abc-1"},
    )
    (one,) = received(sink, session, path="/hook")
    assert one["form"] == {"subject": "お問い合わせ", "envelope-to": "info@mailform.example.com"}
    (file,) = one["files"]
    assert (file["field"], file["filename"], file["content_type"]) == ("attachment1", "見積書.pdf", "application/pdf")
    assert file["sha256"] == hashlib.sha256(octets).hexdigest()
    assert ["X-CMCDesk-Delivery", "abc-1"] in one["headers"]
    assert (one["method"], one["query"], one["answered"], one["json"]) == ("POST", "a=1", 200, None)


def test_json_and_form_posts(sink: Sink, session: requests.Session) -> None:
    session.post(f"{sink.url}/json", json={"headers": [{"name": "To", "value": "<a@example.com>"}]})
    session.post(f"{sink.url}/form", data={"event": "{}", "twice": ["a", "b"]})
    first, second = received(sink, session)
    assert first["json"]["headers"][0]["name"] == "To"
    assert second["form"] == {"event": "{}", "twice": ["a", "b"]}
    assert received(sink, session, after=str(second["id"])) == []
    body = session.get(f"{sink.url}/_sink/received/{second['id']}")
    assert body.content == b"event=%7B%7D&twice=a&twice=b"


def test_it_behaves_as_told_per_path(sink: Sink, session: requests.Session) -> None:
    told = session.put(f"{sink.url}/_sink/behaviour", json={"/down": "500x2,200", "/moved": "redirect:/json"})
    assert told.status_code == 200
    assert [session.post(f"{sink.url}/down").status_code for _ in range(3)] == [500, 500, 200]
    moved = session.post(f"{sink.url}/moved", allow_redirects=False)
    assert (moved.status_code, moved.headers["Location"]) == (302, "/json")
    assert session.post(f"{sink.url}/other?sink=418").status_code == 418
    assert session.get(f"{sink.url}/_sink/counts").json()["/down"] == {"500": 2, "200": 1}
    session.delete(f"{sink.url}/_sink/behaviour")
    assert session.post(f"{sink.url}/moved", allow_redirects=False).status_code == 200


def test_it_hangs_up_and_is_slow(sink: Sink, session: requests.Session) -> None:
    with pytest.raises(requests.ConnectionError):
        session.post(f"{sink.url}/x?sink=hang-up")
    before = time.monotonic()
    assert session.post(f"{sink.url}/x?sink=slow:0.2").status_code == 200
    assert time.monotonic() - before >= 0.19
    assert [one["answered"] for one in received(sink, session)] == [0, 200]


@pytest.mark.parametrize("body", ['{"/a": "600"}', "[]", "no json"])
def test_bad_behaviour_is_refused_with_a_reason(sink: Sink, session: requests.Session, body: str) -> None:
    answer = session.put(f"{sink.url}/_sink/behaviour", data=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert session.get(f"{sink.url}/_sink/behaviour").json() == {}


def test_chunks_continue_and_pipelined_requests(sink: Sink, session: requests.Session) -> None:
    session.post(f"{sink.url}/chunks", data=iter([b"one ", b"two"]), headers={"Content-Type": "text/plain"})
    wire = http.client.HTTPConnection("127.0.0.1", sink.port, timeout=5)
    wire.connect()
    wire.sock.sendall(
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nAPOST /b HTTP/1.1\r\nContent-Length: 1\r\n\r\nB"
    )
    answers = b""
    while answers.count(b"HTTP/1.1 200 OK") < 2:
        answers += wire.sock.recv(4096)
    wire.close()
    bodies = [one.body for one in sink.inbox.list()]
    assert bodies == [b"one two", b"A", b"B"]


@pytest.mark.parametrize("octets", [b"nonsense\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -4\r\n\r\n"])
def test_what_is_no_request_is_answered_400(sink: Sink, octets: bytes) -> None:
    wire = http.client.HTTPConnection("127.0.0.1", sink.port, timeout=5)
    wire.connect()
    wire.sock.sendall(octets)
    assert wire.sock.recv(4096).startswith(b"HTTP/1.1 400 ")
    wire.close()


def test_a_taken_port_is_told(sink: Sink) -> None:
    with pytest.raises(OSError, match="address"):
        Sink(port=sink.port).start()
