"""A whole desk in front of Debian's Chromium. Every page is watched: a console error, a failed request or a request
that leaves this machine fails the test."""

import os
import re
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, Request, expect
from sqlalchemy import func, select

from cmcdesk.desk import Desk
from cmcdesk.processes.placing import Placing
from cmcdesk.starting import DeskOptions
from cmcdesk.store.desk.database import reading
from cmcdesk.store.desk.models import BounceRow

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
expect.set_options(timeout=20_000)  # milliseconds: a page that is late on a busy machine is not wrong
LANGUAGES = {"ja": "ja-JP", "en": "en-US"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser these tests cannot run; with one they are never passed over."""
    if not Path(CHROMIUM).exists():
        for item in items:
            if "tests/browser" in item.path.as_posix():
                item.add_marker(pytest.mark.skip(reason=f"there is no Chromium at {CHROMIUM}"))


#: Two renderers that Chromium starts beside each new page, for pages of its own: half of what opening one costs. The
#: rest is Playwright's list, which a second one replaces.
WITHOUT = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch"
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's hook: Debian's Chromium, which asks nobody else for anything."""
    arguments = ["--disable-background-networking", "--disable-component-update", f"--disable-features={WITHOUT}"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Japanese unless a test says otherwise."""
    return {**browser_context_args, "locale": "ja-JP", "viewport": {"width": 1280, "height": 860}}


@dataclass
class Site:
    """The running desk as tests reach it beside the browser."""

    desk: Desk
    base: str = ""
    token: str = ""
    _made: int = 0

    def __post_init__(self) -> None:
        note = self.desk.read_note()
        self.base, self.token = note["url"].partition("/?")[0], note["token"]

    def api(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """JSON of the API."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        answer = requests.request(method, f"{self.base}/api/v1/{path}", json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def add_composition(self, inbound_webhook: list[Any] | None = None, **receiving: Any) -> str:
        """A new, applied Pro composition that takes test.example; its name."""
        self._made += 1
        name = f"page{self._made}"
        self.api("compositions", "POST", {"subdomain": name})
        settings = self.api(f"compositions/{name}/draft")["settings"]
        settings["receiving"] |= {"inbound_domains": ["test.example"]} | receiving
        settings["inbound_webhook"] = inbound_webhook or []
        self.api(f"compositions/{name}/draft", "PUT", {"settings": settings})
        self.api(f"compositions/{name}/apply", "POST")
        return name

    def place(self, name: str) -> tuple[str, int]:
        """Where a composition receives."""
        found = next(each for each in self.api("compositions")["compositions"] if each["name"] == name)
        host, _, port = found["receiving"].rpartition(":")
        return host, int(port)

    def receiving(self, name: str) -> dict[str, Any]:
        """The saved receiving settings."""
        saved: dict[str, Any] = self.api(f"compositions/{name}/draft")["settings"]["receiving"]
        return saved

    def send(self, name: str, octets: bytes = b"Subject: hello\r\n\r\ntext\r\n", to: str = "info@test.example") -> None:
        """One mail over SMTP; a refused recipient is no error."""
        with smtplib.SMTP(*self.place(name), timeout=10) as smtp:
            try:
                smtp.sendmail("a@sender.example", [to], octets)
            except smtplib.SMTPRecipientsRefused:
                pass

    def count_bounces(self, name: str) -> int:
        """How many bounces of a composition were read."""
        with reading(self.desk._engine) as session:
            query = select(func.count()).select_from(BounceRow).where(BounceRow.composition == name)
            return session.scalar(query) or 0


@dataclass
class Watch:
    """What a page did that it must not do."""

    base: str
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # patterns of faults that a test brings about on purpose

    def attach(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", lambda message: message.type in ("error", "warning") and self._add(message.text))
        page.on("pageerror", lambda error: self._add(f"page error: {error}"))
        page.on("requestfinished", self._see)
        page.on("requestfailed", lambda request: request.failure != "csp" and self._see(request))

    def check(self) -> None:
        """Raise for what was not expected."""
        left = [fault for fault in self.faults if not any(re.search(each, fault) for each in self.expected)]
        assert left == []

    def _see(self, request: Request) -> None:
        if not request.url.startswith((f"{self.base}/", "data:")):
            self._add(f"left this machine: {request.url}")

    def _add(self, fault: str) -> None:
        self.faults.append(fault)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One desk for all browser tests; each test adds the composition that it changes."""
    options = DeskOptions(tmp_path_factory.mktemp("desk"), port=0, placing=Placing(receiver_port=0, relay_port=0))
    with Desk(options) as desk:
        desk.start()
        yield Site(desk)


@pytest.fixture
def watch(site: Site) -> Iterator[Watch]:
    """Checks at the end of the test what its pages did."""
    watch = Watch(site.base)
    yield watch
    watch.check()


@pytest.fixture
def console(site: Site, watch: Watch, context: BrowserContext) -> Iterator[Page]:
    """An open console in Japanese, watched."""
    context.on("page", watch.attach)
    page = context.new_page()
    page.goto(f"{site.base}/?token={site.token}")
    yield page


@pytest.fixture(scope="session")
def axe(root: Path) -> str:
    """The source of axe-core."""
    return (root / "tests/browser/vendor/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def screens(root: Path) -> Path:
    """Where pictures go; not part of the repository."""
    folder = root / "report" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def open_page(console: Page, site: Site) -> Callable[[str], Page]:
    """`open_page(path)`: the console's page at that path."""

    def go(path: str) -> Page:
        console.goto(site.base + path)
        return console

    return go
