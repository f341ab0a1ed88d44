"""Mails and refusals over the API: list, one, raw, long poll, delete; a refusal with what was said in its session."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, url_for

from cmcdesk.console.frame.api_errors import WAIT_STEP_SECONDS, refuse_missing, refuse_seat, wait_until_enough
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, format_instant
from cmcdesk.console.frame.current import (
    current_mail_log,
    current_mail_search,
    current_services,
    current_upward_search,
    open_mail,
)
from cmcdesk.console.frame.stream import current_hub
from cmcdesk.console.mails.mail_shapes import (
    ConditionShape,
    DialogueLine,
    DialogueShape,
    FilterShape,
    JudgeQuery,
    JudgmentShape,
    Mail,
    MailDetail,
    MailPath,
    Mails,
    MailsQuery,
    Purged,
    RecipientShape,
    Refusal,
    RefusalDetail,
    RefusalPath,
    RefusalQuery,
    Refusals,
    WaitQuery,
)
from cmcdesk.console.webhook.filter_verdict import ConditionVerdict, judge_mail
from cmcdesk.mail.mime.beginning import JSON, describe_beginning
from cmcdesk.mail.mime.message import read_message
from cmcdesk.mail.smtp.dialogue import Dialogue, Line
from cmcdesk.store.maillog.dialogues import read_dialogue, read_mail_dialogue
from cmcdesk.store.maillog.log import MailLog, MailRow, RefusalRow
from cmcdesk.store.search.searched_log import FoundMails, MailQuery, Where

PLACE: Where = "fields"
RAW = {"description": "the octets that DATA carried", "content": {"message/rfc822": {"schema": {"type": "string"}}}}

mails = ApiPart("api_mails", __name__, "mails")


@mails.get("/mails", responses={200: Mails, 503: Errors})
def list_mails(query: MailsQuery) -> Mails:
    """List stored mails, newest first (with after: oldest first); with wait, as soon as there are count."""
    found = wait_until_enough(query, lambda: _find_wanted(query), lambda page: page.rows)
    return Mails(mails=[shape_mail(row) for row in found.rows], next=found.next)


@mails.get("/mails/wait", responses={200: Mails, 503: Errors})
def wait_for_mails(query: WaitQuery) -> Mails:
    """Wait for mails after an id (long poll); answers with what there is when the time is over, oldest first."""
    with current_hub().take_seat() as free:
        if not free:
            refuse_seat()
        rows = _wait(query)
    return _page(rows, query.count)


@mails.get("/mails/<int:id>", responses={200: MailDetail, 404: Errors})
def get_mail(path: MailPath) -> MailDetail:
    """One mail: its row, what was read from its octets, and the last lines of its session's dialogue."""
    with _open(path.id) as (row, octets):
        message = describe_beginning(read_message(octets), JSON)
    log = current_mail_log()
    dialogue = read_mail_dialogue(log, path.id) if log else None
    message["raw"] = url_for("api_mails.get_octets", id=path.id)
    shape = shape_dialogue(dialogue) if dialogue else None
    return MailDetail(**shape_mail(row).model_dump(), message=message, dialogue=shape)


@mails.get("/mails/<int:id>/filters", responses={200: JudgmentShape, 404: Errors})
def judge(path: MailPath, query: JudgeQuery) -> JudgmentShape:
    """Tell why no filter matched one mail, or which did, condition by condition."""
    with _open(path.id) as (row, octets):
        judged = judge_mail(row, octets, query.settings)
    filters = [
        FilterShape(
            name=one.name,
            enabled=one.enabled,
            fires=one.fires and not judged.reason,
            conditions=[shape_condition(each) for each in one.conditions],
        )
        for one in judged.filters
    ]
    return JudgmentShape(settings=judged.which, reason=judged.reason, filters=filters)


def shape_condition(each: ConditionVerdict) -> ConditionShape:
    """A condition as the API gives it."""
    found = each.found
    value = None if found.verdict == "no_header" else found.before + found.matched + found.after
    return ConditionShape(
        header=each.header, pattern=each.pattern, value=value, verdict=found.verdict, whole=found.whole
    )


@mails.get("/mails/<int:id>/raw", responses={200: RAW, 404: Errors})
def get_octets(path: MailPath) -> Response:
    """The octets of one mail as DATA carried them, dots unstuffed."""
    with _open(path.id) as (_row, octets):
        return Response(octets, mimetype="message/rfc822")


@mails.delete("/mails/<int:id>", responses={200: Purged, 404: Errors})
def delete_mail(path: MailPath) -> Purged:
    """Delete one mail."""
    log = current_mail_log()
    if not log or log.get_mail(path.id) is None:
        refuse_missing("id", path.id)
    return Purged(purged=current_services().send_purge(mails=[path.id]))


@mails.delete("/mails", responses={200: Purged})
def delete_mails() -> Purged:
    """Delete all mails."""
    return Purged(purged=current_services().send_purge(all=True))


@mails.get("/refusals", responses={200: Refusals})
def list_refusals(query: RefusalQuery) -> Refusals:
    """List refusals, newest first."""
    log = current_mail_log()
    rows = log.list_refusals(**query.model_dump()) if log else []
    following = rows[-1].id if len(rows) == query.limit else None
    return Refusals(refusals=[shape_refusal(row) for row in rows], next=following)


def cut_off(found: FoundMails, before: int) -> FoundMails:
    """Without the rows from `before` on, and at its end where they begin."""
    rows = [row for row in found.rows if row.id < before]
    return FoundMails(rows, found.next if len(rows) == len(found.rows) else None)


def shape_mail(row: MailRow) -> Mail:
    """A row of mail.db as the API gives it."""
    return Mail(
        **{name: getattr(row, name) for name in Mail.model_fields if name not in ("received_at", "recipients")},
        received_at=format_instant(row.received_at) or "",
        recipients=[RecipientShape(address=each.address, route=each.route) for each in row.recipients],
    )


def shape_refusal(row: RefusalRow) -> Refusal:
    """A row of refusals as the API gives it."""
    fields = {name: getattr(row, name) for name in Refusal.model_fields if name != "at"}
    return Refusal(**fields, at=format_instant(row.at) or "")


def is_wanted(row: MailRow, query: MailsQuery) -> bool:
    """Whether a mail has the recipient, the part of the subject and the Message-ID that are asked for."""
    recipients = [recipient.address.casefold() for recipient in row.recipients]
    return (
        (query.recipient is None or query.recipient.casefold() in recipients)
        and (query.subject is None or query.subject.casefold() in row.subject.casefold())
        and (query.message_id is None or query.message_id.strip("<> ") == row.message_id.strip("<> "))
    )


def _find_wanted(query: MailsQuery) -> FoundMails:
    """The index narrows by one of the values; what it finds is looked at."""
    values = [value.strip("<> ") for value in (query.message_id, query.recipient, query.subject) if value]
    search, where = (query.search, query.search_in) if query.search else (next(iter(values), None), PLACE)
    found = _find(query, MailQuery(search, where, query.composition, query.route))
    return FoundMails([row for row in found.rows if is_wanted(row, query)], found.next)


def _find(query: MailsQuery, asked: MailQuery) -> FoundMails:
    if query.after is not None and (upwards := current_upward_search()):
        found = upwards.find(asked, query.after, query.limit)
        return found if query.before is None else cut_off(found, query.before)
    searching = current_mail_search()
    return searching.find(asked, query.before, query.limit) if searching else FoundMails([], None)


def _page(rows: list[MailRow], limit: int) -> Mails:
    following = rows[-1].id if len(rows) == limit else None
    return Mails(mails=[shape_mail(row) for row in rows], next=following)


def _wait(query: WaitQuery) -> list[MailRow]:
    """Rows after `query.after`, as soon as there are enough or time is up or the program stops."""
    ends, stopping = time.monotonic() + query.timeout, current_hub().stopping
    seen = -1
    while True:
        log = current_mail_log()
        newest = log.newest_mail() if log else 0
        if log and newest > max(seen, query.after):
            seen = newest
            rows = log.list_mails(after=query.after, limit=query.count, composition=query.composition)
            if len(rows) >= query.count:
                return rows
        left = ends - time.monotonic()
        if left <= 0 or stopping.wait(min(WAIT_STEP_SECONDS, left)):
            return _what_there_is(log, query)


def _what_there_is(log: MailLog | None, query: WaitQuery) -> list[MailRow]:
    return log.list_mails(after=query.after, limit=query.count, composition=query.composition) if log else []


@contextmanager
def _open(mail_id: int) -> Iterator[tuple[MailRow, bytes]]:
    with open_mail(mail_id) as found:
        if found is None:
            refuse_missing("id", mail_id)
        yield found


refusals = ApiPart("api_refusals", __name__, "mails")


@refusals.get("/refusals/<int:id>", responses={200: RefusalDetail, 404: Errors})
def get_refusal(path: RefusalPath) -> RefusalDetail:
    """One refusal: its row, and the last lines of its session's dialogue."""
    log = current_mail_log()
    row = log.get_refusal(path.id) if log else None
    if log is None or row is None:
        refuse_missing("id", path.id)
    dialogue = read_dialogue(log, row)
    shape = shape_dialogue(dialogue) if dialogue else None
    return RefusalDetail(**shape_refusal(row).model_dump(), dialogue=shape)


def shape_dialogue(dialogue: Dialogue) -> DialogueShape:
    """A dialogue as the API gives it."""
    return DialogueShape(
        began_at=format_instant(dialogue.began) or "",
        is_cut=dialogue.is_cut,
        lines=[_shape_line(line) for line in dialogue.lines],
    )


def _shape_line(line: Line) -> DialogueLine:
    is_mail = isinstance(line.said, int)
    return DialogueLine(
        at=line.at, by=line.by, text=None if is_mail else str(line.said), octets=int(line.said) if is_mail else None
    )
