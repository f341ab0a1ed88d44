"""The manual's bounce chapter by clicks: domain, MX record, acceptable domain, Envelope From, reflection; then a mail
that an application relays, and its bounce that comes home."""

import re
import smtplib
from collections.abc import Callable
from email.message import EmailMessage

from playwright.sync_api import Page, expect

from .conftest import Site

DOMAIN = "return.manual.example"
LONG = 30_000  # ms: DNS, destination, report and bounce reading lie between


def test_the_manuals_steps_lead_to_the_bounce_that_comes_home(open_page: Callable[[str], Page], site: Site) -> None:
    name = site.add_composition(inbound_domains=[])
    page = open_page("/world/dns")
    start = page.locator("#start-world")
    if start.count():
        start.click()
    expect(page.locator("#world-state")).to_have_attribute("data-state", "running")

    page.goto(f"{site.base}/compositions/{name}/settings/receiving")  # STEP3
    bounces = page.locator("#pane-bounce")
    bounces.get_by_role("textbox", name=re.compile("ドメインを追加")).fill(DOMAIN)
    bounces.get_by_role("button", name="追加する").click()
    page.get_by_role("button", name="保存する").click()
    expect(page.locator("#save-state")).to_contain_text("保存しました")
    page.goto(f"{site.base}/compositions/{name}/settings/advanced")  # STEP4
    page.get_by_label("書き換える", exact=True).check()
    page.fill("[id='advanced.envelope_from.domain']", DOMAIN)
    page.get_by_role("button", name="保存する").click()
    expect(page.locator("#save-state")).to_contain_text("保存しました")

    page.goto(f"{site.base}/world/domains")
    mine = page.locator(f"[data-domain='{DOMAIN}']")
    expect(mine.locator("[data-step=allowed]")).to_contain_text("まだ反映されていません")
    expect(mine.locator("[data-step=mx]")).to_have_attribute("data-grade", "bad")
    mine.locator("[data-step=mx]").get_by_role("link", name="DNS").click()  # STEP2
    expect(page.locator("#dug")).to_contain_text("status: NXDOMAIN")
    page.click("#enter")
    expect(page.locator("#dug")).to_contain_text(f"10 {name}.smtps.jp.")

    page.goto(f"{site.base}/compositions")
    page.locator(f"tr[data-composition='{name}']").get_by_role("button", name="設定反映").click()
    page.click("#apply-now")
    expect(page.locator(f"tr[data-composition='{name}']")).to_contain_text("運用中")
    page.goto(f"{site.base}/world/domains")
    expect(mine).to_have_attribute("data-grade", "good")

    relay_one(site, name)
    page.goto(f"{site.base}/mails?composition={name}")
    page.get_by_role("link", name="道のりを見る件名").last.click()
    page.click("#journey")
    expect(page.locator("[data-station=sender]")).to_contain_text(f"info@{DOMAIN}")
    expect(page.locator("[data-station=destination]")).to_have_attribute("data-state", "broken", timeout=LONG)
    expect(page.locator("[data-station=bounce]")).to_contain_text("ユーザ不明", timeout=LONG)
    expect(page.locator("[data-station=api]")).to_have_attribute("data-state", "done")


def relay_one(site: Site, name: str) -> None:
    """What an application does: a mail to an address that does not exist, handed to the relay server."""
    found = next(each for each in site.api("compositions")["compositions"] if each["name"] == name)
    host, _, port = found["relay"].rpartition(":")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "info@manual.example", "nobody@example.net", "道のりを見る件名"
    mail["Message-ID"] = f"<manual-{name}@manual.example>"
    mail.set_content("こんにちは")
    with smtplib.SMTP(host, int(port), timeout=10) as client:
        client.sendmail("info@manual.example", ["nobody@example.net"], mail.as_bytes())
