"""Whole paths on fresh data, no terminal: what the first page promises is what the last one shows."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from cmcdesk.desk import Desk
from cmcdesk.processes.placing import Placing
from cmcdesk.starting import DeskOptions

from .conftest import Site, Watch

LONG = 30_000  # milliseconds


class Hand:
    """Clicks, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, where: str | Locator) -> None:
        self.clicks += 1
        (self.page.locator(where) if isinstance(where, str) else where).first.click()

    def open_tab(self, name: str) -> None:
        self.click(self.page.locator(".desk-tabs").get_by_role("link", name=name, exact=True))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Site]:
    """A desk as it is after its installation."""
    with Desk(DeskOptions(tmp_path, port=0, placing=Placing(receiver_port=0, relay_port=0))) as desk:
        desk.start()
        yield Site(desk)


@pytest.fixture
def hand(fresh: Site, page: Page) -> Iterator[Hand]:
    """On the first page of the fresh desk."""
    watch = Watch(fresh.base)
    watch.attach(page)
    page.goto(fresh.desk.url)
    yield Hand(page)
    watch.check()


def expect_verdict(page: Page, word: str, run: int = 1) -> None:
    expect(page.locator(f"[data-run='{run}'] [data-verdict={word}]")).to_be_visible(timeout=LONG)


def test_spam_is_refused_for_the_reason_that_the_lesson_gave(hand: Hand) -> None:
    page = hand.page
    hand.open_tab("シミュレータ")
    hand.click(page.get_by_role("link", name="迷惑メール判定"))
    expect(page.locator("#lesson")).to_contain_text("未設定")
    hand.click("#start")
    expect_verdict(page, "kept")
    hand.click(page.locator("[data-run='1']").get_by_role("link", name="受信拒否"))
    expect(page.locator("#refusal-list")).to_contain_text("迷惑メール判定")
    hand.open_tab("シミュレータ")
    hand.click("#put-back")
    expect(page.locator("#added")).to_have_count(0)
    hand.open_tab("サーバ構成")
    expect(page.locator("tr[data-composition=pro]")).to_contain_text("運用中")


def test_an_endpoint_that_fails_is_told_and_mended_and_what_waited_arrives(hand: Hand, fresh: Site) -> None:
    page = hand.page
    page.goto(f"{fresh.base}/api-settings/webhook/catcher")
    hand.click(page.get_by_role("button", name="500", exact=True))
    expect(page.locator("#answer-now")).to_have_text("500")
    hand.open_tab("シミュレータ")
    hand.click(page.get_by_role("link", name="フォームメールを Webhook へ"))
    hand.click("#start")
    expect_verdict(page, "broken")
    expect(page.locator("[data-run='1'] .reason")).to_contain_text("500")
    hand.click(page.locator("[data-run='1']").get_by_role("link", name="Webhook の受け口"))
    expect(page.locator("#arrivals .mark.bad").first).to_have_text("500")
    hand.click(page.get_by_role("button", name="200", exact=True))
    hand.click(page.get_by_role("link", name="ログ", exact=True))
    expect(page.locator("tr[data-delivery]").first).to_contain_text("500")
    hand.click("#choose-all")
    hand.click("#retry-several")
    expect(page.locator("tr[data-delivery] .mark.good")).to_have_count(5, timeout=LONG)
    hand.click("tr[data-delivery] a")
    expect(page.locator(".attempt").first).to_contain_text("HTTP/1.1 200 OK")


def test_bounces_become_events_at_an_endpoint_that_hangs_up(hand: Hand, fresh: Site) -> None:
    page = hand.page
    page.goto(f"{fresh.base}/api-settings/webhook/catcher")
    hand.click("#new-endpoint")
    expect(page.locator("nav [aria-current=page]", has_text="webhook 2")).to_be_visible()
    hand.click(page.get_by_role("button", name="切断"))
    url = page.locator("#catcher-url").inner_text()
    page.goto(f"{fresh.base}/simulator?preset=event")
    hand.click("#set-up")
    expect(page.locator("#said")).to_contain_text("保存して反映しました")
    settings = fresh.api("compositions/pro/draft")["settings"]
    settings["event_webhook"]["endpoint"] = url
    fresh.api("compositions/pro/draft", "PUT", {"settings": settings})
    fresh.api("compositions/pro/apply", "POST")
    page.goto(f"{fresh.base}/simulator?preset=event")
    hand.click("#start")
    expect_verdict(page, "broken")
    hand.click(page.locator("[data-run='1']").get_by_role("link", name="エラーログ"))
    expect(page.locator("tr[data-bounce]")).to_have_count(3)
    page.goto(f"{fresh.base}/api-settings/webhook/catcher?of=2")
    expect(page.locator("#arrivals .mark.bad").first).to_have_text("切断")
    expect(page.locator("#caught-request")).to_contain_text("bounces")


def test_a_new_notification_goes_to_the_catcher_unless_told_otherwise(hand: Hand, fresh: Site) -> None:
    page = hand.page
    settings = fresh.api("compositions/pro/draft")["settings"]
    settings["receiving"]["inbound_domains"] = ["form.example"]
    fresh.api("compositions/pro/draft", "PUT", {"settings": settings})
    page.goto(f"{fresh.base}/api-settings/webhook/inbound/pro/new")
    page.fill("#name", "問い合わせ")
    page.locator("#conditions input").nth(1).fill("info@form")
    hand.click("#save")
    expect(page.locator("table")).to_contain_text("問い合わせ")
    fresh.api("compositions/pro/apply", "POST")
    page.goto(f"{fresh.base}/simulator?preset=webhook")
    expect(page.locator("#lesson")).not_to_contain_text("未設定")
    hand.click("#start")
    expect_verdict(page, "kept")
    hand.click(page.locator("[data-run='1']").get_by_role("link", name="Webhook の受け口"))
    expect(page.locator("#caught-request")).to_contain_text("問い合わせ")
    expect(page.locator("#caught-request")).to_contain_text("info@form.example")


def test_the_session_limit_shows_its_421_on_every_page(hand: Hand, wait_for: Callable[..., Any]) -> None:
    page = hand.page
    hand.open_tab("シミュレータ")
    hand.click(page.get_by_role("link", name="最大接続数の超過"))
    page.fill("#seconds", "6")  # the run must go on when the monitor is there: it draws what comes while one looks
    hand.click("#start")
    expect_verdict(page, "kept")
    expect(page.locator("[data-run='1'] .run-refusal").first).to_contain_text("421 4.7.0")
    hand.click(page.locator("[data-run='1']").get_by_role("link", name="受信拒否"))
    expect(page.locator("#refusal-list")).to_contain_text("421 4.7.0")
    hand.open_tab("モニター")
    expect(page.locator("[data-gate=sessions]")).to_have_class(re.compile("has-refused"), timeout=LONG)
    hand.open_tab("シミュレータ")
    hand.click("#again-1")
    expect(page.locator("[data-run='2']")).to_be_visible()
    hand.click(page.locator("#traffic").get_by_role("link", name="モニター"))
    drawn = "(canvas) => canvas.cmcLanes?.turnedAway.length ?? 0"  # 0 until the page's script has run
    wait_for(lambda: page.locator("#lanes").evaluate(drawn) >= 5, 20)
