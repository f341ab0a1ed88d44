"""受入試験 from the page: chosen, played to its end against a cmcdesk of its own, and the report read back."""

import json
import re

from cmcdesk.console.acceptance.acceptance_page import list_known_scenarios

from ...conftest import WaitFor
from ..conftest import Console

PLAYED = "05-size"


def test_what_was_chosen_is_played_and_the_report_is_one_file(console: Console, wait_for: WaitFor) -> None:
    before = console.api("mails?limit=1").json, console.api("compositions").json
    assert console.post("/acceptance", {}).status_code == 422
    page = console.get("/acceptance", Accept_Language="ja").text
    assert "お使いの設定・メール・Webhook には影響しません" in page and f'value="{PLAYED}"' in page
    assert console.post("/acceptance", {"scenario": [PLAYED]}).status_code == 303
    assert console.post("/acceptance", {"scenario": [PLAYED]}).status_code == 409
    assert PLAYED in str(console.desk.app.extensions["acceptance"].run.scenarios)
    now = wait_for(lambda: re.search(r'data-report="([^"]+)"', console.get("/acceptance/now").text), 90)
    report = console.get(f"/acceptance/reports/{now[1]}")
    text = report.get_data(as_text=True)
    assert "sandbox" in report.headers["Content-Security-Policy"]
    assert re.search(r"1 / 1\b", text) and "552 5.3.4" in text and "<svg" in text and "署名・捺印" in text
    saved = console.get(f"/acceptance/reports/{now[1]}?save=1")
    assert saved.headers["Content-Disposition"] == f'attachment; filename="{now[1]}.html"' and saved.data == report.data
    assert (console.api("mails?limit=1").json, console.api("compositions").json) == before, "the own desk is untouched"
    assert console.post(f"/acceptance/reports/{now[1]}/remove").status_code == 303
    assert console.get(f"/acceptance/reports/{now[1]}").status_code == 404


def test_a_run_is_stopped_from_the_page(console: Console, wait_for: WaitFor) -> None:
    console.post("/acceptance", {"scenario": [PLAYED]})
    console.post("/acceptance/stop", HX_Request="true")
    wait_for(lambda: "Stopped" in console.get("/acceptance/now").text, 20)


def test_scenarios_are_those_of_the_simulator(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        known = list_known_scenarios()
    assert len(known) > 20 and json.dumps(known[0]["title"]) and known[0]["title"].keys() == {"ja", "en"}
