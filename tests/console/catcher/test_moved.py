"""A catcher whose port was taken: who still goes to its earlier address is told so, and gets the new one."""

from urllib.parse import urlsplit

from cmcdesk.console.catcher.catching import find_first_url
from cmcdesk.console.catcher.moved import find_moved

from ..conftest import Console


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
