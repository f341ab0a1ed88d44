"""サーバ設定: saving by button and by moving on, errors that lose nothing, two windows."""

import re

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
    assert re.search(r'change-old">9</span> → <span class="change-new">8<', answer.text)
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


def test_envelope_from(console: Console) -> None:
    name = console.add_composition()
    place = f"/compositions/{name}/settings/envelope-from"
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
