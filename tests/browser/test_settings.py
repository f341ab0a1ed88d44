"""サーバ設定 as a person uses it: moving on saves, a fault keeps one there, two windows, the Standard locks."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import BrowserContext, Page, Route, expect

from cmcdesk.cli import cmcdesk as program

from .conftest import Site, Watch

MAX_SESSIONS = "[id='receiving.max_sessions']"
INTERVAL = "[id='receiving.interval_ms']"


@pytest.fixture
def name(site: Site) -> str:
    """A composition of its own."""
    return site.add_composition()


@pytest.fixture
def form(open_page: Callable[[str], Page], name: str) -> Page:
    """Its receiving settings, open."""
    return open_page(f"/compositions/{name}/settings/receiving")


def test_save_says_saved_and_what_waits(form: Page, site: Site, name: str) -> None:
    form.fill(MAX_SESSIONS, "42")
    expect(form.locator("#save-state")).to_have_text("未保存の変更があります")
    form.get_by_role("button", name="保存する").click()
    expect(form.locator("#save-state")).to_contain_text("保存しました")
    expect(form.locator("#save-state")).to_contain_text("更新中")
    assert site.receiving(name)["max_sessions"] == 42
    form.wait_for_function("!document.querySelector('.htmx-settling, .htmx-added')")
    expect(form.locator("#pane-bounce .domain-list li")).to_have_count(1)
    expect(form.locator("#pane-bounce textarea")).to_be_hidden()


@pytest.mark.parametrize(
    ("click", "place"),
    [
        ("nav.settings-menu >> text=高度な設定", "/settings/advanced"),
        ("#go-next", "/settings/delivery-speed"),
        (".desk-tabs >> text=受信拒否", "/refusals"),
        ("a.btn-close", "/compositions"),
    ],
)
def test_moving_to_another_screen_saves(form: Page, site: Site, name: str, click: str, place: str) -> None:
    form.fill(INTERVAL, "250")
    form.click(click)
    form.wait_for_url(re.compile(f"{place}$"))
    assert site.receiving(name)["interval_ms"] == 250


def test_the_other_tab_saves_and_stays(form: Page, site: Site, name: str, wait_for: Callable[..., object]) -> None:
    form.fill(MAX_SESSIONS, "11")
    form.get_by_role("tab", name="インバウンド").click()
    expect(form.locator("#save-state")).to_contain_text("保存しました")
    expect(form.get_by_role("tab", name="インバウンド")).to_have_attribute("aria-selected", "true")
    assert site.receiving(name)["max_sessions"] == 11


def test_closing_the_window_saves(form: Page, site: Site, name: str, wait_for: Callable[..., object]) -> None:
    form.fill(MAX_SESSIONS, "13")
    form.close(run_before_unload=True)
    wait_for(lambda: site.receiving(name)["max_sessions"] == 13)


def test_without_a_change_nothing_is_saved(form: Page, site: Site, name: str) -> None:
    before = site.api(f"compositions/{name}/draft")["version"]
    form.click("#go-next")
    form.wait_for_url(re.compile("delivery-speed$"))
    assert site.api(f"compositions/{name}/draft")["version"] == before


def test_a_fault_keeps_one_there_and_loses_nothing(form: Page, site: Site, name: str, watch: Watch) -> None:
    watch.expected.append("status of 422")
    form.fill(MAX_SESSIONS, "many")
    form.fill(INTERVAL, "77")
    form.click(".desk-tabs >> text=モニター")
    expect(form.locator("#leave-faults")).to_contain_text("1 から 100 までの整数")
    form.get_by_role("button", name="この画面に戻って直す").click()
    expect(form.locator("#refused")).to_be_visible()
    assert form.url.endswith("/settings/receiving")
    expect(form.locator(MAX_SESSIONS)).to_have_value("many")
    expect(form.locator(INTERVAL)).to_have_value("77")
    expect(form.locator(MAX_SESSIONS)).to_be_focused()
    expect(form.locator(".field-error")).to_contain_text("1 から 100 までの整数")
    assert site.receiving(name)["interval_ms"] == 100
    form.fill(MAX_SESSIONS, "5")
    form.click(".desk-tabs >> text=モニター")
    form.wait_for_url(re.compile("/monitor$"))
    assert (site.receiving(name)["max_sessions"], site.receiving(name)["interval_ms"]) == (5, 77)


def test_the_ceiling_follows_what_is_typed(form: Page) -> None:
    form.fill(MAX_SESSIONS, "100")
    form.fill(INTERVAL, "１０")
    expect(form.locator("#per-second")).to_have_text("10,000")
    expect(form.locator("#per-hour")).to_have_text("36,000,000")
    form.fill(INTERVAL, "9")
    expect(form.locator("#per-second")).to_have_text("–")
    form.fill(INTERVAL, "10")


def test_domains_are_added_pasted_and_removed(form: Page, site: Site, name: str) -> None:
    form.get_by_role("tab", name="インバウンド").click()
    pane = form.locator("#pane-inbound")
    field = pane.get_by_role("textbox", name=re.compile("ドメインを追加"))
    field.fill("one.example")
    field.press("Enter")
    field.fill("two.example, three.example four.example")
    pane.get_by_role("button", name="追加する").click()
    pane.get_by_role("button", name="削除する: test.example").click()
    field.fill("left.example")  # never added by a button: moving on takes it
    form.click("#go-next")
    form.wait_for_url(re.compile("delivery-speed$"))
    added = ["one.example", "two.example", "three.example", "four.example", "left.example"]
    assert site.receiving(name)["inbound_domains"] == added


def test_a_wrong_domain_is_marked_in_its_tab(form: Page, watch: Watch) -> None:
    watch.expected.append("status of 422")
    form.get_by_role("tab", name="インバウンド").click()
    field = form.locator("#pane-inbound input")
    field.fill("good.example bad..example")
    field.press("Enter")
    form.get_by_role("button", name="保存する").click()
    expect(form.locator("#pane-inbound li.wrong")).to_contain_text("bad..example")
    expect(form.locator("#pane-inbound .field-error")).to_contain_text("bad..example")
    expect(form.locator("#pane-inbound")).to_be_visible()


def test_the_later_of_two_windows_is_told(
    form: Page, context: BrowserContext, site: Site, name: str, watch: Watch
) -> None:
    watch.expected.append("status of 409")
    other = context.new_page()
    other.goto(form.url)
    form.fill(MAX_SESSIONS, "22")
    other.fill(MAX_SESSIONS, "21")
    other.get_by_role("button", name="保存する").click()
    expect(other.locator("#save-state")).to_contain_text("保存しました")
    form.get_by_role("button", name="保存する").click()
    expect(form.locator("#conflict")).to_contain_text("別の画面で保存されました")
    expect(form.locator("#conflict .change-old")).to_have_text("21")
    expect(form.locator(MAX_SESSIONS)).to_have_value("22")
    assert site.receiving(name)["max_sessions"] == 21
    form.get_by_role("button", name="この画面の内容で保存する").click()
    expect(form.locator("#save-state")).to_contain_text("保存しました")
    assert site.receiving(name)["max_sessions"] == 22


def test_a_form_without_input_follows_what_another_window_saves(form: Page, site: Site, name: str) -> None:
    draft = site.api(f"compositions/{name}/draft")["settings"]
    draft["receiving"] |= {"max_sessions": 31}
    site.api(f"compositions/{name}/draft", "PUT", {"settings": draft})
    expect(form.locator("#save-state")).to_contain_text("更新中")
    expect(form.locator(MAX_SESSIONS)).to_have_value("31")


def test_what_another_screen_saved_is_no_conflict(form: Page, site: Site, name: str) -> None:
    form.fill(MAX_SESSIONS, "22")
    draft = site.api(f"compositions/{name}/draft")["settings"]
    draft["advanced"]["envelope_from"] = {"rewrite": True, "domain": "return.example.com"}
    site.api(f"compositions/{name}/draft", "PUT", {"settings": draft})
    form.get_by_role("button", name="保存する").click()
    expect(form.locator("#save-state")).to_contain_text("保存しました")
    saved = site.api(f"compositions/{name}/draft")["settings"]
    assert saved["receiving"]["max_sessions"] == 22 and saved["advanced"]["envelope_from"]["rewrite"] is True


def test_the_state_follows_own_reflecting_and_focus_stays_near(form: Page) -> None:
    form.fill(MAX_SESSIONS, "23")
    form.get_by_role("button", name="保存する").click()
    form.get_by_role("button", name="保存した設定はまだ反映されていません").click()
    form.locator("#apply-now").click()
    expect(form.locator("#dialog")).to_contain_text("リビジョン 2 が有効です")
    form.locator("#dialog").get_by_role("button", name="閉じる").last.click()
    expect(form.locator("#save-state")).to_contain_text("運用中")
    expect(form.get_by_role("button", name="保存した設定はまだ反映されていません")).to_have_count(0)
    expect(form.locator("#save-state")).to_be_focused()


def test_the_state_follows_the_command_line(
    form: Page, site: Site, name: str, tmp_path: Path, wait_for: Callable[..., object]
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'[[composition]]\nname = "{name}"\nsubdomain = "{name}"\n[composition.receiving]\nmax_sessions = 77\n'
    )
    folder = str(site.desk._options.folder)
    done = CliRunner().invoke(program, ["settings", "import", str(file), "--data-dir", folder])
    assert done.exit_code == 0, done.output
    expect(form.locator("#save-state")).to_contain_text("更新中")
    expect(form.locator(MAX_SESSIONS)).to_have_value("77")


def test_the_language_button_saves_what_was_typed(form: Page, site: Site, name: str) -> None:
    form.fill(INTERVAL, "321")
    form.get_by_role("button", name="English").click()
    expect(form.get_by_role("button", name="日本語")).to_be_visible()
    expect(form.locator(INTERVAL)).to_have_value("321")
    assert site.receiving(name)["interval_ms"] == 321
    form.fill(INTERVAL, "322")
    form.get_by_role("button", name="Save").click()
    expect(form.locator("#save-state")).to_contain_text("Saved")
    form.get_by_role("button", name="日本語").click()


def test_reload_and_back_show_what_was_typed(form: Page, site: Site, name: str) -> None:
    form.fill(INTERVAL, "333")
    form.reload()
    expect(form.locator(INTERVAL)).to_have_value("333")
    form.goto(f"{site.base}/compositions/{name}/settings/advanced")
    form.go_back()
    expect(form.locator(INTERVAL)).to_have_value("333")
    form.fill(INTERVAL, "334")
    form.get_by_role("button", name="保存する").click()
    expect(form.locator("#save-state")).to_contain_text("保存しました")
    assert site.receiving(name)["interval_ms"] == 334


def test_leaving_with_a_fault_discards_or_keeps(form: Page, site: Site, name: str, watch: Watch) -> None:
    watch.expected.append("status of 422")
    form.fill(MAX_SESSIONS, "0")
    form.click(".desk-tabs >> text=モニター")
    form.get_by_role("button", name="破棄して移動する").click()
    form.wait_for_url(re.compile("/monitor$"))
    form.goto(f"{site.base}/compositions/{name}/settings/receiving")
    expect(form.locator(MAX_SESSIONS)).to_have_value("10")
    form.fill(MAX_SESSIONS, "0")
    form.fill(INTERVAL, "55")
    form.click(".desk-tabs >> text=モニター")
    form.get_by_role("button", name="未保存のまま移動する").click()
    form.wait_for_url(re.compile("/monitor$"))
    assert site.receiving(name) | {"max_sessions": 10, "interval_ms": 100} == site.receiving(name)
    form.goto(f"{site.base}/compositions/{name}/settings/receiving")
    expect(form.locator("#restored")).to_contain_text("まだ保存されていません")
    expect(form.locator(MAX_SESSIONS)).to_have_value("0")
    expect(form.locator(INTERVAL)).to_have_value("55")
    expect(form.locator(".field-error")).to_contain_text("1 から 100 までの整数")
    form.get_by_role("link", name="破棄する").click()
    expect(form.locator(MAX_SESSIONS)).to_have_value("10")


def test_tabs_by_arrow_keys(form: Page) -> None:
    form.get_by_role("tab", name="バウンス").focus()
    form.keyboard.press("ArrowRight")
    expect(form.get_by_role("tab", name="インバウンド")).to_be_focused()
    expect(form.locator("#pane-inbound")).to_be_visible()
    form.keyboard.press("Home")
    expect(form.locator("#pane-bounce")).to_be_visible()
    form.keyboard.press("Tab")
    expect(form.get_by_role("button", name=re.compile("削除する: return"))).to_be_focused()


def test_standard_is_locked_but_for_the_inbound_tab(open_page: Callable[[str], Page], site: Site) -> None:
    page = open_page("/compositions/sandbox/settings/receiving")
    for field in (MAX_SESSIONS, INTERVAL, "[id='receiving.size_kb']"):
        expect(page.locator(field)).to_be_disabled()
    expect(page.locator(".lock-reason").nth(1)).to_contain_text("Standard プランでは変更できません")
    page.get_by_role("tab", name="バウンス").click()
    expect(page.locator("#pane-bounce")).to_contain_text("return.sandbox.smtps.jp")
    expect(page.locator("#pane-bounce input")).to_have_count(0)
    page.get_by_role("tab", name="インバウンド").click()
    page.locator("#pane-inbound input").fill("standard.example")
    page.get_by_role("button", name="保存する").click()
    expect(page.locator("#save-state")).to_contain_text("保存しました")
    assert site.receiving("sandbox")["inbound_domains"] == ["standard.example"]


def test_what_is_typed_while_a_save_is_under_way_stays(form: Page, site: Site, name: str) -> None:
    held: list[Route] = []
    form.route("**/settings/receiving", lambda route: held.append(route))
    form.fill(MAX_SESSIONS, "41")
    form.get_by_role("tab", name="インバウンド").click()  # saves
    form.wait_for_function("document.querySelector('.htmx-request') !== null")
    form.fill(INTERVAL, "412")
    assert len(held) == 1
    with form.expect_response("**/settings/receiving") as answered:
        held[0].continue_()
    answered.value.finished()
    form.unroute("**/settings/receiving")
    expect(form.locator("#settings-form.htmx-request")).to_have_count(0)
    expect(form.locator(INTERVAL)).to_have_value("412")
    expect(form.locator("#save-state")).to_have_text("未保存の変更があります")
    assert site.receiving(name)["max_sessions"] == 41 and site.receiving(name)["interval_ms"] == 100
    form.get_by_role("button", name="保存する").click()
    expect(form.locator("#save-state")).to_contain_text("保存しました")
    assert site.receiving(name)["interval_ms"] == 412
