"""Mails as one mbox file (RFC 4155, in the "mboxrd" dialect, which can be undone): all of a search, or those that were
chosen; and the names of files that go out.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from flask import Response, stream_with_context

from cmcdesk.console.frame.current import current_mail_log, current_upward_search
from cmcdesk.console.frame.language import page_zone
from cmcdesk.store.maillog.log import MailRow
from cmcdesk.store.search.searched_log import MailQuery

FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)

EXPORTED_AT_ONCE = 200  # mails that are looked for with one question


def write_mbox(mails: Iterable[tuple[MailRow, bytes]]) -> Iterator[bytes]:
    """The file in pieces: LF line ends, lines that begin with "From " quoted with one more ">"."""
    for row, octets in mails:
        at = datetime.fromtimestamp(row.received_at, UTC).strftime("%a %b %d %H:%M:%S %Y")
        sender = row.sender.encode("utf-8", "replace").replace(b" ", b"_") or b"MAILER-DAEMON"
        body = FROM_LINE.sub(rb">\1", octets.replace(b"\r\n", b"\n"))
        yield b"From " + sender + b" " + at.encode() + b"\n" + body + (b"\n" if body.endswith(b"\n") else b"\n\n")


def name_export(what: str, composition: str | None, ending: str) -> str:
    """mails-pro-20260102-0304.mbox: what, of which composition (all: "all"), the page's local time, kind of file."""
    return f"{what}-{composition or 'all'}-{datetime.now(page_zone()):%Y%m%d-%H%M}.{ending}"


def export_search(query: MailQuery) -> Response:
    """All mails of a search, oldest first, written while it is read."""
    return _as_file(_each_found(query), query.composition)


def export_chosen(mail_ids: Iterable[int]) -> Response:
    """These mails, in the order of their ids."""
    return _as_file(_each_of(sorted(mail_ids)), None)


def _as_file(mails: Iterator[tuple[MailRow, bytes]], composition: str | None) -> Response:
    answer = Response(stream_with_context(write_mbox(mails)), mimetype="application/mbox")
    answer.headers.set("Content-Disposition", "attachment", filename=name_export("mails", composition, "mbox"))
    return answer


def _each_found(query: MailQuery) -> Iterator[tuple[MailRow, bytes]]:
    """Page by page, so that neither mails nor their ids are held."""
    searching, after = current_upward_search(), 0
    while searching:
        found = searching.find(query, after, EXPORTED_AT_ONCE)
        yield from _each_of([row.id for row in found.rows])
        if found.next is None:
            return
        after = found.next


def _each_of(mail_ids: Iterable[int]) -> Iterator[tuple[MailRow, bytes]]:
    log = current_mail_log()
    for mail_id in mail_ids if log else ():
        assert log is not None
        row, octets = log.get_mail(mail_id), log.get_octets(mail_id)
        if row is not None and octets is not None:  # not purged meanwhile
            yield row, octets
