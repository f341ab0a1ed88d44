"""All pages, and what the frame around them needs."""

from typing import Any

from flask import Flask, url_for
from flask_babel import gettext as _

from cmcdesk.console.disk_notices import list_disk_notices
from cmcdesk.console.maillog import current_services
from cmcdesk.console.pages.api_users import api_users
from cmcdesk.console.pages.archive import archive
from cmcdesk.console.pages.bounces import bounces
from cmcdesk.console.pages.catcher import catcher
from cmcdesk.console.pages.compositions import compositions
from cmcdesk.console.pages.desk import desk
from cmcdesk.console.pages.mail import mail
from cmcdesk.console.pages.mails import mails
from cmcdesk.console.pages.monitor import monitor
from cmcdesk.console.pages.refusal import refusal
from cmcdesk.console.pages.runs import runs
from cmcdesk.console.pages.set_aside import set_aside
from cmcdesk.console.pages.settings import settings
from cmcdesk.console.pages.shortcuts import shortcuts
from cmcdesk.console.pages.simulator import simulator
from cmcdesk.console.pages.webhook_event import webhook_event
from cmcdesk.console.pages.webhook_filters import webhook
from cmcdesk.console.pages.webhook_log import webhook_log
from cmcdesk.console.pages.webhook_trials import trials
from cmcdesk.rules.gates import GATES

PAGES = (
    desk, compositions, archive, settings, webhook, webhook_event, webhook_log, catcher, trials, api_users, mails, mail,
    refusal, bounces, monitor, set_aside, simulator, runs,
    shortcuts,
)  # fmt: skip


def register_pages(app: Flask) -> None:
    """Add every page to `app`."""
    for page in PAGES:
        app.register_blueprint(page)

    @app.context_processor
    def add_frame() -> dict[str, Any]:
        return {
            "navigation": list_tabs,
            "flags": current_services().flags,
            "gates": GATES,
            "disk_notices": list_disk_notices,
        }


def list_tabs() -> list[tuple[str, str]]:
    """(address, label) of the main menu."""
    return [
        (url_for("compositions.show_list"), _("Server compositions")),
        (url_for("mails.show_list"), _("Mails")),
        (url_for("mails.show_refusals"), _("Refusals")),
        (url_for("bounces.show_log"), _("Delivery report")),
        (url_for("monitor.show_monitor"), _("Live monitor")),
        (url_for("simulator.show_panel"), _("Simulator")),
    ]
