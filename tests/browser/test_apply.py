"""設定反映, EXPORT, IMPORT, adding and removing, as a person does it."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from .conftest import Site, Watch


def change(site: Site, name: str, **receiving: object) -> None:
    settings = site.api(f"compositions/{name}/draft")["settings"]
    settings["receiving"] |= receiving
    site.api(f"compositions/{name}/draft", "PUT", {"settings": settings})


def test_reflect_with_the_changes_and_their_effect(open_page: Callable[[str], Page], site: Site, screens: Path) -> None:
    name = site.add_composition()
    page = open_page("/compositions")
    row = page.locator(f"tr[data-composition='{name}']")
    expect(row).to_contain_text("運用中")
    change(site, name, max_sessions=3, inbound_domains=["test.example", "new.example"])
    expect(row).to_contain_text("更新中")  # by itself: another program saved
    row.get_by_role("button", name="設定反映").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("#changes")).to_contain_text("最大接続数")
    expect(dialog.locator("#changes")).to_contain_text("+ new.example")
    expect(dialog.locator("#changes")).to_contain_text("反映後の新しい")
    page.screenshot(path=screens / "apply-ja-light.png")
    dialog.get_by_role("button", name="反映する").click()
    expect(dialog).to_contain_text("リビジョン 2 が有効です")
    dialog.get_by_role("button", name="閉じる").last.click()
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("運用中")
    expect(row).to_contain_text("0 / 3")


def test_a_button_works_as_soon_as_it_is_there(open_page: Callable[[str], Page], site: Site) -> None:
    page = open_page(f"/compositions/{site.add_composition()}/settings/receiving")
    page.evaluate(
        """() => document.body.addEventListener("htmx:afterSwap", (event) => {
          if (event.target.id === "settings-screen") setTimeout(() => document.getElementById("reflect-now").click());
        })"""
    )
    page.fill("[id='receiving.max_sessions']", "7")
    page.click("#save")
    expect(page.locator("#dialog #changes")).to_contain_text("最大接続数")


def test_the_dialog_closes_by_keyboard(open_page: Callable[[str], Page]) -> None:
    page = open_page("/compositions")
    page.locator("tr[data-composition='pro']").get_by_role("button", name="設定反映").press("Enter")
    expect(page.locator("#apply-now")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()


def test_export_then_import_into_another(open_page: Callable[[str], Page], site: Site, tmp_path: Path) -> None:
    source, target = site.add_composition(max_sessions=77), site.add_composition()
    page = open_page("/compositions")
    page.locator(f"tr[data-composition='{source}']").get_by_role("button", name="EXPORT").click()
    with page.expect_download() as download:
        page.locator("#export-now").click()
    expect(page.locator("#dialog")).to_be_hidden()
    download.value.save_as(tmp_path / "settings.zip")
    page.locator(f"tr[data-composition='{target}']").get_by_role("button", name="IMPORT").click()
    page.set_input_files("#import-file", tmp_path / "settings.zip")
    page.get_by_role("button", name="変更内容を確認").click()
    expect(page.locator("#preview")).to_contain_text("77")
    page.locator("#import-now").click()
    expect(page.locator("#flash")).to_contain_text("インポートしました")
    assert site.receiving(target)["max_sessions"] == 77
    expect(page.locator(f"tr[data-composition='{target}']")).to_contain_text("更新中")


def test_a_bad_file_is_explained(open_page: Callable[[str], Page], tmp_path: Path, watch: Watch) -> None:
    watch.expected.append("status of 422")
    (tmp_path / "bad.toml").write_text('[[composition]]\nname = "x"\n[composition.receiving]\nmax_sessions = 0\n')
    page = open_page("/compositions")
    page.get_by_role("button", name="IMPORT").first.click()
    page.set_input_files("#import-file", tmp_path / "bad.toml")
    page.get_by_role("button", name="変更内容を確認").click()
    expect(page.locator("#dialog")).to_contain_text("composition[0].receiving.max_sessions")


def test_add_and_remove_a_composition(open_page: Callable[[str], Page], site: Site) -> None:
    page = open_page("/compositions")
    page.get_by_role("button", name="Pro のサーバ構成を追加").click()
    page.fill("#subdomain", "by-hand")
    page.get_by_role("button", name="追加する").click()
    page.wait_for_url(re.compile("/compositions/by-hand/settings/receiving$"))
    page.goto(f"{site.base}/compositions")
    page.locator("tr[data-composition='by-hand']").get_by_role("button", name="by-hand を削除").click()
    expect(page.locator("#remove-now")).to_be_disabled()
    page.fill("#word", "by-hand")
    page.locator("#remove-now").click()
    expect(page.locator("tr[data-composition='by-hand']")).to_have_count(0)
    expect(page.locator("tr[data-composition='pro']")).to_have_count(1)


def test_history_takes_back(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(max_sessions=5)
    change(site, name, max_sessions=6)
    site.api(f"compositions/{name}/apply", "POST")
    page = open_page(f"/compositions/{name}/history")
    page.get_by_role("row").nth(2).get_by_role("button", name="設定に戻す").click()
    expect(page.locator("#flash")).to_contain_text("リビジョン 1")
    assert site.receiving(name)["max_sessions"] == 5
