"""受信拒否 in detail: who, when, where, which reply, and what was said in the session up to it."""

from flask import Blueprint, abort, render_template

from cmcdesk.console.frame.current import current_mail_log
from cmcdesk.store.maillog.dialogues import read_dialogue

refusal = Blueprint("refusal", __name__)


@refusal.get("/refusals/<int:refusal_id>")
def show_refusal(refusal_id: int) -> str:
    """One refusal and its dialogue."""
    log = current_mail_log()
    row = log.get_refusal(refusal_id) if log else None
    if log is None or row is None:
        abort(404)
    return render_template("mails/refusal.html", row=row, dialogue=read_dialogue(log, row))
