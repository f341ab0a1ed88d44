"""Mails that are set aside because reading them ended the worker: their list on the monitor, and reading one again."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from cmcdesk.console.mails.setting_aside import current_set_aside, request_again

set_aside = Blueprint("set_aside", __name__)


@set_aside.get("/monitor/set-aside")
def show_list() -> str:
    """The notice of the monitor; empty where there is none."""
    return render_template("monitor/set_aside.html", set_aside=current_set_aside())


@set_aside.post("/mails/<int:mail_id>/again")
def read_again(mail_id: int) -> ResponseReturnValue:
    """Let the worker read it once more; back to the mail."""
    if not request_again(mail_id):
        abort(404)
    return redirect(url_for("mail.show_mail", mail_id=mail_id), 303)
