"""A whole console on real parts (database, mail server, worker, web server), asked through Flask's test client."""

import itertools
import json
import re
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cmcdesk.desk import Desk
from cmcdesk.processes.placing import Placing
from cmcdesk.starting import DeskOptions
from cmcdesk.store.desk.api_users import list_api_users, remove_api_user
from cmcdesk.store.desk.database import reading, transaction

SUBDOMAINS = (f"test{number}" for number in itertools.count(1))


class Page(TestResponse):
    """A response whose text is a page as it is read: where its source is wrapped is no matter, but in what is shown as
    it stands."""

    @property
    def text(self) -> str:
        """Runs of blanks as one, outside of pre and textarea."""
        parts = AS_IT_STANDS.split(super().text)
        return "".join(part if at % 2 else re.sub(r"\s+", " ", part) for at, part in enumerate(parts))


AS_IT_STANDS = re.compile(r"(<(?:pre|textarea)\b.*?</(?:pre|textarea)>)", re.DOTALL)


@dataclass
class Console:
    """One running desk, as a browser with an open session and as a program with the token."""

    desk: Desk
    client: FlaskClient
    token: str
    base: str

    def get(self, path: str, **headers: str) -> TestResponse:
        """A page; headers with _ for -."""
        return self.client.get(path, base_url=self.base, headers=_spell(headers))

    def post(self, path: str, form: Any = None, **headers: str) -> TestResponse:
        """A form of the console's own page."""
        spelled = {"Sec-Fetch-Site": "same-origin", "X-CSRFToken": self.csrf} | _spell(headers)
        return self.client.post(path, base_url=self.base, data=form or {}, headers=spelled)

    def api(self, path: str, method: str = "GET", body: Any = None, language: str = "en") -> TestResponse:
        """A call of a program."""
        client = self.desk.app.test_client(use_cookies=False)
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": language}
        return client.open(f"/api/v1/{path}", method=method, base_url=self.base, headers=headers, json=body)

    @property
    def csrf(self) -> str:
        """The token of the session's forms."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/about").text)
        assert found
        return found[1]

    def add_composition(self, apply: bool = True, **receiving: Any) -> str:
        """A new Pro composition that takes test.example (inbound) and back.example (bounce); its name."""
        name = next(SUBDOMAINS)
        assert self.api("compositions", "POST", {"subdomain": name}).status_code == 201
        self.change(name, {"receiving": {"interval_ms": 10} | receiving})
        if apply:
            assert self.api(f"compositions/{name}/apply", "POST").status_code == 200
        return name

    def change(self, name: str, settings: dict[str, Any]) -> None:
        """Save settings over the draft, table by table."""
        draft = self.api(f"compositions/{name}/draft").json["settings"]
        for key, value in settings.items():
            draft[key] = draft[key] | value if isinstance(value, dict) else value
        receiving = draft["receiving"]
        receiving["inbound_domains"] = receiving["inbound_domains"] or ["test.example"]
        if "back.example" not in receiving["bounce_domains"]:
            receiving["bounce_domains"].append("back.example")
        assert self.api(f"compositions/{name}/draft", "PUT", {"settings": draft}).status_code == 200

    def apply_waiting(self) -> None:
        """Reflect whatever earlier tests left to be reflected."""
        for each in self.api("compositions").json["compositions"]:
            if each["state"] != "operating":
                assert self.api(f"compositions/{each['name']}/apply", "POST").status_code == 200

    def place(self, name: str) -> tuple[str, int]:
        """Where it receives."""
        return self._find_place(name, "receiving")

    def relay(self, name: str) -> tuple[str, int]:
        """Where it relays."""
        return self._find_place(name, "relay")

    def _find_place(self, name: str, server: str) -> tuple[str, int]:
        listed = self.api("compositions").json["compositions"]
        host, _, port = next(each[server] for each in listed if each["name"] == name).rpartition(":")
        return host, int(port)

    def send(self, name: str, octets: bytes, sender: str = "a@sender.example", to: str = "info@test.example") -> int:
        """One mail over real SMTP; its id."""
        before = self.api("mails?limit=1").json["mails"]
        with smtplib.SMTP(*self.place(name), timeout=10) as smtp:
            smtp.sendmail(sender, [to], octets)
        after = before[0]["id"] if before else 0
        waited = self.api(f"mails/wait?after={after}&composition={name}&timeout=10").json["mails"]
        return int(waited[0]["id"])


class AddMail(Protocol):
    """The type of the fixture `add_mail`."""

    def __call__(self, octets: bytes = b"", name: str | None = None) -> int: ...


def _spell(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all tests of this folder: each test adds the compositions that it changes."""
    folder = tmp_path_factory.mktemp("desk")
    placing = Placing(receiver_port=0, relay_port=0)
    with Desk(DeskOptions(folder=folder, port=0, placing=placing, api_tls_port=0)) as desk:
        desk.start()
        yield desk


@pytest.fixture(autouse=True)
def leave_no_api_users(request: pytest.FixtureRequest) -> Iterator[None]:
    """API users of a test go with it: one with SMTP would let every composition wait to be reflected."""
    desk: Desk | None = request.getfixturevalue("desk") if "desk" in request.fixturenames else None
    before = list_names(desk) if desk else set()
    yield
    if desk:
        with transaction(desk._engine) as session:
            for name in list_names(desk) - before:
                remove_api_user(session, name)


def list_names(desk: Desk) -> set[str]:
    with reading(desk._engine) as session:
        return {user.api_user for user in list_api_users(session)}


@pytest.fixture
def console(desk: Desk) -> Console:
    """The desk with a new session, open and in English."""
    note = desk.read_note()
    parts = urlsplit(note["url"])
    client = desk.app.test_client()
    client.response_wrapper = type("PageResponse", (Page, client.response_wrapper), {})
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    console = Console(desk, client, note["token"], f"http://{parts.netloc}")
    assert console.get(f"/?{parts.query}").status_code == 302
    return console


@pytest.fixture(scope="session")
def composition(desk: Desk) -> Callable[[Console], str]:
    """`composition(console)`: the name of one applied composition that tests may send to but do not change."""
    made: list[str] = []

    def get(console: Console) -> str:
        if not made:
            made.append(console.add_composition())
        return made[0]

    return get


@pytest.fixture
def add_mail(console: Console, composition: Callable[[Console], str]) -> AddMail:
    """`add_mail(octets)`: receive one mail through the mail server; its id."""

    def add(octets: bytes = b"Subject: hello\r\n\r\ntext\r\n", name: str | None = None) -> int:
        return console.send(name or composition(console), octets)

    return add


@pytest.fixture
def document(console: Console) -> dict[str, Any]:
    """/openapi.json."""
    headers = {"Authorization": f"Bearer {console.token}"}
    answer = console.desk.app.test_client().get("/openapi.json", base_url=console.base, headers=headers)
    loaded: dict[str, Any] = json.loads(answer.text)
    return loaded


@pytest.fixture(scope="session")
def console_folder(root: Path) -> Path:
    """cmcdesk/console."""
    return root / "cmcdesk" / "console"
