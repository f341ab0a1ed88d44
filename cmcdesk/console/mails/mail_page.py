"""One mail: rendered text, HTML in a sandbox, headers, MIME tree, raw octets, attachments; and export of many."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request

from cmcdesk.console.bounces.error_status import name_status
from cmcdesk.console.frame.current import current_mail_log, current_mail_search, current_upward_search, open_mail
from cmcdesk.console.frame.database import db
from cmcdesk.console.frame.language import pick_text, write_number
from cmcdesk.console.frame.request import choose_part
from cmcdesk.console.mails.mail_export import export_search
from cmcdesk.console.mails.mails_page import ROUTES, WantedMails
from cmcdesk.console.mails.message_view import Frame, count_parts, list_attachments, make_html_safe, take_tree
from cmcdesk.console.mails.read_state import mark_opened
from cmcdesk.console.mails.set_aside_views import is_set_aside
from cmcdesk.console.webhook.filter_verdict import Which, judge_mail
from cmcdesk.mail.mime.beginning import PAGE, take_beginning
from cmcdesk.mail.mime.message import Attachment, read_message
from cmcdesk.mail.smtp.dialogue import Dialogue
from cmcdesk.mailserver.tally import DIALOGUES_PER_SECOND
from cmcdesk.store.desk.bounce_lists import BounceQuery, list_bounces
from cmcdesk.store.desk.bounces import shown_status
from cmcdesk.store.desk.deliveries import list_deliveries
from cmcdesk.store.desk.models import BounceRow
from cmcdesk.store.desk.set_aside import SetAside
from cmcdesk.store.maillog.dialogues import read_mail_dialogue
from cmcdesk.store.maillog.log import MailRow
from cmcdesk.store.maillog.rows import DIALOGUES_KEPT

PARTS = ("text", "html", "headers", "parts", "raw", "filters", "dialogue")
RAW_SHOWN = 262_144  # octets of a raw mail that the page shows; the rest is in the download
PARTS_SHOWN = 500  # parts of the MIME tree

# What the HTML of a stranger may do: show its own styles and the pictures that it carries. Nothing is fetched.
MAIL_CONTENT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox"
)

mail = Blueprint("mail", __name__)


@mail.get("/mails/<int:mail_id>")
def show_mail(mail_id: int) -> str:
    """One mail, one of its sides."""
    with _open(mail_id) as (row, octets):
        mark_opened(row)
        aside = is_set_aside(mail_id)
        if aside:
            return _show_aside(row, octets, aside)
        message = read_message(octets)
        asked = choose_part(request.args.get("part"), PARTS)
        part = asked or ("text" if message.text is not None or message.html is None else "html")
        begun = take_beginning(message, PAGE)
        tree, is_tree_cut = take_tree(message.parts, PARTS_SHOWN)
        return render_template(
            "mails/mail.html",
            row=row,
            api_user=log.list_users(mail_id, mail_id).get(mail_id) if (log := current_mail_log()) else None,
            wanted=(wanted := WantedMails.from_request(ROUTES)),
            newer=find_newer(wanted, mail_id),
            older=find_older(wanted, mail_id),
            subject=begun.message.subject,
            text=begun.message.text,
            has_html=message.html is not None,
            fields=begun.message.fields,
            attachments=list_attachments(begun.message),
            cut=begun.cut,
            part=part,
            asked=asked,
            part_count=count_parts(message),
            tree=tree,
            is_tree_cut=is_tree_cut,
            is_frame_cut=part == "html" and make_html_safe(message).is_cut,
            deliveries=list_deliveries(db.session(), None, 20, mail_id=mail_id),
            bounces=_list_bounces(mail_id),
            status_name=lambda each: pick_text(name_status(shown_status(each))),
            raw=octets[:RAW_SHOWN].decode("utf-8", "replace") if part == "raw" else "",
            judged=judge_mail(row, octets, _read_which()) if part == "filters" else None,
            is_cut=len(octets) > RAW_SHOWN,
            dialogue=_read_dialogue(mail_id) if part == "dialogue" else None,
            dialogues_kept={"rate": write_number(DIALOGUES_PER_SECOND), "count": write_number(DIALOGUES_KEPT)},
        )


def _read_dialogue(mail_id: int) -> Dialogue | None:
    """What was said up to its 250."""
    log = current_mail_log()
    return read_mail_dialogue(log, mail_id) if log else None


def _list_bounces(mail_id: int) -> list[BounceRow]:
    """What was read from it, delay notices too."""
    log = current_mail_log()
    query = BounceQuery(mail_id=mail_id, final=None)
    return [row for row in list_bounces(db.session(), query, None, 20) if log and row.log_id == log.log_id]


def _read_which() -> Which:
    return "saved" if request.args.get("settings") == "saved" else "received"


def find_newer(wanted: WantedMails, mail_id: int) -> int | None:
    """The mail above this one in the list that was come from."""
    searching = current_upward_search()
    rows = searching.find(wanted.as_mail_query(), mail_id, 1).rows if searching else []
    return rows[0].id if rows else None


def find_older(wanted: WantedMails, mail_id: int) -> int | None:
    """The mail below it."""
    searching = current_mail_search()
    rows = searching.find(wanted.as_mail_query(), mail_id, 1).rows if searching else []
    return rows[0].id if rows else None


def _show_aside(row: MailRow, octets: bytes, aside: SetAside) -> str:
    """A mail that ended the worker is not read here either: what the mail server kept of it, and its beginning."""
    return render_template(
        "mails/aside.html",
        row=row,
        aside=aside,
        deliveries=list_deliveries(db.session(), None, 20, mail_id=row.id),
        raw=octets[:RAW_SHOWN].decode("utf-8", "replace"),
        is_cut=len(octets) > RAW_SHOWN,
    )


@mail.get("/mails/<int:mail_id>/html")
def show_html(mail_id: int) -> Response:
    """The HTML of a mail for its sandboxed frame: no script, nothing remote, its own pictures as data."""
    frame = _make_frame(mail_id)
    if frame is None:
        abort(404)
    answer = Response(frame.html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MAIL_CONTENT_POLICY
    return answer


def _make_frame(mail_id: int) -> Frame | None:
    """None for a mail without HTML: who gives up elsewhere holds the message as long as the error lives."""
    with _open(mail_id) as (_row, octets):
        message = read_message(octets)
        return None if message.html is None else make_html_safe(message)


@mail.get("/mails/<int:mail_id>/raw.eml")
def download_raw(mail_id: int) -> Response:
    """The octets as a file."""
    with _open(mail_id) as (_row, octets):
        return _download(octets, f"mail-{mail_id}.eml", "message/rfc822")


@mail.get("/mails/<int:mail_id>/attachments/<int:number>")
def download_attachment(mail_id: int, number: int) -> Response:
    """One attachment, counted from 1; always as a file, never shown in the console's own origin."""
    chosen = _take_attachment(mail_id, number)
    if chosen is None:
        abort(404)
    name = chosen.filename[: PAGE.name] or f"attachment{number}"
    return _download(chosen.octets, name, "application/octet-stream")


def _take_attachment(mail_id: int, number: int) -> Attachment | None:
    with _open(mail_id) as (_row, octets):
        attachments = read_message(octets).attachments
        return attachments[number - 1] if 1 <= number <= len(attachments) else None


@mail.get("/mails/export.mbox")
def export_mbox() -> Response:
    """All mails of a search as one mbox file."""
    return export_search(WantedMails.from_request(ROUTES).as_mail_query())


@contextmanager
def _open(mail_id: int) -> Iterator[tuple[MailRow, bytes]]:
    """The mail, or the answer 404."""
    with open_mail(mail_id) as found:
        if found is None:
            abort(404)
        yield found


def _download(octets: bytes, name: str, mimetype: str) -> Response:
    """A file with its name in both forms (RFC 6266 §4.3)."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name) or "file"
    answer = Response(octets, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return answer
