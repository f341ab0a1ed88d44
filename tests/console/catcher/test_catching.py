"""The webhook catcher's addresses and endpoints as page and API use them."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cmcdesk.console.catcher import catching
from cmcdesk.console.catcher.catching import CATCHER_PORT, find_first_url, find_moved, make_catcher
from cmcdesk.console.frame.database import save_desk_setting
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.desk import Desk
from cmcdesk.processes.placing import Placing
from cmcdesk.starting import DeskOptions
from cmcdesk.store.desk.database import open_desk

from ..conftest import Console


def test_an_address_outlives_a_restart(tmp_path: Path) -> None:
    urls = []
    for _ in range(2):
        with Desk(DeskOptions(tmp_path, 0, Placing(receiver_port=0, relay_port=0))) as desk:
            desk.start()
            with desk.app.test_request_context("/"):
                urls.append(catching.find_first_url())
    assert urls[0] == urls[1] and urls[0].startswith("http://127.0.0.1:")


def test_the_port_is_the_one_it_had_then_ours_or_any_free_one(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    first = make_catcher(engine, True, lambda: None)
    assert first.port not in (0, CATCHER_PORT)
    first.stop()
    save_desk_setting(engine, catching.SETTING, {"port": first.port})
    again = make_catcher(engine, False, lambda: None)
    assert again.port == first.port
    again.stop()
    engine.dispose()


def test_names_and_answers_are_checked(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        row = catching.add_endpoint("  two \n words ")
        assert row.name == "two words" and catching.set_answer(row.id, " 500@3 ")
        assert not catching.set_answer(999, "200")
        with pytest.raises(Refused):
            catching.set_answer(row.id, "banana")
        with pytest.raises(Refused):
            catching.add_endpoint("x" * 101)
        catching.clear_endpoint(row.id)
        assert catching.remove_endpoint(row.id) and not catching.remove_endpoint(row.id)


def place(console: Console) -> tuple[str, str]:
    """(the catcher's address, the same with the port that it had before)."""
    with console.desk.app.test_request_context("/", base_url=console.base):
        url = find_first_url()
    port = urlsplit(url).port
    assert port
    return url, url.replace(f":{port}/", f":{port + 1 if port < 65535 else port - 1}/")


def test_only_earlier_addresses_of_its_endpoints_have_moved(console: Console) -> None:
    url, old = place(console)
    with console.desk.app.test_request_context("/", base_url=console.base):
        assert find_moved(old) == url
        assert find_moved(old.replace("127.0.0.1", "localhost") + "/a/b?c=d") == f"{url}/a/b?c=d"
        others = (url, f"{url}/x", "", "http://[", "http://127.0.0.1:1/else", old.replace("127.0.0.1", "app"))
        assert [find_moved(other) for other in others] == [None] * len(others)


def test_notifications_are_told_and_rewritten(console: Console) -> None:
    url, old = place(console)
    name = console.add_composition(apply=False)
    condition = [{"header": "To", "pattern": "x"}]
    elsewhere = {"name": "other", "endpoint": "https://x.example/", "condition": condition}
    filters = [elsewhere, {"name": "form", "endpoint": old, "condition": condition, "bearer": "topsecret"}]
    console.change(name, {"inbound_webhook": filters, "event_webhook": {"endpoint": f"{old}/event"}})
    page = console.get("/api-settings/webhook/catcher").text
    assert 'id="moved"' in page and f"{name}: form" in page and f"{name}: Event webhook" in page
    for path in (f"inbound/{name}/1", f"event/{name}"):
        assert "data-moved" in console.get(f"/api-settings/webhook/{path}").text
    assert "data-moved" not in console.get(f"/api-settings/webhook/inbound/{name}/0").text
    assert "The catcher has moved" in console.get(f"/api-settings/webhook/inbound?composition={name}").text
    assert console.post("/api-settings/webhook/catcher/moved").status_code == 303
    saved = console.api(f"compositions/{name}/draft").json["settings"]
    assert [each["endpoint"] for each in saved["inbound_webhook"]] == ["https://x.example/", url]
    assert saved["event_webhook"]["endpoint"] == f"{url}/event"
    assert "topsecret" in console.get(f"/api-settings/webhook/inbound/{name}/1?secrets=show").text
    assert 'id="moved"' not in console.get("/api-settings/webhook/catcher").text
