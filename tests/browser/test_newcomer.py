"""A newcomer's five minutes with a stopwatch: from the start of the program on an empty folder to a refused bounce, a
webhook and a throttled flood, no terminal and at most twelve clicks. With `-s` the clicks and seconds are printed."""

import re
import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

from ..conftest import StartServe
from .conftest import Watch

MOST_CLICKS = 12
MOST_SECONDS = 300
LONG = 30_000  # milliseconds


@dataclass
class Stopwatch:
    """Clicks, counts them, and notes when which goal was reached."""

    page: Page
    began: float
    clicks: int = 0
    goals: list[str] = field(default_factory=list)

    def click(self, where: str | Locator) -> None:
        self.clicks += 1
        (self.page.locator(where) if isinstance(where, str) else where).first.click()

    def open_tab(self, name: str) -> None:
        self.click(self.page.locator(".desk-tabs").get_by_role("link", name=name, exact=True))

    def reach(self, goal: str) -> None:
        self.goals.append(f"{time.monotonic() - self.began:6.1f} s {self.clicks:3} clicks  {goal}")

    def expect_kept(self, run: int) -> None:
        expect(self.page.locator(f"[data-run='{run}'] [data-verdict=kept]")).to_be_visible(timeout=LONG)


def test_five_minutes_are_twelve_clicks_and_no_terminal(start_serve: StartServe, page: Page) -> None:
    began = time.monotonic()
    served = start_serve()
    watch = Watch(served.base.rstrip("/"))
    watch.attach(page)
    page.goto(served.note["url"])
    hand = Stopwatch(page, began)
    expect(page.locator("h1")).to_contain_text("ようこそ")
    hand.reach("the first page")

    hand.click("#lesson-domain")
    expect(page.locator("#mail")).to_have_value("bounce")
    hand.click("#start")
    hand.expect_kept(1)
    hand.click(page.locator("[data-run='1']").get_by_role("link", name="受信拒否"))
    expect(page.locator("#refusal-list")).to_contain_text("550 5.7.1")
    expect(page.locator("#refusal-list")).to_contain_text("bounce@return.foreign.example.net")
    hand.reach("a bounce was refused with 550")

    hand.open_tab("シミュレータ")
    hand.click(page.get_by_role("link", name="フォームメールを Webhook へ"))
    hand.click("#start")
    expect(page.locator("#said")).to_contain_text("保存して反映しました")
    hand.expect_kept(2)
    hand.click(page.locator("[data-run='2']").get_by_role("link", name="Webhook の受け口"))
    expect(page.locator("#caught-request")).to_contain_text("info@mailform.example.com")
    expect(page.locator("#arrivals [data-caught]")).to_have_count(5)
    hand.reach("a form mail has called a webhook")

    hand.open_tab("シミュレータ")
    hand.click(page.get_by_role("link", name="受信間隔", exact=True))
    hand.click("#start")
    hand.click(page.locator("#traffic").get_by_role("link", name="モニター"))
    expect(page.locator("#rate-now")).to_have_text(re.compile(r"^[1-9]\d"), timeout=LONG)
    assert float(page.locator("#rate-now").inner_text()) <= float(page.locator("#ceiling-now").inner_text())
    hand.reach("a flood is throttled")
    print("", *hand.goals, sep="\n")
    assert hand.clicks <= MOST_CLICKS
    assert time.monotonic() - began < MOST_SECONDS
    watch.check()
