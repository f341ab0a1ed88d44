"""All pages, and what the frame around them needs: menu, and what every page says of the disk (mails are not stored
now; which damaged files were set aside).
"""

import os
from dataclasses import dataclass
from typing import Any

from flask import Flask, url_for
from flask_babel import gettext as _

from cmcdesk.console.acceptance.acceptance_page import acceptance
from cmcdesk.console.audit.audit_page import audit
from cmcdesk.console.bounces.bounces_page import bounces
from cmcdesk.console.catcher.catcher_page import catcher
from cmcdesk.console.catcher.catching import find_moved
from cmcdesk.console.cmc.api_users_views import api_users_pages
from cmcdesk.console.compositions.archive_page import archive
from cmcdesk.console.compositions.compositions_page import compositions
from cmcdesk.console.demo.demo_page import demo
from cmcdesk.console.desk.connected_ips import connected_ips_page
from cmcdesk.console.desk.desk_page import desk, shortcuts
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.language import pick_text
from cmcdesk.console.journey.journey_views import journey
from cmcdesk.console.lessons.lessons_page import find_panel, lessons
from cmcdesk.console.lessons.playing import fill_names
from cmcdesk.console.mails.mail_page import mail
from cmcdesk.console.mails.mails_page import mails, refusal
from cmcdesk.console.mails.set_aside_views import set_aside_pages
from cmcdesk.console.monitor.monitor_page import monitor
from cmcdesk.console.monitor.probes import probes
from cmcdesk.console.outbound.delivery_log_views import delivery_log
from cmcdesk.console.outbound.error_graph_page import error_graph
from cmcdesk.console.outbound.outbound_views import outbound_log
from cmcdesk.console.outbound.report_pages import report
from cmcdesk.console.settings.settings_page import settings
from cmcdesk.console.simulator.runs_page import runs
from cmcdesk.console.simulator.simulator_page import simulator
from cmcdesk.console.suppression.suppression_page import suppression_page
from cmcdesk.console.webhook.filters_page import webhook, webhook_event
from cmcdesk.console.webhook.log_page import webhook_log
from cmcdesk.console.webhook.reach_views import webhook_reach_page
from cmcdesk.console.webhook.trials_page import trials
from cmcdesk.console.welcome.welcome_page import welcome
from cmcdesk.console.world.destinations_page import destinations
from cmcdesk.console.world.dns_page import dns_page
from cmcdesk.console.world.domains_page import domains
from cmcdesk.processes.paths import desk_db, mail_db
from cmcdesk.rules.gates import GATES
from cmcdesk.rules.settings.errors import SECRET_MASK
from cmcdesk.rules.texts import tell
from cmcdesk.store.database_fault import FAULTS
from cmcdesk.store.maillog.renewal import list_aside


@dataclass(frozen=True)
class DiskNotice:
    """is_urgent: mails are being put off now."""

    what: str
    mend: str
    is_urgent: bool = False


def list_disk_notices() -> list[DiskNotice]:
    """In the language of the request; empty while all is well."""
    services = current_services()
    mail_log = services.telemetry()["mail_server"].get("mail_log")
    notices = [_tell_loss()] if mail_log and mail_log["loss"] else []
    if not os.access(services.folder, os.W_OK):
        what, mend = (pick_text(tell(words)) for words in FAULTS["read_only"])
        notices.append(DiskNotice(what, mend, is_urgent=True))
    mend = _("Close cmcdesk and run cmcdesk doctor --repair: it saves what can be read.")
    for path in (mail_db(services.folder), desk_db(services.folder)):
        for aside in list_aside(path):
            what = _(
                "%(file)s could not be relied on and was set aside as %(aside)s.", file=path.name, aside=aside.name
            )
            notices.append(DiskNotice(what, mend))
    return notices


def _tell_loss() -> DiskNotice:
    return DiskNotice(
        _("Mails are not stored now: mail.db is gone, damaged or was replaced."),
        _("Senders are answered 451 and come again later. Give the data folder back, or see its log."),
        is_urgent=True,
    )


PAGES = (
    desk, compositions, archive, settings, webhook, webhook_event, webhook_log, catcher, trials,
    api_users_pages, mails, mail, refusal, bounces, outbound_log, monitor, set_aside_pages, simulator, runs, dns_page,
    destinations, domains, journey, report, error_graph, delivery_log, shortcuts, webhook_reach_page, welcome,
    connected_ips_page,
    probes,
    acceptance, suppression_page,
    audit,
    lessons,
    demo,
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
            "lesson_panel": find_panel,
            "fill_names": fill_names,
        }


def list_tabs() -> list[tuple[str, str]]:
    """(address, label) of the main menu."""
    return [
        (url_for("compositions.show_list"), _("Server compositions")),
        (url_for("mails.show_list"), _("Mails")),
        (url_for("mails.show_refusals"), _("Refusals")),
        (url_for("outbound_log.show_report"), _("Delivery report")),
        (url_for("suppression.show_list"), _("Suppression")),
        (url_for("monitor.show_monitor"), _("Monitor")),
        (url_for("simulator.show_panel"), _("Simulator")),
        (url_for("lessons.show_lessons"), _("Lessons")),
        (url_for("dns_page.show_world"), _("DNS")),
    ]
