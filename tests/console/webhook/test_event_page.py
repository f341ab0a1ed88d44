"""The Event tab."""

from ..conftest import Console

HX = {"HX_Request": "true"}


def test_the_tab_leads_to_a_composition_and_shows_every_setting(console: Console) -> None:
    assert console.get("/api-settings/webhook/event").location == "/api-settings/webhook/event/pro"
    page = console.get("/api-settings/webhook/event/pro").text
    for name in ("endpoint", "bounces", "version", "time_zone", "format", "api_key", "basic", "bearer"):
        assert f'name="event_webhook.{name}"' in page
    assert page.count('type="password"') == 3
    assert "Endpoint URL (event)" not in page, "the tab says it once"
    assert "use JSON format (application/json)" in page


def test_it_saves_like_the_other_screens(console: Console) -> None:
    name = console.add_composition()
    place = f"/api-settings/webhook/event/{name}"
    given = {"event_webhook.bounces": ["false", "true"], "event_webhook.endpoint": "", "next": "/mails"}
    refused = console.post(place, given, **HX)
    assert refused.status_code == 422 and "field-error" in refused.text and "HX-Redirect" not in refused.headers
    given["event_webhook.endpoint"] = "http://127.0.0.1:9/events"
    assert console.post(place, given, **HX).headers["HX-Redirect"] == "/mails"
    saved = console.api(f"compositions/{name}/draft").json["settings"]["event_webhook"]
    assert (saved["bounces"], saved["endpoint"]) == (True, "http://127.0.0.1:9/events")
    console.post(place, {"event_webhook.bounces": "false"}, **HX)
    assert console.api(f"compositions/{name}/draft").json["settings"]["event_webhook"]["bounces"] is False
