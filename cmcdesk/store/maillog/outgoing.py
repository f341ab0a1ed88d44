"""The mails of mail.db that go on: relayed ones, and those that may be forwarded."""

from cmcdesk.store.maillog.log import MAIL_COLUMNS, MailLog, MailRow, read_mail_row

RELAYED = 4  # the bit of `mail.routes`
ANY_ROUTE = 7


def list_outgoing(log: MailLog, after: int, until: int, routes: int, limit: int) -> list[tuple[MailRow, int]]:
    """Mails above id `after`, up to `until`, with one of these routes (bits), oldest first; each with its routes."""
    sql = f"SELECT {MAIL_COLUMNS}, routes FROM mail WHERE id > ? AND id <= ? AND routes & ? ORDER BY id LIMIT ?"
    rows = log.connection.execute(sql, (after, until, routes, limit))
    return [(read_mail_row(row[:-1]), row[-1]) for row in rows]
