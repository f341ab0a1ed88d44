"""The live monitor's page: its limits are those that are live."""

import json
import re
from html import unescape

from cmcdesk.rules.gates import GATES

from ..conftest import Console


def test_the_page_holds_what_the_drawing_needs(console: Console) -> None:
    page = console.get("/monitor?composition=sandbox").text
    assert 'data-composition="sandbox" data-server="receiving" data-limit="10" data-interval="100"' in page
    assert 'data-stream="/stream?telemetry=1"' in page
    texts = re.search(r"data-text='([^']+)'", page)
    assert texts and json.loads(unescape(texts[1]))["states"]["operating"] == "Mail server: operating"
    assert 'data-worker="bounces"' in page and 'data-worker="bounces_waiting"' in page
    assert set(re.findall(r'data-gate="([a-z]+)"', page)) == set(GATES) - {
        "tls",
        "auth",
        "relay",
    }  # off, and of the other server


def test_saved_but_unreflected_limits_are_not_shown(console: Console) -> None:
    name = console.add_composition(max_sessions=4, interval_ms=20)
    console.change(name, {"receiving": {"max_sessions": 99}})
    assert console.get(f"/monitor/limits?composition={name}").json == {"max_sessions": 4, "interval_ms": 20}
    console.api(f"compositions/{name}/apply", "POST")
    assert console.get(f"/monitor/limits?composition={name}").json == {"max_sessions": 99, "interval_ms": 20}


def test_without_a_choice_the_first_is_shown(console: Console) -> None:
    assert 'data-composition="pro"' in console.get("/monitor?composition=nothing").text


def test_tls_and_auth_are_drawn_where_they_are_switched_on(console: Console) -> None:
    name = console.add_composition(apply=False)
    console.change(name, {"security": {"auth": "offered"}})
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    page = console.get(f"/monitor?composition={name}").text
    assert 'data-gate="auth"' in page and 'data-gate="tls"' not in page


def test_no_two_parts_of_it_have_the_same_id(console: Console) -> None:
    ids = re.findall(r'\bid="([^"]+)"', console.get("/monitor").text)
    assert sorted(ids) == sorted(set(ids))


def test_a_relay_is_shown_by_itself_with_its_own_limits_and_gates(console: Console) -> None:
    name = console.add_composition(apply=False)
    console.change(name, {"relay": {"max_sessions": 7, "interval_ms": 30, "networks": ["127.0.0.1", "127.0.0.9"]}})
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    page = console.get(f"/monitor?composition={name}&server=relay").text
    assert f'data-composition="{name}" data-server="relay" data-limit="7" data-interval="30"' in page
    assert set(re.findall(r'data-gate="([a-z]+)"', page)) == set(GATES) - {"domain", "spam"}
    assert "2 acceptable addresses" in page and 'data-worker="bounces"' not in page
    limits = console.get(f"/monitor/limits?composition={name}&server=relay").json
    assert limits == {"max_sessions": 7, "interval_ms": 30}
