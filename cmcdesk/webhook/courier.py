"""One HTTP attempt: send a payload to an endpoint and say what came of it. Never raises for what an endpoint does."""

import http.client
import os
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3

from cmcdesk import __version__
from cmcdesk.mail.mime.charsets import decode_octets
from cmcdesk.mail.mime.parameters import read_parameterized
from cmcdesk.rules.reach import Reach
from cmcdesk.rules.retry import Outcome, classify_status
from cmcdesk.rules.settings.errors import SECRET_MASK
from cmcdesk.webhook.connection import CONNECT_SECONDS, EXCHANGE_SECONDS, NotReachable, TimedAdapter
from cmcdesk.webhook.payload import Payload
from cmcdesk.webhook.target import Target

# CMC's reference: "the string HttpClient sends" (Apache's, formerly with its version). Ours says who really sends.
USER_AGENT = f"Apache-HttpClient/4.5 (cmcdesk/{__version__})"

DELIVERY_HEADER = "X-CMCDesk-Delivery"  # ours: the same in every attempt of one delivery

CA_VARIABLE = "REQUESTS_CA_BUNDLE"  # as requests itself knows it

ANSWER_KEPT = 2048  # characters of the answer in the log
ANSWER_READ = 65536  # octets read, so that the connection can be used again; a longer answer is cut off

STALE = (ConnectionResetError, BrokenPipeError, ConnectionAbortedError, ssl.SSLEOFError)


@dataclass(frozen=True, slots=True)
class Attempted:
    """What one attempt came to. status: None if there was no answer, then error says why; milliseconds: of the whole
    exchange; request: as sent, secrets masked, content cut; answer: the first octets of the answer's content;
    answer_headers: its status line and header lines."""

    outcome: Outcome
    status: int | None
    error: str | None
    milliseconds: int
    request: str
    answer: str
    answer_headers: str = ""


class Courier:
    """Keeps one connection to one endpoint alive between attempts. For one thread.

    No proxy, cookie or netrc of the environment, no redirect; certificates are checked, by a CA file of the desk's
    settings or of REQUESTS_CA_BUNDLE where there is one.
    """

    def __init__(self, seconds: float = EXCHANGE_SECONDS, ask_reach: Callable[[], Reach] = Reach) -> None:
        """ask_reach: where webhooks may go; asked before each attempt."""
        self._ask_reach = ask_reach
        self._seconds = seconds
        self._timeout = (min(CONNECT_SECONDS, seconds), seconds)
        self._session = requests.Session()
        self._go_by(ask_reach())

    def _go_by(self, reach: Reach) -> None:
        """From now on; a connection that was made before is not used again."""
        self._session.close()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = reach.ca_file or os.environ.get(CA_VARIABLE) or True
        adapter = TimedAdapter(self._seconds, reach)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._is_kept = False
        self._reach = reach

    def close(self) -> None:
        self._session.close()

    def attempt(self, target: Target, delivery_id: str, payload: Payload) -> Attempted:
        """Send once; again on a new connection if it was a kept one that the endpoint had closed in the meantime."""
        started = time.monotonic()
        try:
            request = prepare_request(target, delivery_id, payload)
        except (requests.RequestException, ValueError) as error:
            return Attempted("transient", None, f"cannot be sent: {error}", 0, "", "")
        reach = self._ask_reach()
        if reach != self._reach:
            self._go_by(reach)
        parts = urlsplit(target.endpoint)
        refusal = reach.refuse_host(parts.scheme, parts.hostname or "")
        status, error_text, answer, headers = (None, refusal, "", "") if refusal else self._exchange(request)
        milliseconds = round((time.monotonic() - started) * 1000)
        mask = target.mask
        return Attempted(
            outcome=classify_status(status),
            status=status,
            error=None if error_text is None else mask(error_text),
            milliseconds=milliseconds,
            request=describe_request(request, target, payload),
            answer=mask(answer)[:ANSWER_KEPT],
            answer_headers=mask(headers)[:ANSWER_KEPT],
        )

    def _exchange(self, request: requests.PreparedRequest) -> tuple[int | None, str | None, str, str]:
        """(status, what was wrong, beginning of the answer's content, its header lines)."""
        try:
            response = self._send(request)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, http.client.HTTPException) as error:
            self._is_kept = False
            return None, describe_failure(error), "", ""
        with response:
            answer, error_text = read_response_text(response)
        self._is_kept = error_text is None
        if 300 <= response.status_code < 400:
            error_text = f"redirects are not followed: Location {response.headers.get('Location', '(none)')}"
        return response.status_code, error_text, answer, describe_headers(response)

    def _send(self, request: requests.PreparedRequest) -> requests.Response:
        try:
            return self._session.send(request, allow_redirects=False, stream=True, timeout=self._timeout)
        except requests.ConnectionError as error:
            if not (self._is_kept and isinstance(find_root(error), STALE)):
                raise
        # RFC 9112 §9.3.1: a connection may close at any time between two requests. POST is safe to repeat here, since
        # the delivery header lets the receiver drop doubles.
        return self._session.send(request, allow_redirects=False, stream=True, timeout=self._timeout)


def prepare_request(target: Target, delivery_id: str, payload: Payload) -> requests.PreparedRequest:
    """The request with exactly the header fields that CMC's reference lists, and ours. Raises requests.RequestException
    or ValueError for an endpoint that is no URL."""
    headers = {
        "Content-Length": str(len(payload.octets)),
        "Content-Type": payload.content_type,
        "Host": write_host_field(target.endpoint),
        "Connection": "Keep-Alive",
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "gzip, deflate",
    }
    if target.authorization:
        headers["Authorization"] = target.authorization
    headers[DELIVERY_HEADER] = delivery_id
    request = requests.PreparedRequest()
    request.prepare(method="POST", url=target.endpoint, headers=headers, data=payload.octets)
    return request


def write_host_field(endpoint: str) -> str:
    """Host name with port, the default one too, as CMC sends it (`endpoint.example.com:443`)."""
    parts = urlsplit(endpoint)
    name = parts.hostname or ""
    if not name.isascii():
        name = name.encode("idna").decode()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def describe_headers(response: requests.Response) -> str:
    """The answer's status line and header lines."""
    lines = [f"{name}: {value}" for name, value in response.raw.headers.items()]
    return "\r\n".join([f"HTTP/1.1 {response.status_code} {response.reason or ''}".rstrip(), *lines])


def read_response_text(response: requests.Response) -> tuple[str, str | None]:
    """The beginning of the answer's content as text (more than is kept, so that no secret is cut in two before it is
    masked), and what was wrong with the rest (None: it came whole)."""
    content = b""
    error_text = None
    try:
        while len(content) <= ANSWER_READ:
            piece = response.raw.read(ANSWER_READ, decode_content=True)
            if not piece:
                break
            content += piece
        else:
            error_text = f"answer longer than {ANSWER_READ} octets, the rest was not read"
    except (urllib3.exceptions.HTTPError, OSError, http.client.HTTPException) as error:
        error_text = f"answer cut off: {describe_failure(error)}"
    content_type = read_parameterized(response.headers.get("Content-Type", "").encode("latin-1", "replace"))
    return decode_octets(content[:ANSWER_READ], content_type.parameters.get("charset", "")).text, error_text


def describe_request(request: requests.PreparedRequest, target: Target, payload: Payload) -> str:
    """The request as sent: line, header fields, first octets of the content; secrets masked."""
    shown = {**request.headers}
    if target.authorization:
        shown["Authorization"] = f"{target.authorization.partition(' ')[0]} {SECRET_MASK}"
    lines = [f"POST {request.path_url} HTTP/1.1", *(f"{name}: {value}" for name, value in shown.items())]
    return "\r\n".join(lines) + "\r\n\r\n" + payload.excerpt.decode("utf-8", "replace")


def describe_failure(error: BaseException) -> str:
    """Why there was no answer, in words for the log."""
    root = find_root(error)
    if isinstance(root, TimeoutError):
        return "timed out"
    if isinstance(root, http.client.RemoteDisconnected):
        return "the endpoint closed the connection without an answer"
    if isinstance(root, NotReachable):
        return str(root)
    if isinstance(root, ssl.SSLError):
        return f"TLS: {root}"
    if isinstance(root, OSError) and root.strerror:
        return root.strerror  # "Connection refused"; who sends webhooks need not know Python
    return f"{type(root).__name__}: {root}"


def find_root(error: BaseException) -> BaseException:
    """The first cause of what requests and urllib3 wrap."""
    seen = {id(error)}
    while True:
        inside = [error.__cause__, getattr(error, "reason", None), *error.args, error.__context__]
        cause = next((one for one in inside if isinstance(one, BaseException) and id(one) not in seen), None)
        if cause is None:
            return error
        seen.add(id(cause))
        error = cause
