"""Purging mail.db in slices, each a durable transaction of some milliseconds: the writer stores the mails that wait
between two of them.

All yield how many mails (refusals, where these are purged alone) went with each slice, and go on when they are asked
for the next one. The lowest ids go first;
what arrives meanwhile stays. The space is used again by later mails.
"""

from collections.abc import Iterator, Sequence

from cmcdesk.store.maillog.insertion import MailLogWriter

SLICE_MAILS = 500
SLICE_OCTETS = 8 << 20  # freeing a large mail means reading its chain of pages
SLICE_REFUSALS = 5000


def purge_mails(log: MailLogWriter, mail_ids: Sequence[int]) -> Iterator[int]:
    """Remove these mails with all that is kept of them."""
    for begin in range(0, len(mail_ids), SLICE_MAILS):
        some = mail_ids[begin : begin + SLICE_MAILS]
        yield _delete(log, f"IN ({','.join('?' * len(some))})", some)


def purge_before(log: MailLogWriter, mail_id: int) -> Iterator[int]:
    """Remove every mail below this id with all that is kept of it."""
    while (last := _last_of_slice(log, mail_id)) is not None:
        yield _delete(log, "<= ?", (last,))


def purge_refusals(log: MailLogWriter, refusal_id: int) -> Iterator[int]:
    """Remove every refusal below this id with its dialogue; yields how many refusals went."""
    while gone := _delete_refusals(log, refusal_id):
        yield gone


def purge_all(log: MailLogWriter) -> Iterator[int]:
    """Remove every mail and every refusal that is there when this begins."""
    mail_id, refusal_id = log.next_id("mail"), log.next_id("refusal")
    yield from purge_before(log, mail_id)
    yield from (0 for _refusals in purge_refusals(log, refusal_id))


def _last_of_slice(log: MailLogWriter, before: int) -> int | None:
    """The last mail of the next slice; None: no mail is left below `before`."""
    rows = log.connection.execute(
        "SELECT id, size FROM mail WHERE id < ? ORDER BY id LIMIT ?", (before, SLICE_MAILS)
    ).fetchall()
    last, octets = None, 0
    for mail_id, size in rows:
        octets += size
        if last is not None and octets > SLICE_OCTETS:
            break
        last = mail_id
    return last


def _delete(log: MailLogWriter, which: str, values: Sequence[int]) -> int:
    def work() -> int:
        execute = log.connection.execute
        purged = execute(f"DELETE FROM mail WHERE id {which}", values).rowcount
        execute(f"DELETE FROM octets WHERE mail_id {which}", values)
        execute(f"DELETE FROM accepted WHERE mail_id {which}", values)
        execute(f"DELETE FROM submitted WHERE mail_id {which}", values)
        if which.startswith("IN"):
            execute(f"DELETE FROM match WHERE mail_id {which}", values)
        else:  # matches stand in the order of their mails: no look at those behind
            first_kept = "SELECT id FROM match WHERE mail_id > ? ORDER BY id LIMIT 1"
            execute(f"DELETE FROM match WHERE id < ifnull(({first_kept}), {1 << 62})", values)
        log.keep_next_ids()
        return purged

    return log.transact(work)


def _delete_refusals(log: MailLogWriter, before: int) -> int:
    def work() -> int:
        some = "SELECT id FROM refusal WHERE id < ? ORDER BY id LIMIT ?"
        log.connection.execute(f"DELETE FROM dialogue WHERE refusal_id IN ({some})", (before, SLICE_REFUSALS))
        gone = log.connection.execute(f"DELETE FROM refusal WHERE id IN ({some})", (before, SLICE_REFUSALS)).rowcount
        log.keep_next_ids()
        return gone

    return log.transact(work)
