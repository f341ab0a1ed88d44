"""サーバ設定: saving by button and by moving on, errors that lose nothing, two windows."""

import re
from pathlib import Path
from typing import Any

from cmcdesk.console.settings.settings_page import SCREENS, write_postfix
from cmcdesk.store.desk.compositions import get_composition
from cmcdesk.store.desk.database import transaction

from ..conftest import Console

PLACE = "/compositions/{}/settings/receiving"
HX = {"HX_Request": "true"}


def fields(console: Console, name: str, **changed: str) -> dict[str, str]:
    """The form as the page shows it, with changes (max_sessions="5")."""
    page = console.get(PLACE.format(name)).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    return {"version": version[1]} | {f"receiving.{key}": value for key, value in changed.items()}


def saved(console: Console, name: str) -> dict[str, object]:
    receiving: dict[str, object] = console.api(f"compositions/{name}/draft").json["settings"]["receiving"]
    return receiving


def test_the_page_shows_every_field_with_its_limits(console: Console) -> None:
    page = console.get(PLACE.format("pro")).text
    for name in ("max_sessions", "interval_ms", "size_kb", "bounce_domains", "inbound_domains"):
        assert f'name="receiving.{name}"' in page
    assert 'data-minimum="10" data-maximum="10000"' in page and "10026" in page
    assert 'id="per-second">100<' in page and 'id="per-hour">360,000<' in page


def test_save_stays_and_says_what_waits(console: Console) -> None:
    name = console.add_composition()
    answer = console.post(PLACE.format(name), fields(console, name, max_sessions="７"), **HX)  # full-width 7
    assert answer.status_code == 200 and saved(console, name)["max_sessions"] == 7
    assert "Saved settings wait to be reflected" in answer.text and "<html" not in answer.text


def test_moving_on_saves_and_goes_there(console: Console) -> None:
    name = console.add_composition()
    form = fields(console, name, interval_ms="500") | {"next": "/mails?kind=bounce"}
    answer = console.post(PLACE.format(name), form, **HX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/mails?kind=bounce")
    assert saved(console, name)["interval_ms"] == 500


def test_moving_on_leads_nowhere_foreign(console: Console) -> None:
    name = console.add_composition()
    form = fields(console, name, interval_ms="50") | {"next": "https://evil.example/"}
    assert "HX-Redirect" not in console.post(PLACE.format(name), form, **HX).headers


def test_an_invalid_field_keeps_one_there_and_loses_nothing(console: Console) -> None:
    name = console.add_composition()
    before = saved(console, name)
    typed = fields(console, name, max_sessions="lots", size_kb="77", inbound_domains="ok.example\nnot ok")
    answer = console.post(PLACE.format(name), typed | {"next": "/mails"}, **HX)
    assert answer.status_code == 422 and "HX-Redirect" not in answer.headers
    assert 'value="lots"' in answer.text and 'value="77"' in answer.text and "ok.example\nnot ok" in answer.text
    assert 'data-wrong="1"' in answer.text and "What you typed is still here" in answer.text
    assert re.search(r'id="tab-inbound"[^>]*aria-selected="true"', answer.text), "the tab with the fault is open"
    assert saved(console, name) == before


def test_without_script_the_form_works_too(console: Console) -> None:
    name = console.add_composition()
    assert console.post(PLACE.format(name), fields(console, name, size_kb="99")).status_code == 303
    wrong = console.post(PLACE.format(name), fields(console, name, size_kb="0"))
    assert wrong.status_code == 422 and "<html" in wrong.text


def test_the_later_of_two_windows_is_shown_the_others_change(console: Console) -> None:
    name = console.add_composition()
    mine = fields(console, name, max_sessions="8")
    console.post(PLACE.format(name), fields(console, name, max_sessions="9"), **HX)
    answer = console.post(PLACE.format(name), mine, **HX)
    assert answer.status_code == 409 and saved(console, name)["max_sessions"] == 9
    assert 'id="conflict"' in answer.text and 'value="8"' in answer.text
    assert re.search(r'change-old">9</span>\s+→\s+<span\s+class="change-new">8<', answer.text)
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version
    assert console.post(PLACE.format(name), mine | {"version": version[1]}, **HX).status_code == 200
    assert saved(console, name)["max_sessions"] == 8


def test_standard_is_locked_with_the_reason_but_for_the_inbound_tab(console: Console) -> None:
    page = console.get(PLACE.format("sandbox")).text
    assert 'name="receiving.max_sessions"' not in page and 'name="receiving.bounce_domains"' not in page
    assert page.count("Fixed on the Standard plan") == 4 and 'name="receiving.inbound_domains"' in page
    form = fields(console, "sandbox", inbound_domains="sandbox.example")
    assert console.post(PLACE.format("sandbox"), form, **HX).status_code == 200
    forged = fields(console, "sandbox", max_sessions="99")
    assert console.post(PLACE.format("sandbox"), forged, **HX).status_code == 422
    assert saved(console, "sandbox")["inbound_domains"] == ["sandbox.example"]


def test_the_envelope_from_among_the_advanced_settings(console: Console) -> None:
    name = console.add_composition()
    place = f"/compositions/{name}/settings/advanced"
    assert f"return.{name}.smtps.jp" in console.get(place).text
    typed = {"advanced.envelope_from.rewrite": "true", "advanced.envelope_from.domain": ""}
    assert console.post(place, typed, **HX).status_code == 422
    typed = {"advanced.envelope_from.rewrite": "false", "advanced.envelope_from.domain": "Return.Example.COM"}
    assert console.post(place, typed, **HX).status_code == 200
    draft = console.api(f"compositions/{name}/draft").json["settings"]
    assert draft["advanced"]["envelope_from"] == {"rewrite": False, "domain": "return.example.com"}
    assert draft["receiving"]["inbound_domains"] == ["test.example"], "what is on other screens stays"


def test_an_unknown_composition_is_404(console: Console) -> None:
    assert console.get(PLACE.format("nothing")).status_code == 404
    assert console.post(PLACE.format("nothing"), {}).status_code == 404


def read_draft(console: Console, name: str) -> dict[str, Any]:
    return console.api(f"compositions/{name}/draft").json["settings"]  # type: ignore[no-any-return]


def test_the_relay_server_is_saved_and_its_networks_are_told_one_by_one(console: Console) -> None:
    name = console.add_composition()
    place = f"/compositions/{name}/settings/relay"
    page = console.get(place).text
    assert 'name="relay.max_sessions"' in page and "10025" in page and "No API user has SMTP ticked yet." in page
    typed = {"relay.access": "network_and_auth", "relay.networks": "127.0.0.1\n192.0.2.0/24", "relay.interval_ms": "20"}
    refused = console.post(place, typed, **HX)
    assert refused.status_code == 422 and "CIDR notation is not available" in refused.text
    assert "192.0.2.0/24" in refused.text and '"network_and_auth" selected' in refused.text
    answer = console.post(place, typed | {"relay.networks": "127.0.0.1\n::1"}, **HX)
    assert answer.status_code == 200
    relay = read_draft(console, name)["relay"]
    assert (relay["access"], relay["networks"], relay["interval_ms"]) == ("network_and_auth", ["127.0.0.1", "::1"], 20)


def test_the_relay_page_names_the_users_who_may_and_points_a_postfix_at_them(console: Console) -> None:
    name = console.add_composition()
    console.api("api-users", "POST", {"api_user": "app@example.com", "smtp": True})
    page = console.get(f"/compositions/{name}/settings/relay").text
    assert re.search(r"app@example\.com\s+<span\s+class=\"mark\">waits to be reflected", page)
    assert "relayhost = [127.0.0." in page and "app@example.com:API_KEY" in page
    console.api(f"compositions/{name}/apply", "POST")
    assert "waits to be reflected</span>" not in console.get(f"/compositions/{name}/settings/relay").text
    console.api("api-users/app@example.com", "DELETE")
    console.api(f"compositions/{name}/apply", "POST")  # other tests share the desk: nothing waits


def test_the_snippet_for_postfix() -> None:
    text = write_postfix("127.0.0.5:10025", "")
    assert "relayhost = [127.0.0.5]:10025\n" in text and "\n[127.0.0.5]:10025 API_USER:API_KEY\n" in text
    assert "relayhost = [::1]:25\n" in write_postfix("[::1]:25", "a")


SPEED = {
    "name": "carriers",
    "patterns": "@docomo\\.ne\\.jp$\n@ezweb\\.ne\\.jp$",
    "max_connections": "2",
    "interval_ms": "500",
}


def make_rows(path: str, *rows: dict[str, str], first: int = 0) -> dict[str, str]:
    """The fields of a list's rows, from that index on; the list says that it is there."""
    numbered = enumerate(rows, first)
    return {path: ""} | {f"{path}[{at}].{key}": value for at, row in numbered for key, value in row.items()}


def test_rows_are_added_kept_as_they_were_typed_and_removed(console: Console) -> None:
    name = console.add_composition()
    place = f"/compositions/{name}/settings/delivery-speed"
    empty = {"name": "", "patterns": "", "match_host": "false", "max_connections": "10", "interval_ms": "100"}
    typed = make_rows("delivery_speed", empty, SPEED | {"interval_ms": "5"}, first=3)
    refused = console.post(place, typed, **HX)
    assert refused.status_code == 422 and "an integer from 10 to 10000" in refused.text
    assert 'name="delivery_speed[0].interval_ms" value="5"' in refused.text, "without gaps, as the errors count"
    assert "delivery_speed[3]" not in refused.text and "delivery_speed[4]" not in refused.text
    assert console.post(place, make_rows("delivery_speed", empty, SPEED, empty), **HX).status_code == 200
    (one,) = read_draft(console, name)["delivery_speed"]
    assert one["patterns"] == [r"@docomo\.ne\.jp$", r"@ezweb\.ne\.jp$"] and one["interval_ms"] == 500
    assert "@ezweb" in console.get(place).text
    assert console.post(place, {"delivery_speed": ""}, **HX).status_code == 200
    assert read_draft(console, name)["delivery_speed"] == []


def test_forwarding_has_two_tabs_and_opens_the_one_with_the_fault(console: Console) -> None:
    name = console.add_composition()
    place = f"/compositions/{name}/settings/forwarding"
    row = {"name": "log", "header": "Subject", "pattern": "order", "address": "log@example.org", "mode": "copy"}
    wrong = make_rows("forwarding.relay", row) | make_rows("forwarding.receiving", row | {"address": "nobody"})
    refused = console.post(place, wrong | {"tab": "relay"}, **HX)
    assert refused.status_code == 422 and "must be one mail address" in refused.text
    assert re.search(r'id="pane-relay"[^>]* hidden', refused.text)
    assert not re.search(r'id="pane-receiving"[^>]* hidden', refused.text)
    right = make_rows("forwarding.relay", row) | make_rows("forwarding.receiving", row | {"mode": "rewrite"})
    assert console.post(place, right, **HX).status_code == 200
    forwarding = read_draft(console, name)["forwarding"]
    assert (forwarding["relay"], forwarding["receiving"]) == ([row], [row | {"mode": "rewrite"}])
    changes = [one["field"] for one in console.api(f"compositions/{name}/diff").json["changes"]]
    assert changes == ['forwarding.relay["log"]', 'forwarding.receiving["log"]']


def test_the_later_of_two_windows_with_rows_is_told_and_keeps_its_rows(console: Console) -> None:
    name = console.add_composition()
    place = f"/compositions/{name}/settings/delivery-speed"
    version = re.search(r'name="version" value="(\d+)"', console.get(place).text)
    assert version
    console.post(place, make_rows("delivery_speed", SPEED), **HX)
    mine = make_rows("delivery_speed", SPEED | {"name": "mine"}) | {"version": version[1]}
    conflict = console.post(place, mine, **HX)
    assert conflict.status_code == 409 and 'id="conflict"' in conflict.text and 'value="mine"' in conflict.text


def test_the_received_header_and_the_resends(console: Console) -> None:
    name = console.add_composition()
    place = f"/compositions/{name}/settings/advanced"
    page = console.get(place).text
    assert 'value="short" checked' in page and f"by mta01.{name}.smtps.jp;" in page
    typed = {"advanced.received": "strip", "advanced.resend_period_min": "5", "advanced.resend_interval_min": "6"}
    refused = console.post(place, typed, **HX)
    assert refused.status_code == 422 and "must not be above the resend period (5 minutes)" in refused.text
    assert 'value="strip" checked' in refused.text
    assert console.post(place, typed | {"advanced.resend_interval_min": "5"}, **HX).status_code == 200
    assert read_draft(console, name)["advanced"]["received"] == "strip"


def test_what_standard_fixes_cannot_be_typed_and_forwarding_can(console: Console) -> None:
    for screen in ("relay", "delivery-speed", "advanced"):
        page = console.get(f"/compositions/sandbox/settings/{screen}").text
        assert "Fixed on the Standard plan." in page
        assert not re.search(r'name="(relay|delivery_speed|advanced)', page), screen
    assert 'name="forwarding.relay"' in console.get("/compositions/sandbox/settings/forwarding").text


def test_the_documentation_shows_the_snippet_that_the_page_shows() -> None:
    page = (Path(__file__).parents[3] / "docs" / "relay.md").read_text(encoding="utf-8")
    assert write_postfix("127.0.0.1:10025", "app@example.com") in page


def test_a_pattern_that_may_run_for_ever_is_warned_of_and_saved(console: Console) -> None:
    name = console.add_composition()
    place = f"/compositions/{name}/settings/delivery-speed"
    answer = console.post(place, make_rows("delivery_speed", SPEED | {"patterns": "x\n(a+)+$"}), **HX)
    assert answer.status_code == 200 and "endless ways" in answer.text
    place = f"/compositions/{name}/settings/forwarding"
    assert "endless ways" not in console.get(place).text
    row = {"name": "log", "header": "Subject", "pattern": "(a+)+$", "address": "log@example.org", "mode": "copy"}
    assert "endless ways" in console.post(place, make_rows("forwarding.relay", row), **HX).text


def test_what_an_older_program_saved_is_shown_with_the_defaults_of_what_came_later(console: Console) -> None:
    name = console.add_composition()
    with transaction(console.desk._services.engine) as session:
        row = get_composition(session, name)
        later = ("relay", "delivery_speed", "forwarding", "security")
        older = {key: value for key, value in row.draft.items() if key not in later}
        row.draft = {**older, "advanced": {"envelope_from": {"rewrite": False, "domain": ""}}}
    for screen in SCREENS:
        assert console.get(f"/compositions/{name}/settings/{screen}").status_code == 200
    assert '"network_or_auth" selected' in console.get(f"/compositions/{name}/settings/relay").text
    assert 'value="short" checked' in console.get(f"/compositions/{name}/settings/advanced").text
    answer = console.post(f"/compositions/{name}/settings/relay", {"relay.max_sessions": "5"}, **HX)
    assert answer.status_code == 200
    draft = read_draft(console, name)
    assert (draft["relay"]["max_sessions"], draft["relay"]["access"]) == (5, "network_or_auth")
    assert draft["advanced"]["envelope_from"]["rewrite"] is False
