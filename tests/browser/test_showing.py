"""What is shown to others, in the browser: the demo from the welcome's door to its end, and the acceptance report as
the file that it is: from disk, without a request to anywhere, printed on A4."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from simulator.acceptance.evidence import Evidence, Line, Recorder, Talk, TimedTally
from simulator.acceptance.play import Result, Seen
from simulator.acceptance.report import write_html
from simulator.acceptance.scenario import list_scenarios
from simulator.acceptance.steps import Said

from .conftest import Site, Watch
from .touring import find_faults, find_overflow

LONG = 60_000  # milliseconds: another cmcdesk is started


def test_the_demo_plays_on_a_stage_of_its_own_and_leads_back(
    console: Page, site: Site, watch: Watch, axe: str, screens: Path
) -> None:
    watch.expected.append(r"left this machine: http://127\.0\.0\.1:")  # the demo's own cmcdesk has another port
    page, faults = console, []
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    page.goto(f"{site.base}/welcome")
    before = site.api("compositions")
    page.click("#door-show")
    page.wait_for_selector("#stage-view", timeout=LONG)
    assert not page.url.startswith(site.base)
    expect(page.locator("#stage-title")).to_have_text("CMC の受信サーバが、このコンピュータの中に")
    frame = page.frame_locator("#stage-view")
    expect(frame.locator("h1")).to_have_text("サーバ構成")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#stage-title")).to_have_text("フォームメールが届く")
    expect(frame.locator("#monitor")).to_have_attribute("data-live", "yes", timeout=LONG)
    expect(frame.locator("[data-count=mails]")).to_have_text(re.compile("[1-9]"), timeout=LONG)
    page.keyboard.press(" ")
    expect(page.locator("[data-state=paused]")).to_be_visible()
    expect(page.locator("#demo-pause")).to_have_text("再開")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.screenshot(path=screens / f"demo-stage-{theme}.png")
        assert find_faults(page, axe) == []
    assert list(find_overflow(page)) == []
    page.click("#demo-end")
    page.wait_for_url(f"{site.base}/welcome", timeout=LONG)
    assert site.api("compositions") == before and faults == []


def test_the_report_is_read_from_disk_asks_nobody_and_prints_on_a4(page: Page, tmp_path: Path) -> None:
    fact = Seen("fact", Said("断られた", "Refused"), "1", "1", True, 0.1)
    recorder = Recorder("big", TimedTally(), [Talk("big", 0.0, [Line(0.1, "S", "552 5.3.4 too big")])])
    recorder.tally.refused_at.extend([0.1, 0.4])
    evidence = Evidence({"pro": [2, 3]}, [recorder])
    results = [Result(one, (fact,), 1.0, "", "0.0", evidence) for one in list_scenarios(("05-size", "06-domains"))]
    write_html(results, tmp_path / "report.html", "ja")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())
    expect(page.locator("h1")).to_have_text("受入試験の結果", use_inner_text=True)
    expect(page.locator(".sign")).to_contain_text("署名・捺印")
    expect(page.locator("#\\30 5-size table").first).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#\\30 5-size table").first).to_be_visible()
    expect(page.locator(".talk").first).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.click("#open-all")
    expect(page.locator(".talk").first).to_contain_text("552 5.3.4 too big")
    expect(page.locator("svg rect.no").first).to_be_visible()
    page.click("[data-to=en]")
    expect(page.locator("h1")).to_have_text("Acceptance report", use_inner_text=True)
    assert {url.partition(":")[0] for url in asked} == {"file"} and len(asked) == 1
    sheet = page.pdf(prefer_css_page_size=True)
    boxes = {tuple(float(side) for side in box.split()) for box in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", sheet)}
    assert boxes and all(abs(box[2] - 595) < 1 and abs(box[3] - 842) < 1 for box in boxes)
