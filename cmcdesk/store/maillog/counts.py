"""How many mails came and were refused in a time, out of mail.db's quarters of an hour: a few hundred rows a day,
whatever the number of mails."""

from dataclasses import dataclass

from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.schema import QUARTER_SECONDS

HAS_COUNTS = 2  # from this version of mail.db on


@dataclass(frozen=True, slots=True)
class Received:
    """mails: stored, whether they are still there or not; refused: every refusal."""

    mails: int = 0
    refused: int = 0


def count_received(log: MailLog, since: float, until: float) -> dict[str, Received]:
    """For each composition that received. since, until: seconds since 1970, both at a quarter of an hour."""
    if log.version < HAS_COUNTS:
        return {}
    sql = (
        "SELECT composition, sum(mails), sum(refused) FROM received WHERE quarter >= ? AND quarter < ?"
        " GROUP BY composition"
    )
    quarters = (int(since // QUARTER_SECONDS), int(until // QUARTER_SECONDS))
    return {name: Received(mails, refused) for name, mails, refused in log.connection.execute(sql, quarters)}
