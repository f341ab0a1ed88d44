"""What happens is on the page by itself: rows, the monitor, the simulator."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from cmcdesk.console.desk.notices import FLOOD

from .conftest import Site, Watch

OPEN_LANES = """(canvas) => canvas.cmcLanes.openLanes().map((lane) => ({id: lane.id, slot: lane.slot,
    accepted: lane.accepted, refused: lane.refused}))"""


def test_mails_and_refusals_arrive_while_one_looks(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(interval_ms=10)
    page = open_page(f"/mails?composition={name}")
    expect(page.locator("#mail-list")).to_contain_text("一致するメールはありません")
    site.send(name, "Subject: 生中継\r\n\r\n".encode())
    expect(page.locator("#mail-list tbody tr")).to_have_count(1)
    expect(page.locator("#mail-list")).to_contain_text("生中継")
    site.send(name, b"Subject: second\r\n\r\n")
    expect(page.locator("tr.arrived")).to_contain_text("second")
    page = open_page(f"/refusals?composition={name}")
    site.send(name, to="x@foreign.example")
    expect(page.locator("#refusal-list")).to_contain_text("550 5.7.1")


def test_mails_of_today_are_counted_while_one_looks(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(interval_ms=10)
    page = open_page("/compositions")
    row = page.locator(f"tr[data-composition={name}] td.num a")
    expect(row.nth(0)).to_have_text("0")
    for _ in range(3):
        site.send(name)
    expect(row.nth(0)).to_have_text("3")
    for _ in range(60):
        site.send(name, to="x@foreign.example")
    expect(row.nth(1)).to_have_text("60")
    for mail in site.api(f"mails?composition={name}")["mails"]:
        site.api(f"mails/{mail['id']}", "DELETE")
    page.reload()
    expect(row.nth(0)).to_have_text("3")


def test_a_refusal_opens_to_its_dialogue_by_keyboard(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(interval_ms=10)
    site.send(name, to="x@foreign.example")
    page = open_page(f"/refusals?composition={name}")
    page.locator("#refusal-list a", has_text="550 5.7.1").focus()
    page.keyboard.press("Enter")
    lines = page.locator(".dialogue li")
    expect(lines.first).to_contain_text("220 ")
    expect(lines.last).to_have_class("server refused")
    expect(lines.last).to_contain_text("550 5.7.1")
    client = lines.filter(has_text="rcpt TO:<x@foreign.example>")
    expect(client.locator(".who")).to_have_text("C:クライアント")
    expect(lines.last.locator(".who")).to_have_text("S:サーバ")
    page.locator(".dialogue").focus()
    expect(page.locator(".dialogue")).to_be_focused()


def test_a_page_finds_its_stream_again_and_catches_up(
    open_page: Callable[[str], Page], site: Site, wait_for: Callable[..., Any]
) -> None:
    name = site.add_composition(interval_ms=10)
    page = open_page(f"/mails?composition={name}")
    expect(page.locator("#live.on")).to_have_count(1)
    page.evaluate("stream.close()")  # first: a stream that is open tries again by itself, and a failed try is an error
    before = page.evaluate("seen")
    site.send(name)
    wait_for(lambda: str(site.desk.app.extensions["hub"].version) != before)
    page.evaluate("openStream()")
    expect(page.locator("#mail-list tbody tr")).to_have_count(1)


def test_what_comes_between_a_page_and_its_stream_is_shown(
    open_page: Callable[[str], Page], site: Site, console: Page, wait_for: Callable[..., Any]
) -> None:
    name = site.add_composition(interval_ms=10)
    hub = site.desk.app.extensions["hub"]

    def refuse_first(route: Route) -> None:
        before = hub.version
        site.send(name, to="x@foreign.example")
        wait_for(lambda: hub.version != before and "550" in str(site.api("refusals")))
        route.continue_()

    console.route("**/stream?*", refuse_first)
    page = open_page(f"/refusals?composition={name}")
    expect(page.locator("#refusal-list a", has_text="550 5.7.1")).to_have_count(1)


def test_a_page_without_a_place_for_its_stream_tries_again(
    open_page: Callable[[str], Page], site: Site, watch: Watch
) -> None:
    name = site.add_composition(interval_ms=10)
    watch.expected.append("status of 503")
    hub = site.desk.app.extensions["hub"]
    limit, hub._limit = hub._limit, 0
    try:
        page = open_page(f"/mails?composition={name}")
        expect(page.locator("#live.off")).to_have_attribute("title", re.compile("接続が切れました"))
    finally:
        hub._limit = limit
    site.send(name)
    expect(page.locator("#mail-list tbody tr")).to_have_count(1)
    expect(page.locator("#live.on")).to_have_attribute("title", "自動更新中")


def test_lanes_show_the_interval_as_spacing(
    open_page: Callable[[str], Page], site: Site, wait_for: Callable[..., Any], screens: Path
) -> None:
    name = site.add_composition(interval_ms=200, max_sessions=4)
    page = open_page(f"/simulator?composition={name}")
    page.fill("#to", "info@test.example")
    page.fill("#count", "")
    page.fill("#seconds", "8")
    page.fill("#sessions", "3")
    page.locator("#start").click()
    expect(page.locator("#runs [data-run]").first).to_contain_text(name)
    page.goto(f"{site.base}/monitor?composition={name}")
    canvas = page.locator("#lanes")
    lanes = wait_for(lambda: enough(canvas.evaluate(OPEN_LANES)), 15)
    assert sorted(lane["slot"] for lane in lanes) == [0, 1, 2], "the lanes in use are the sessions in use"
    for lane in lanes:
        times = lane["accepted"]
        mean = (times[-1] - times[0]) / (len(times) - 1)
        assert mean == pytest.approx(0.2, rel=0.05)
    expect(page.locator("#sessions-now")).to_have_text("3")
    expect(page.locator("#sessions-limit")).to_have_text("4")
    expect(page.locator("#ceiling-now")).to_have_text("20")
    canvas.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#lane-readout")).to_contain_text("平均間隔 2")
    page.screenshot(path=screens / "monitor-busy-ja-light.png", full_page=True)


def enough(lanes: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """Three open lanes with a dozen replies each."""
    return lanes if len(lanes) == 3 and all(len(lane["accepted"]) >= 12 for lane in lanes) else None


def test_refusals_drop_at_their_gate(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(interval_ms=10)
    page = open_page(f"/monitor?composition={name}")
    page.wait_for_selector("#monitor[data-live]")
    for _ in range(3):
        site.send(name, to="x@foreign.example")
    expect(page.locator("[data-refused=domain]")).to_have_text("3")
    expect(page.locator("[data-gate=domain]")).to_have_class("gate has-refused")
    expect(page.locator("[data-refused=size]")).to_have_text("0")


def test_the_simulators_result_stands_beside_the_receivers_counts(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(interval_ms=10)
    page = open_page(f"/simulator?preset=domain&composition={name}")
    expect(page.locator("#to")).to_have_value("info@foreign.example.net")
    page.locator("#start").click()
    run = page.locator("#runs [data-run]").first
    expect(run).to_contain_text("終了", timeout=20_000)
    expect(run).to_contain_text("5 × 550 5.7.1")
    expect(run).to_contain_text("拒否 5")


#: A page's notifications for the desktop, which shows them too.
NOTE_TOLD = """window.told = [];
window.Notification = class extends Notification {
  constructor(title, options) { super(title, options); told.push(title); }
};"""


def flood(site: Site, wait_for: Callable[..., Any]) -> str:
    """More refusals than a flood needs, until the console saw them; at which composition."""
    name = site.add_composition(interval_ms=10)
    floods = site.desk.app.extensions["notices"]._floods
    wait_for(lambda: ("receiving", name) in floods)
    for _ in range(FLOOD):
        site.send(name, to="x@foreign.example")
    wait_for(lambda: floods["receiving", name].quiet_until)
    return name


def test_a_flood_is_told_to_the_desktop_unless_that_is_switched_off(
    console: Page, site: Site, wait_for: Callable[..., Any]
) -> None:
    console.context.grant_permissions(["notifications"])
    console.add_init_script(NOTE_TOLD)
    console.goto(f"{site.base}/display")
    expect(console.locator("#notify-state")).to_have_text("このブラウザでの通知は許可されています。")
    switch = console.locator("[type=checkbox][name=notify_flood]")
    switch.uncheck()
    console.locator(".settings-foot button").click()
    expect(switch).not_to_be_checked()
    quiet = flood(site, wait_for)
    switch.check()
    console.locator(".settings-foot button").click()
    expect(switch).to_be_checked()
    console.wait_for_selector("#live.on")
    loud = flood(site, wait_for)
    wait_for(lambda: any(loud in each for each in console.evaluate("told")))
    assert not any(quiet in each for each in console.evaluate("told"))


def test_fields_that_do_not_count_are_hidden(open_page: Callable[[str], Page]) -> None:
    page = open_page("/simulator")
    expect(page.locator("#kind")).to_be_hidden()
    page.select_option("#mail", "bounce")
    expect(page.locator("#kind")).to_be_visible()
    expect(page.locator("#peak")).to_be_hidden()
    page.select_option("#shape", "burst")
    expect(page.locator("#peak")).to_be_visible()


def test_what_is_chosen_while_the_panel_is_fetched_anew_stays(open_page: Callable[[str], Page]) -> None:
    page, held = open_page("/simulator"), list[Route]()
    page.route("**/simulator?*", lambda route: held.append(route))
    with page.expect_request("**/simulator?*"):
        page.select_option("#mail", "bounce")
    page.select_option("#shape", "wave")
    page.fill("#count", "77")
    held[0].continue_()
    expect(page.locator("#to")).to_have_value(re.compile("^bounce@"))  # the answer is in, with the recipient of bounces
    expect(page.locator("#mail")).to_have_value("bounce")
    expect(page.locator("#shape")).to_have_value("wave")
    expect(page.locator("#count")).to_have_value("77")
    expect(page.locator("#peak")).to_be_visible()


@pytest.mark.browser_context_args(reduced_motion="reduce")
def test_reduced_motion_still_shows_every_tick_and_the_theme(
    open_page: Callable[[str], Page], wait_for: Callable[..., Any]
) -> None:
    page = open_page("/monitor")
    page.wait_for_selector("#monitor[data-live]")
    last_tick = "(canvas) => canvas.cmcLanes.lastTick"
    first = page.locator("#lanes").evaluate(last_tick)
    wait_for(lambda: page.locator("#lanes").evaluate(last_tick) > first)
    page.evaluate(NOTE_LINES)
    page.emulate_media(color_scheme="dark")
    lines = wait_for(lambda: page.evaluate("window.lines"))
    assert lines == [["rgb(59,66,73)"]] * 3, "all lines of the three pictures in the dark theme's colour"


#: As soon as the theme has changed: in which of the two themes' colours (--line) each canvas has lines.
NOTE_LINES = """() => matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(() => {
  window.lines = [...document.querySelectorAll("#monitor canvas")].map((canvas) => {
    const dots = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const near = (at, colour) => dots[at + 3] > 100 && colour.every((part, n) => Math.abs(dots[at + n] - part) < 4);
    const drawn = new Set();
    for (let at = 0; at < dots.length; at += 4) {
      for (const colour of [[223, 227, 232], [59, 66, 73]]) if (near(at, colour)) drawn.add(`rgb(${colour})`);
    }
    return [...drawn];
  });
}))"""


FULL_HOUSE = """async ([sessions, each]) => {
    const { Lanes, drawLanes } = await import('/static/lanes.js');
    const lanes = new Lanes();
    const canvas = document.getElementById('lanes');
    const start = Date.now() / 1000 - 30;
    for (let tick = 1; tick <= 120; tick += 1) {
        const at = start + tick / 4;
        const times = Array.from({length: Math.min(each, 13)}, (_, n) => at - 0.25 + (0.25 * n) / each);
        lanes.take(Array.from({length: sessions}, (_, n) => [n + 1, start, times, [], each, 0]), at);
    }
    const before = performance.now();
    for (let n = 0; n < 10; n += 1) {
        drawLanes(canvas, lanes, {limit: 100, interval: 250 / each, now: start + 30, chosen: null});
    }
    canvas.getContext('2d').getImageData(0, 0, 1, 1);  // waits until it is drawn
    const lane = lanes.bySession.get(1);
    return [(performance.now() - before) / 10, lane.dense.length, lane.accepted.length];
}"""


@pytest.mark.parametrize(("each", "dense", "dots"), [(25, 120, 0), (13, 0, 1560), (2, 0, 240)])
def test_a_full_house_is_drawn_in_time(open_page: Callable[[str], Page], each: int, dense: int, dots: int) -> None:
    page = open_page("/monitor")
    page.wait_for_selector("#monitor[data-live]")
    milliseconds, bars, told = page.evaluate(FULL_HOUSE, [100, each])
    assert (bars, told) == (dense, dots), "bars above what can be told one by one, dots below"
    assert milliseconds < 100, "100 sessions over 30 seconds: a frame, on a machine that others use too"


def test_a_run_that_goes_on_keeps_the_focus_and_what_was_opened(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(interval_ms=10)
    page = open_page(f"/simulator?composition={name}")
    page.fill("#count", "")
    page.fill("#seconds", "60")
    page.fill("#rate", "5")
    page.locator("#start").click()
    run = page.locator("#runs [data-run]", has_text=f"→ {name}").first
    run.locator("summary").click()
    run.get_by_role("link", name="モニター").focus()
    figures = run.locator(".run-figures")
    expect(figures).not_to_have_text("")
    before = figures.inner_text()
    expect(figures).not_to_have_text(before)
    assert run.locator("details").get_attribute("open") is not None
    expect(run.get_by_role("link", name="モニター")).to_be_focused()
    run.get_by_role("button", name="停止する").click()
    expect(run.get_by_role("button", name="もう一度実行")).to_be_visible(timeout=20_000)
