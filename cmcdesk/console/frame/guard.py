"""Who may talk to the console: a page on 127.0.0.1 is reachable by every program and every web page of this machine.

Host allow-list with the port (DNS rebinding), launch token or one-time code → HttpOnly SameSite=Strict session cookie,
bearer token for the API, same-origin and CSRF checks on unsafe methods that come with a cookie, and a strict
Content-Security-Policy.

One-time codes open the console: what may be seen in a process list or a history is good once, for a minute.
"""

import hmac
import re
import secrets
import threading
import time
from collections.abc import Collection
from datetime import timedelta
from ipaddress import ip_address

from flask import Flask, Request, Response, abort, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_openapi3.openapi import OpenAPI
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from cmcdesk.console.frame.api_part import TOKEN
from cmcdesk.console.frame.api_shapes import COMMON, OpeningAddress
from cmcdesk.console.frame.current import current_services
from cmcdesk.store.desk.audit import API, CLI, CONSOLE, act_as

LIFETIME = 60.0  # seconds
MOST = 100  # waiting at a time; the oldest goes

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # "no-referrer" would turn the Origin of our own form posts into "null"
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
# CMC's own API: its clients send `Host: api.smtps.jp` and api_user and api_key with each call; nothing else is exempt.
CMC_BLUEPRINT = "cmc"
# /healthz and /metrics, which tell nothing of a mail: no session, but the Host is checked, and /metrics is told to this
# machine alone, or for the token.
PROBES_BLUEPRINT = "probes"
HEALTH_PATH, METRICS_PATH = "/healthz", "/metrics"
KEYS = {"token", "code"}  # of the launch link
CLI_AGENT = "cmcdesk-cli"
SIGNED_IN = timedelta(days=30)
HAS_PORT = re.compile(r":\d+$")
CODES_PATH = "/api/v1/window/codes"


class OneTimeCodes:
    """Codes that were given out and not yet exchanged."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def issue(self) -> str:
        """A new code."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._until[code] = time.monotonic() + LIFETIME
            while len(self._until) > MOST:
                del self._until[next(iter(self._until))]
        return code

    def redeem(self, code: str) -> bool:
        """Whether it is good; it never is again."""
        with self._lock:
            until = self._until.pop(code, 0.0)
        return time.monotonic() < until


class SessionPerPort(SecureCookieSessionInterface):
    """Cookies carry no port: two consoles on one machine share a jar, so the name carries it."""

    def get_cookie_name(self, app: Flask) -> str:
        """The name of the session cookie of the console on this port."""
        return f"cmcdesk_{request.environ['SERVER_PORT']}"


def install_guard(app: OpenAPI, token: str, secret_key: bytes, hosts: Collection[str] = ()) -> OneTimeCodes:
    """Put the guard before every view of `app`; its one-time codes open a session too.

    `hosts`: more names that a browser may ask by. `token`: the launch token of the ready file; `secret_key`: signs the
    cookies, and outlives the program.
    """
    codes = OneTimeCodes()
    app.config.update(
        SECRET_KEY=secret_key,
        PERMANENT_SESSION_LIFETIME=SIGNED_IN,  # Flask takes no older cookie
        SESSION_COOKIE_SAMESITE="Strict",
        WTF_CSRF_CHECK_DEFAULT=False,  # checked here, since bearer requests carry none
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = SessionPerPort()
    csrf = CSRFProtect(app)

    @app.before_request
    def check() -> AnyResponse | None:
        act_as(_name_account(token))
        if request.blueprint == CMC_BLUEPRINT:
            return None
        if not request.headers.get("Host") or request.host.lower() not in _own_hosts(request, hosts):
            abort(421)  # without the header Flask would make one up that is ours
        if request.endpoint == "static" or _has_bearer(token) or _is_open_probe(request):
            return None
        if request.method == "GET" and KEYS & set(request.args):
            return _open_session(token, codes)
        if not session.get("open"):
            abort(401)
        if request.method not in SAFE_METHODS:
            _check_origin()
            csrf.protect()
        return None

    @app.after_request
    def add_headers(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.update(HEADERS)
        return answer

    @app.post(CODES_PATH, responses={201: OpeningAddress, **COMMON}, security=[{TOKEN: []}])
    def issue_code() -> tuple[OpeningAddress, int]:
        """For a second start, which holds the token: the address to open a browser with."""
        return OpeningAddress(url=f"{request.host_url}?code={codes.issue()}"), 201

    return codes


def _own_hosts(asked: Request, more: Collection[str]) -> set[str]:
    """Host values that are ours: waitress puts the port it really listens on into SERVER_PORT. A name that is given
    with a port stands for itself: ports may be mapped on the way here."""
    port = asked.environ["SERVER_PORT"]
    names = {*LOOPBACK_NAMES, *(name for name in more if not HAS_PORT.search(name))}
    hosts = {f"{name}:{port}" for name in names} | {name for name in more if HAS_PORT.search(name)}
    return hosts | names if port == "80" else hosts


def _has_bearer(token: str) -> bool:
    """Whether this is an API request that carries the token in its Authorization header."""
    if not request.path.startswith("/api/v1/") and request.path not in ("/openapi.json", METRICS_PATH):
        return False
    given = request.authorization
    return given is not None and given.type == "bearer" and _same(given.token or "", token)


def _is_open_probe(asked: Request) -> bool:
    """Whether anybody may ask this who gets here: health, and from this machine metrics."""
    if asked.blueprint != PROBES_BLUEPRINT:
        return False
    return asked.path == HEALTH_PATH or is_of_this_machine(asked.remote_addr or "")


def is_of_this_machine(peer: str) -> bool:
    """Whether a client's address is a loopback one; an IPv4 one may come as IPv6."""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _open_session(token: str, codes: OneTimeCodes) -> AnyResponse:
    """The launch link: cookie, then the same address without its key, so that it stays out of history and Referer."""
    if "token" in request.args:
        is_good = _same(request.args["token"], token)
    else:
        is_good = session.get("open") or codes.redeem(request.args["code"])
    if not session.get("open") or not is_good:
        _note_login(is_good, "launch token" if "token" in request.args else "one-time code")
    if not is_good:
        abort(401)
    session["open"] = True
    return redirect(request.path)


def _note_login(is_good: bool, by: str) -> None:
    current_services().note_login(
        {
            "at": time.time(),
            "account": CONSOLE,
            "via": "console",
            "peer": request.remote_addr or "",
            "code": 302 if is_good else 401,
            "result": "success" if is_good else "failure",
            "reason": by if is_good else f"wrong {by}",
            "count": 1,
        }
    )


def _name_account(token: str) -> str:
    """Who acts, for the operation log: a command says that it is one, which nobody can prove who holds the token."""
    if not _has_bearer(token):
        return CONSOLE
    return CLI if (request.user_agent.string or "").startswith(CLI_AGENT) else API


def _check_origin() -> None:
    """Unsafe methods with a cookie must come from our own page (Fetch Metadata, else Origin)."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin") or origin not in (None, request.host_url.rstrip("/")):
        abort(403)
    if site is None and origin is None:
        abort(403)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
