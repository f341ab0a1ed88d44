"""How many mails came and were refused in a time, out of mail.db's quarters of an hour: a few hundred rows a day,
whatever the number of mails. Those of the relay are counted apart."""

from dataclasses import dataclass

from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import QUARTER_SECONDS

SINCE_VERSION = {"received": 2, "relayed": 3}  # of mail.db: table → the first version that has it


@dataclass(frozen=True, slots=True)
class Received:
    """mails: stored, whether they are still there or not; refused: every refusal."""

    mails: int = 0
    refused: int = 0


def count_received(log: MailLog, since: float, until: float) -> dict[str, Received]:
    """For each composition whose receiving server got something. since, until: seconds since 1970, both at a quarter
    of an hour."""
    return _count(log, "received", since, until)


def count_relayed(log: MailLog, since: float, until: float) -> dict[str, Received]:
    """The same for their relays."""
    return _count(log, "relayed", since, until)


def _count(log: MailLog, table: str, since: float, until: float) -> dict[str, Received]:
    if log.version < SINCE_VERSION[table]:
        return {}
    sql = (
        f"SELECT composition, sum(mails), sum(refused) FROM {table} WHERE quarter >= ? AND quarter < ?"
        " GROUP BY composition"
    )
    quarters = (int(since // QUARTER_SECONDS), int(until // QUARTER_SECONDS))
    return {name: Received(mails, refused) for name, mails, refused in log.connection.execute(sql, quarters)}
