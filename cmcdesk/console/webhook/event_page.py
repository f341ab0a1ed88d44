"""MENU → API設定 → Webhook → イベント: where the events of one composition go. Saves like サーバ設定."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from cmcdesk.console.catcher.catching import find_first_url
from cmcdesk.console.compositions.compositions_page import get_view
from cmcdesk.console.compositions.view import list_names
from cmcdesk.console.settings.settings_page import Screen, save_screen, show_screen
from cmcdesk.console.webhook.filters_page import choose_view
from cmcdesk.rules.settings import describe

EVENT = Screen(
    "webhook_event.show_event",
    "webhook/event_fields.html",
    tuple(setting.path for setting in describe() if setting.path.startswith("event_webhook.")),
    frame="webhook/event.html",
)

webhook_event = Blueprint("webhook_event", __name__)
webhook_event.add_app_template_global(list_names, "names")
webhook_event.add_app_template_global(find_first_url, "catcher_url")


@webhook_event.get("/api-settings/webhook/event")
def show_first() -> ResponseReturnValue:
    """The tab, for the composition asked for, else the first."""
    return redirect(url_for("webhook_event.show_event", name=choose_view().name))


@webhook_event.get("/api-settings/webhook/event/<name>")
def show_event(name: str) -> str:
    """The Event tab of one composition."""
    return show_screen(EVENT, get_view(name))


@webhook_event.post("/api-settings/webhook/event/<name>")
def save_event(name: str) -> ResponseReturnValue:
    """Save it."""
    return save_screen(EVENT, name)
