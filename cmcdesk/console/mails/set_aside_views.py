"""Mails that are set aside because reading them ended the worker (`store/desk/set_aside.py`), over the API and on the
monitor: their list, and reading one again.
"""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from cmcdesk.console.frame.api_errors import refuse_missing
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape, format_instant
from cmcdesk.console.frame.current import current_mail_log, current_services
from cmcdesk.console.frame.database import db
from cmcdesk.console.mails.mail_shapes import MailPath
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.set_aside import SetAside, ask_again, find_set_aside, list_set_aside


def current_set_aside() -> list[SetAside]:
    """All of the mail.db that is there, newest mail first."""
    log = current_mail_log()
    return list_set_aside(db.session(), log.log_id) if log else []


def is_set_aside(mail_id: int) -> SetAside | None:
    """That mail, if it is."""
    log = current_mail_log()
    return find_set_aside(db.session(), log.log_id, mail_id) if log else None


def request_again(mail_id: int) -> bool:
    """Let the worker read it once more. False: it is not set aside."""
    log = current_mail_log()
    if log is None:
        return False
    with transaction(current_services().engine) as session:
        return ask_again(session, log.log_id, mail_id)


set_aside = ApiPart("api_set_aside", __name__, "mails")


class SetAsideMail(Shape):
    """A mail that ended the worker, or failed to be read, twice: no follower reads it."""

    id: int
    readers: list[str] = Field(description="bounces, webhooks, search: what read it then")
    failures: int
    at: str = Field(description="ISO 8601, UTC: the last time")
    is_asked: bool = Field(description="it is about to be read again")


class SetAsideMails(Shape):
    """All of them, newest mail first."""

    mails: list[SetAsideMail]


@set_aside.get("/mails/set-aside", responses={200: SetAsideMails})
def list_all() -> SetAsideMails:
    """List the mails that are set aside."""
    return SetAsideMails(mails=[shape_set_aside(one) for one in current_set_aside()])


@set_aside.post("/mails/<int:id>/again", responses={202: SetAsideMail, 404: Errors})
def read_again(path: MailPath) -> tuple[SetAsideMail, int]:
    """Let the worker read a mail once more that is set aside."""
    one = is_set_aside(path.id) if request_again(path.id) else None
    if one is None:
        refuse_missing("id", path.id)
    return shape_set_aside(one), 202


def shape_set_aside(one: SetAside) -> SetAsideMail:
    """One as the API gives it."""
    at = format_instant(one.at) or ""
    return SetAsideMail(id=one.mail_id, readers=list(one.readers), failures=one.strikes, at=at, is_asked=one.is_asked)


set_aside_pages = Blueprint("set_aside", __name__)


@set_aside_pages.get("/monitor/set-aside")
def show_list() -> str:
    """The notice of the monitor; empty where there is none."""
    return render_template("monitor/set_aside.html", set_aside=current_set_aside())


@set_aside_pages.post("/mails/<int:mail_id>/again")
def read_again_from_page(mail_id: int) -> ResponseReturnValue:
    """Let the worker read it once more; back to the mail."""
    if not request_again(mail_id):
        abort(404)
    return redirect(url_for("mail.show_mail", mail_id=mail_id), 303)
