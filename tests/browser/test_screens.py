"""Every screen in both languages: it shows, asks nobody else, has no serious accessibility fault; pictures are kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from .conftest import LANGUAGES, Site, Watch

SCREENS = {
    "compositions": "/compositions",
    "receiving": "/compositions/pro/settings/receiving",
    "standard": "/compositions/sandbox/settings/receiving",
    "envelope-from": "/compositions/pro/settings/envelope-from",
    "history": "/compositions/pro/history",
    "mails": "/mails",
    "mail": "/mails/{mail}",
    "mail-html": "/mails/{mail}?part=html",
    "mail-headers": "/mails/{mail}?part=headers",
    "mail-parts": "/mails/{mail}?part=parts",
    "mail-raw": "/mails/{mail}?part=raw",
    "refusals": "/refusals",
    "refusal": "/refusals/{refusal}",
    "errors": "/report/errors",
    "monitor": "/monitor",
    "simulator": "/simulator",
    "webhook": "/api-settings/webhook/inbound",
    "webhook-new": "/api-settings/webhook/inbound/pro/new",
    "webhook-event": "/api-settings/webhook/event/pro",
    "webhook-log": "/api-settings/webhook/log",
    "api-users": "/api-settings/users",
    "display": "/display",
    "retention": "/retention",
    "about": "/about",
    "first-steps": "/first-steps",
    "missing": "/nothing",
}
HTML_MAIL = (
    b"From: =?UTF-8?B?5bGx55SwIOWkqumDjg==?= <yamada@sender.example>\r\nTo: info@test.example\r\n"
    b"Subject: =?UTF-8?B?44GK5ZWP44GE5ZCI44KP44Gb?=\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    b"\xe6\x9c\xac\xe6\x96\x87\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>\xe6\x9c\xac\xe6\x96\x87</p><script>parent.document.title='stolen'</script>"
    b"<img src='https://tracker.invalid/x.png'><link rel=stylesheet href='https://tracker.invalid/x.css'>\r\n--b--\r\n"
)
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def axe(root: Path) -> str:
    """The source of axe-core."""
    return (root / "tests/browser/vendor/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def shown(site: Site, wait_for: Callable[..., Any]) -> dict[str, int]:
    """The ids of a mail and a refusal for the screens that show one."""
    name = site.add_composition(interval_ms=10)
    site.send(name, HTML_MAIL)
    site.send(name, to="x@foreign.example")
    refusals = wait_for(lambda: site.api(f"refusals?composition={name}")["refusals"])
    return {"mail": site.api(f"mails?composition={name}")["mails"][0]["id"], "refusal": refusals[0]["id"]}


@pytest.mark.parametrize(("language", "scheme"), [("ja", "light"), ("en", "dark")])
def test_every_screen(
    browser: Browser, site: Site, axe: str, screens: Path, shown: dict[str, int], language: str, scheme: Any
) -> None:
    context = browser.new_context(
        locale=LANGUAGES[language],
        viewport={"width": 1280, "height": 860},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    watch = Watch(
        site.base, expected=[r"status of 404", r"tracker\.invalid.*Content Security", r"^Blocked script exec"]
    )
    page = context.new_page()
    watch.attach(page)
    page.goto(f"{site.base}/?token={site.token}")
    faults = {}
    for name, path in SCREENS.items():
        page.goto(site.base + path.format(**shown))
        page.wait_for_selector("#live.on")
        if name == "monitor":
            page.wait_for_selector("#monitor[data-live]")
        page.screenshot(path=screens / f"{name}-{language}-{scheme}.png")
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.title") != "stolen"
        assert is_inside(page), f"{name}: wider than the window"
        found = find_serious(page, axe)
        if found:
            faults[name] = found
    context.close()
    watch.check()
    assert faults == {}


def find_serious(page: Page, axe: str) -> list[str]:
    """The serious accessibility faults of a page: rule, and the first element."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], iframes: false})")
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]} {json.dumps(each['nodes'][0]['any'][:1])[:300]}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
    ]


def is_inside(page: Page) -> bool:
    """Whether the page needs no sideways scrolling."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_japanese_glyphs_are_not_boxes(console: Page) -> None:
    same = console.evaluate(
        """() => { const draw = (c) => { const k = document.createElement('canvas'); k.width = k.height = 40;
        const g = k.getContext('2d'); g.font = '30px ' + getComputedStyle(document.body).fontFamily;
        g.fillText(c, 2, 32); return k.toDataURL(); }; return draw('骨') === draw('直'); }"""
    )
    assert not same, "a missing font draws the same box for every character"
