"""The mail log for one request: opened where a view first asks, closed when the request ends."""

from typing import Any

from flask import Flask, current_app, g

from cmcdesk.console.services import Services
from cmcdesk.paths import mail_db
from cmcdesk.store.maillog import MailLog
from cmcdesk.store.maillog_schema import MailLogMissing


def current_services() -> Services:
    """What the composition root gave to the application that serves this request."""
    services: Services = current_app.extensions["services"]
    return services


def current_mail_log() -> MailLog | None:
    """mail.db, or None as long as the mail server has not made it."""
    if "mail_log" not in g:
        try:
            g.mail_log = MailLog(mail_db(current_services().folder))
        except MailLogMissing:
            return None
    log: MailLog = g.mail_log
    return log


def install_mail_log(app: Flask) -> None:
    """Close what a request opened."""

    @app.teardown_appcontext
    def close_mail_log(_error: BaseException | None) -> None:
        log: Any = g.pop("mail_log", None)
        if log is not None:
            log.close()
