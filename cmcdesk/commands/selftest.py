"""`cmcdesk --selftest`: the installed program, all of it, on a data folder of its own: settings are reflected, a bounce
and a form mail are sent by the simulator, the bounce is read and the webhook is seen. Nothing of the user's is touched.
"""

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import click

from cmcdesk import __version__
from cmcdesk.desk import Desk
from cmcdesk.processes.child import module_command
from cmcdesk.processes.placing import Placing
from cmcdesk.processes.terminal import in_locale
from cmcdesk.rules.texts import list_languages, tell
from cmcdesk.starting import DeskOptions, StartFailed
from cmcdesk.window.raising import can_show_window

NAME = "pro"
FORM_DOMAIN, RETURN_DOMAIN = "mailform.example.com", "return.example.com"
UNKNOWN_USER = 2  # CMC's error status of it
PATIENCE = 30.0  # seconds for each thing that another process has to do
Seen = TypeVar("Seen")
LOG_SHOWN = 2000  # octets of each log, where something failed


class StepFailed(Exception):
    """What did not come to pass, in the language of the locale."""


class WebhookSeen:
    """An endpoint on loopback that keeps the content of what was posted to it."""

    def __init__(self) -> None:
        self.posts: list[bytes] = []
        seen = self.posts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                seen.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/selftest"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()


class Asking:
    """The console, asked as another program would: over HTTP, with its token."""

    def __init__(self, url: str) -> None:
        self._base, _, self._token = url.partition("?token=")
        # loopback is no proxy's business; the token becomes the cookie of the pages
        self._open = build_opener(ProxyHandler({}), HTTPCookieProcessor()).open
        self._open(url, timeout=PATIENCE).close()

    def ask(self, method: str, path: str, body: object = None, language: str = "en") -> bytes:
        """The content of the answer. Raises StepFailed with what it says."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept-Language": language}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self._base + path, data, headers | {"Content-Type": "application/json"}, method=method)
        try:
            with self._open(request, timeout=PATIENCE) as answer:
                content: bytes = answer.read()
                return content
        except HTTPError as error:
            with error:
                told = error.read().decode(errors="replace")[:LOG_SHOWN]
            raise StepFailed(f"{method} /{path}: HTTP {error.code}\n{told}") from error

    def ask_json(self, method: str, path: str, body: object = None) -> Any:
        """The same of the own API, as JSON."""
        return json.loads(self.ask(method, f"api/v1/{path}", body))


def run_selftest() -> int:
    """Print each step as it is done; 0 when all went well, else 1 with the reason, and the data folder is kept."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="cmcdesk-selftest-"))
    click.echo(in_locale("cmcdesk %(version)s, self-test in %(folder)s", version=__version__, folder=folder))
    try:
        for done in walk(folder):
            click.echo(f"  ok  {done}")
    except Exception as failure:  # whatever it is: this is the place that says it
        why = in_locale(failure.message) if isinstance(failure, StartFailed) else str(failure) or repr(failure)
        click.echo(in_locale("FAILED: %(why)s", why=why), err=True)
        show_logs(folder)
        click.echo(in_locale("Kept for a look: %(folder)s", folder=folder), err=True)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    seconds = f"{time.monotonic() - began:.1f}"
    click.echo(in_locale("All steps went well, in %(seconds)s s.", seconds=seconds))
    return 0


def walk(folder: Path) -> Iterator[str]:
    """Do the steps, and say each once it is done. Raises StepFailed."""
    desk = Desk(DeskOptions(folder, 0, Placing(receiver_port=0, relay_port=0)))
    with desk, watch_webhooks() as hook:
        desk.start()
        console = Asking(desk.url)
        yield in_locale("console, mail server and worker run: %(place)s", place=desk.url.partition("?")[0])
        yield show_pages(console)
        revision = reflect(console, hook.url)
        place = await_fact(lambda: ask_for_place(console), in_locale("the receiving server listens"))
        yield in_locale("settings reflected, revision %(number)s: SMTP on %(place)s", number=revision, place=place)
        simulate("bounce", place, f"bounce@{RETURN_DOMAIN}", "--kind=postfix/unknown-user")
        bounces = await_fact(lambda: console.ask_json("GET", "bounces")["bounces"], in_locale("the bounce is read"))
        if bounces[0]["error_status"] != UNKNOWN_USER:
            raise StepFailed(in_locale("The bounce was read wrongly: %(bounce)s", bounce=json.dumps(bounces[0])))
        yield in_locale(
            "a bounce was received and read: %(recipient)s, error status %(status)s (%(code)s)",
            recipient=bounces[0]["recipient"],
            status=bounces[0]["error_status"],
            code=bounces[0]["status"],
        )
        subject = " ".join(tell("Inquiry").values())  # one that is not ASCII
        simulate("form", place, f"info@{FORM_DOMAIN}", f"--subject={subject}")
        posts = await_fact(lambda: hook.posts, in_locale("the webhook comes"))
        if json.loads(posts[0])["subject"] != subject:
            raise StepFailed(in_locale("The webhook said something else: %(post)s", post=posts[0].decode()))
        yield in_locale("a form mail was received, its webhook came with %(size)s octets", size=len(posts[0]))
        place_of_console = desk.url.partition("?")[0]
    check_nothing_listens(place_of_console, place)
    yield in_locale("all processes ended, all ports are free")
    yield (
        in_locale("a window can be shown here")
        if can_show_window()
        else in_locale(
            "no window can be shown here (no display, or its parts are not installed): the browser is used instead"
        )
    )


@contextmanager
def watch_webhooks() -> Iterator[WebhookSeen]:
    """An endpoint for as long as the block runs."""
    hook = WebhookSeen()
    try:
        yield hook
    finally:
        hook.close()


def show_pages(console: Asking) -> str:
    """The first page in every language, and the files that it names."""
    names = list_languages()
    pages = {name: console.ask("GET", "compositions", language=name).decode() for name in names}
    if len(set(pages.values())) < len(names):
        raise StepFailed(in_locale("The translations are missing: two languages look the same."))
    for file in ("console.js", "console.css", "vendor/htmx.min.js", "vendor/bootstrap.min.css"):
        console.ask("GET", f"static/{file}")
    return in_locale("the pages are there: %(languages)s", languages=", ".join(names))


def reflect(console: Asking, endpoint: str) -> int:
    """Save settings with a notification to that endpoint, and reflect them → the number of the revision."""
    draft = console.ask_json("GET", f"compositions/{NAME}/draft")
    draft["settings"]["receiving"] |= {"inbound_domains": [FORM_DOMAIN], "bounce_domains": [RETURN_DOMAIN]}
    condition = {"header": "To", "pattern": FORM_DOMAIN.replace(".", r"\.")}
    notification = {"name": "self-test", "endpoint": endpoint, "format": "json", "condition": [condition]}
    draft["settings"]["inbound_webhook"] = [notification]
    console.ask_json("PUT", f"compositions/{NAME}/draft", draft)
    number: int = console.ask_json("POST", f"compositions/{NAME}/apply", {})["revision"]
    return number


def ask_for_place(console: Asking) -> str | None:
    """Where the composition takes mail, once it does."""
    listed = console.ask_json("GET", "compositions")["compositions"]
    found = next(each for each in listed if each["name"] == NAME)
    place: str | None = found["receiving"] if found["state"] == "operating" else None
    return place


def simulate(kind: str, place: str, recipient: str, *more: str) -> None:
    """Let the simulator, a process of its own, send one mail; raises StepFailed with its words."""
    command = module_command("simulator.cli", kind, "--target", place, "--to", recipient, "--count=1", "--json", *more)
    told = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE)
    if told.returncode:
        words = (told.stderr or told.stdout)[-LOG_SHOWN:]
        raise StepFailed(in_locale("The simulator could not send: %(words)s", words=words))


def await_fact(look: Callable[[], Seen | None], what: str) -> Seen:
    """Until there is something; raises StepFailed after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise StepFailed(in_locale("Not within %(seconds)s s: %(what)s", seconds=round(PATIENCE), what=what))
        time.sleep(0.02)
    return seen


def check_nothing_listens(console: str, receiving: str) -> None:
    """Raises StepFailed for a port that is still taken."""
    for place in (console.removeprefix("http://").rstrip("/"), receiving):
        host, _, port = place.rpartition(":")
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                raise StepFailed(in_locale("Something still listens on %(place)s.", place=place))


def show_logs(folder: Path) -> None:
    """The end of each log, for who has to find out."""
    for log in sorted((folder / "log").glob("*.log")):
        text = log.read_bytes()[-LOG_SHOWN:].decode(errors="replace").strip()
        if text:
            click.echo(f"--- {log.name}\n{text}", err=True)
