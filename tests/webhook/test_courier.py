import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cmcdesk.webhook.courier import ANSWER_KEPT, Courier, write_host_field
from cmcdesk.webhook.payload import Payload
from cmcdesk.webhook.target import Target

PAYLOAD = Payload("application/json", b'{"filter":"f"}', b'{"filter":"f"}')


@pytest.fixture
def courier() -> Iterator[Courier]:
    one = Courier(seconds=1.0)
    yield one
    one.close()


def test_a_200_is_delivered_and_the_log_says_what_was_sent(courier: Courier, make_endpoint: Any) -> None:
    endpoint = make_endpoint()
    done = courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD)
    assert (done.outcome, done.status, done.error, done.answer) == ("delivered", 200, None, "ok")
    assert done.request.startswith("POST /hook HTTP/1.1\r\nContent-Length: 14\r\nContent-Type: application/json\r\n")
    assert done.request.endswith('X-CMCDesk-Delivery: abc-1\r\n\r\n{"filter":"f"}')
    assert done.milliseconds >= 0


def test_the_header_fields_are_those_of_the_reference_and_ours(courier: Courier, make_endpoint: Any) -> None:
    endpoint = make_endpoint()
    courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD)
    (seen,) = endpoint.received
    assert seen.header_names == [
        "Content-Length", "Content-Type", "Host", "Connection", "User-Agent", "Accept-Encoding", "X-CMCDesk-Delivery",
    ]  # fmt: skip
    assert seen.headers["Host"] == f"127.0.0.1:{endpoint.port}"
    assert seen.headers["Accept-Encoding"] == "gzip, deflate"
    assert seen.headers["Connection"] == "Keep-Alive"
    assert "HttpClient" in seen.headers["User-Agent"]
    assert "cmcdesk" in seen.headers["User-Agent"]
    assert seen.content == PAYLOAD.octets


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("https://endpoint.example.com/x", "endpoint.example.com:443"),
        ("http://localhost/x", "localhost:80"),
        ("http://[::1]:8080/x", "[::1]:8080"),
        ("https://日本.example/x", "xn--wgv71a.example:443"),
    ],
)
def test_the_host_field_always_has_a_port(endpoint: str, host: str) -> None:
    assert write_host_field(endpoint) == host


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(201, "delivered"), (204, "delivered"), (404, "transient"), (410, "permanent"), (500, "transient")],
)
def test_the_status_decides(
    courier: Courier, make_endpoint: Any, say: Callable[..., None], status: int, outcome: str
) -> None:
    endpoint = make_endpoint(lambda handler, _: say(handler, status, b"" if status == 204 else b"because"))
    done = courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD)
    assert (done.outcome, done.status) == (outcome, status)


def test_a_redirect_is_told_and_not_followed(courier: Courier, make_endpoint: Any, say: Callable[..., None]) -> None:
    endpoint = make_endpoint(lambda handler, _: say(handler, 302, b"", Location=endpoint.url + "/elsewhere"))
    done = courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD)
    assert (done.outcome, done.status) == ("transient", 302)
    assert done.error is not None and "/elsewhere" in done.error
    assert len(endpoint.received) == 1


@pytest.mark.parametrize(("charset", "codec"), [("Shift_JIS", "cp932"), ("utf-8", "utf-8"), ("", "euc_jp")])
def test_an_answer_is_kept_as_text_whatever_its_charset(
    courier: Courier, make_endpoint: Any, say: Callable[..., None], charset: str, codec: str
) -> None:
    text = "受け付けました"
    kind = f"text/plain; charset={charset}" if charset else "text/plain"
    endpoint = make_endpoint(lambda handler, _: say(handler, 200, text.encode(codec), **{"Content-Type": kind}))
    assert courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD).answer == text


@pytest.mark.parametrize("interim", [(100,), (102,), (103,), (102, 100, 103)])
def test_an_interim_answer_is_not_the_answer(courier: Courier, make_endpoint: Any, interim: tuple[int, ...]) -> None:
    """RFC 9110 §15.2: a client must be able to parse any number of them before the final one."""

    def behave(handler: Any, _: int) -> None:
        for status in interim:
            handler.wfile.write(b"HTTP/1.1 %d Interim\r\nLink: </style.css>\r\n\r\n" % status)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Final: yes\r\n\r\ndone")

    endpoint = make_endpoint(behave)
    for _ in range(2):
        done = courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD)
        assert (done.outcome, done.status, done.error, done.answer) == ("delivered", 200, None, "done")
        assert "X-Final: yes" in done.answer_headers and "Link" not in done.answer_headers
    assert len(endpoint.received) == 2 and len({one.connection for one in endpoint.received}) == 1


@pytest.mark.parametrize("status", [101, 103])
def test_interim_answers_alone_are_no_success(courier: Courier, make_endpoint: Any, status: int) -> None:
    endpoint = make_endpoint(lambda handler, _: handler.wfile.write(b"HTTP/1.1 %d Interim\r\n\r\n" % status * 200))
    assert courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD).outcome == "transient"


def test_a_refused_connection_is_transient_and_says_so(courier: Courier) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening
        done = courier.attempt(Target(f"http://127.0.0.1:{taken.getsockname()[1]}/", "json"), "abc-1", PAYLOAD)
    assert (done.outcome, done.status) == ("transient", None)
    assert done.error == "Connection refused"


def test_an_endpoint_that_is_no_url_is_told(courier: Courier) -> None:
    done = courier.attempt(Target("http://[", "json"), "abc-1", PAYLOAD)
    assert (done.outcome, done.status) == ("transient", None)
    assert done.error is not None and done.error.startswith("cannot be sent")


def test_silence_ends_at_the_deadline(make_endpoint: Any) -> None:
    courier = Courier(seconds=0.2)
    endpoint = make_endpoint(lambda handler, _: threading.Event().wait(3))
    done = courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD)
    courier.close()
    assert (done.outcome, done.error) == ("transient", "timed out")
    assert 150 <= done.milliseconds < 2000


def test_a_dripping_answer_ends_at_the_deadline_though_every_wait_is_short(make_endpoint: Any) -> None:
    def drip(handler: Any, _: int) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _tick in range(400):
            handler.wfile.write(b"x")
            threading.Event().wait(0.01)

    courier = Courier(seconds=0.3)
    endpoint = make_endpoint(drip)
    done = courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD)
    courier.close()
    assert (done.outcome, done.status, done.error) == ("transient", None, "timed out")
    assert done.milliseconds < 2000


def test_an_endless_answer_is_cut_and_the_status_counts(courier: Courier, make_endpoint: Any) -> None:
    def pour(handler: Any, _: int) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"more and more ")

    done = courier.attempt(Target(make_endpoint(pour).url, "json"), "abc-1", PAYLOAD)
    assert (done.outcome, done.status) == ("delivered", 200)
    assert len(done.answer) == ANSWER_KEPT
    assert done.error is not None and "longer than" in done.error


def test_a_compressed_bomb_is_cut(courier: Courier, make_endpoint: Any, say: Callable[..., None]) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    options = {"Content-Encoding": "gzip"}
    endpoint = make_endpoint(lambda handler, _: say(handler, 200, bomb, **options))
    done = courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD)
    assert (done.outcome, done.answer) == ("delivered", "0" * ANSWER_KEPT)


def test_hanging_up_on_a_new_connection_is_a_failed_attempt(courier: Courier, make_endpoint: Any) -> None:
    def hang_up(handler: Any, _: int) -> None:
        handler.close_connection = True

    endpoint = make_endpoint(hang_up)
    done = courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD)
    assert (done.outcome, done.status) == ("transient", None)
    assert done.error is not None and "without an answer" in done.error
    assert len(endpoint.received) == 1


def test_the_connection_is_kept_between_attempts(courier: Courier, make_endpoint: Any) -> None:
    endpoint = make_endpoint()
    for number in range(3):
        courier.attempt(Target(endpoint.url, "json"), f"abc-{number}", PAYLOAD)
    assert len({seen.connection for seen in endpoint.received}) == 1


def test_a_kept_connection_that_the_endpoint_closes_is_no_failed_attempt(
    courier: Courier, make_endpoint: Any, say: Callable[..., None]
) -> None:
    def close_kept(handler: Any, number: int) -> None:
        if number % 2:  # answer the first, take the second and hang up on it as an idle time-out would
            say(handler, 200)
        else:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)

    endpoint = make_endpoint(close_kept)
    target = Target(endpoint.url, "json")
    assert courier.attempt(target, "abc-1", PAYLOAD).outcome == "delivered"
    assert courier.attempt(target, "abc-2", PAYLOAD).outcome == "delivered"
    assert endpoint.delivery_ids() == ["abc-1", "abc-2", "abc-2"]


def test_cookies_are_not_carried_over(courier: Courier, make_endpoint: Any, say: Callable[..., None]) -> None:
    options = {"Set-Cookie": "session=1; Path=/"}
    endpoint = make_endpoint(lambda handler, _: say(handler, 200, b"ok", **options))
    for _ in range(2):
        courier.attempt(Target(endpoint.url, "json"), "abc-1", PAYLOAD)
    assert all("Cookie" not in seen.headers for seen in endpoint.received)


def test_secrets_are_sent_and_masked_in_the_log(courier: Courier, make_endpoint: Any, say: Callable[..., None]) -> None:
    endpoint = make_endpoint(lambda handler, _: say(handler, 500, str(handler.headers).encode() + b"geheim key-4711"))
    target = Target(endpoint.url, "json", api_key="key-4711", basic="user:geheim")
    done = courier.attempt(target, "abc-1", PAYLOAD)
    assert endpoint.received[0].headers["Authorization"] == "Basic dXNlcjpnZWhlaW0="
    assert "Authorization: Basic ********" in done.request
    for text in (done.request, done.answer, done.error or ""):
        for secret in ("geheim", "key-4711", "dXNlcjpnZWhlaW0="):
            assert secret not in text


def test_bearer(courier: Courier, make_endpoint: Any) -> None:
    endpoint = make_endpoint()
    done = courier.attempt(Target(endpoint.url, "json", bearer="tok"), "abc-1", PAYLOAD)
    assert endpoint.received[0].headers["Authorization"] == "Bearer tok"
    assert "Authorization: Bearer ********" in done.request
