"""All pages, and what the frame around them needs."""

from typing import Any

from flask import Flask, url_for
from flask_babel import gettext as _

from cmcdesk.console.bounces.bounces_page import bounces
from cmcdesk.console.catcher.catcher_page import catcher
from cmcdesk.console.catcher.moved import find_moved
from cmcdesk.console.cmc.api_users_page import api_users
from cmcdesk.console.compositions.archive_page import archive
from cmcdesk.console.compositions.compositions_page import compositions
from cmcdesk.console.desk.desk_page import desk, shortcuts
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.disk_notices import list_disk_notices
from cmcdesk.console.mails.mail_page import mail
from cmcdesk.console.mails.mails_page import mails
from cmcdesk.console.mails.refusal_page import refusal
from cmcdesk.console.mails.set_aside_page import set_aside
from cmcdesk.console.monitor.monitor_page import monitor
from cmcdesk.console.settings.settings_page import settings
from cmcdesk.console.simulator.runs_page import runs
from cmcdesk.console.simulator.simulator_page import simulator
from cmcdesk.console.webhook.event_page import webhook_event
from cmcdesk.console.webhook.filters_page import webhook
from cmcdesk.console.webhook.log_page import webhook_log
from cmcdesk.console.webhook.reach_page import webhook_reach_page
from cmcdesk.console.webhook.trials_page import trials
from cmcdesk.rules.gates import GATES
from cmcdesk.rules.settings.errors import SECRET_MASK

PAGES = (
    desk, compositions, archive, settings, webhook, webhook_event, webhook_log, catcher, trials, api_users, mails, mail,
    refusal, bounces, monitor, set_aside, simulator, runs,
    shortcuts, webhook_reach_page,
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
            "secret_mask": SECRET_MASK,
            "moved_to": find_moved,
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
