"""エラーログ as a person uses it: bounces of the simulator arrive, one is looked at and classed by hand."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import Site


def test_bounces_arrive_and_one_is_classed_by_hand(open_page: Callable[[str], Page], site: Site, screens: Path) -> None:
    name = site.add_composition(interval_ms=10, bounce_domains=["back.example"])
    page = open_page(f"/simulator?preset=bounce&composition={name}")
    page.locator("#start").click()
    expect(page.locator("#runs [data-run]").first).to_contain_text("終了", timeout=20_000)
    page.goto(f"{site.base}/report/errors?composition={name}")
    expect(page.locator("tr[data-bounce]")).to_have_count(5, timeout=20_000)
    expect(page.locator("#bounce-list")).to_contain_text("ユーザ不明")
    page.locator("tr[data-bounce]").first.get_by_role("button").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("エラー理由")
    page.screenshot(path=screens / "error-detail-ja-light.png")
    page.select_option("#override", "4")
    dialog.get_by_role("button", name="保存する").click()
    expect(dialog).to_contain_text("解析結果 2 ユーザ不明")
    dialog.get_by_role("button", name="閉じる").last.click()
    expect(page.locator("tr[data-bounce]").first).to_contain_text("受信拒否")
    expect(page.locator("tr[data-bounce]").first).to_contain_text("手動")
