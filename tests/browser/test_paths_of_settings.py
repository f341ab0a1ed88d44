"""Five whole paths of settings, each ending on another page than it began: what the first promised, the last shows."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import Site

MAX_SESSIONS = "[id='receiving.max_sessions']"
SIZE = "[id='receiving.size_kb']"


def reflect(page: Page) -> None:
    """Save the open form, reflect it and close the dialog."""
    page.locator("#save").click()
    page.locator("#reflect-now").click()
    page.locator("#apply-now").click()
    expect(page.locator("#dialog")).to_contain_text("が有効です")
    page.locator("#dialog footer [data-close-dialog]").click()
    expect(page.locator("#save-state")).to_contain_text("運用中")


def test_a_size_that_is_reflected_refuses_and_the_refusal_names_it(
    open_page: Callable[[str], Page], site: Site
) -> None:
    name = site.add_composition(interval_ms=10)
    page = open_page(f"/compositions/{name}/settings/receiving")
    page.fill(SIZE, "１")
    reflect(page)
    try:
        site.send(name, b"Subject: big\r\n\r\n" + b"x" * 60 * 40 + b"\r\n")
    except Exception as refused:  # smtplib tells a refusal of DATA by an exception of its own
        assert "552" in str(refused)
    page.goto(f"{site.base}/refusals?composition={name}")
    expect(page.locator("tr[data-refusal]").first).to_contain_text("552 5.3.4")


def test_what_is_saved_is_compared_reflected_and_in_the_history(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition()
    page = open_page(f"/compositions/{name}/settings/receiving")
    page.fill("[id='receiving.interval_ms']", "1,000")
    reflect(page)
    page.get_by_role("link", name="履歴").click()
    expect(page.locator("#history-list tbody tr").first).to_contain_text("1,000 ミリ秒")
    expect(page.locator("#history-list tbody tr").first).to_contain_text("100 ミリ秒")


def test_an_old_revision_is_restored_and_live_again(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(max_sessions=5)
    page = open_page(f"/compositions/{name}/settings/receiving")
    page.fill(MAX_SESSIONS, "6")
    reflect(page)
    page.get_by_role("link", name="履歴").click()
    page.locator("#history-list tbody tr").last.get_by_role("button", name="設定に戻す").click()
    row = page.locator(f"tr[data-composition='{name}']")
    expect(row).to_contain_text("更新中")
    row.get_by_role("button", name="設定反映").click()
    page.locator("#apply-now").click()
    expect(page.locator("#dialog")).to_contain_text("リビジョン 3 が有効です")
    page.locator("#dialog footer [data-close-dialog]").click()
    expect(row).to_contain_text("0 / 5")


def test_an_export_of_one_composition_is_the_form_of_another(
    open_page: Callable[[str], Page], site: Site, tmp_path: Path
) -> None:
    source, target = site.add_composition(max_sessions=33), site.add_composition()
    page = open_page("/compositions")
    page.locator(f"tr[data-composition='{source}']").get_by_role("button", name="EXPORT").click()
    with page.expect_download() as download:
        page.locator("#export-now").click()
    expect(page.locator("#dialog")).to_be_hidden()
    download.value.save_as(tmp_path / "settings.zip")
    page.locator(f"tr[data-composition='{target}']").get_by_role("button", name="IMPORT").click()
    page.set_input_files("#import-file", tmp_path / "settings.zip")
    page.locator("#dialog footer .btn-primary").click()
    page.locator("#import-now").click()
    expect(page.locator("#flash")).to_contain_text("インポートしました")
    page.locator(f"tr[data-composition='{target}']").get_by_role("link", name=target, exact=True).click()
    expect(page.locator(MAX_SESSIONS)).to_have_value("33")
    reflect(page)


def test_a_domain_that_is_added_lets_its_mail_in(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(interval_ms=10)
    page = open_page(f"/compositions/{name}/settings/receiving")
    page.get_by_role("tab", name="インバウンド").click()
    page.locator("#pane-inbound input").fill("fresh.example")
    page.locator("#pane-inbound input").press("Enter")
    reflect(page)
    site.send(name, b"Subject: let in\r\n\r\ntext\r\n", to="info@fresh.example")
    page.goto(f"{site.base}/mails?composition={name}")
    expect(page.locator("tr[data-mail]")).to_contain_text("let in")
