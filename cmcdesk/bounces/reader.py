"""The bounce reader: what came in on the bounce route becomes bounce rows, each mail once, whatever is killed when.

Rows and cursor move in one transaction; a batch that was cut off is read again from the mail log.
"""

from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from cmcdesk.bounces.reading import read_mail
from cmcdesk.store.desk.bounces import NewBounce, add_bounces, read_position, record_bounces
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import BounceRow
from cmcdesk.store.maillog.log import MailLog, MailRow
from cmcdesk.store.reading_guard import Guard, MailSetAside, NoGuard

BATCH = 100

#: Called inside the transaction with the rows it adds, e.g. to queue event webhooks for them.
Announce = Callable[[Session, Sequence[BounceRow]], None]


class BounceReader:
    """Follows one mail.db. One instance per thread, like the MailLog it is given."""

    def __init__(
        self, engine: Engine, mail_log: MailLog, announce: Announce | None = None, guard: Guard | None = None
    ) -> None:
        self.engine = engine
        self.guard = guard or NoGuard()
        self.mail_log = mail_log
        self.announce = announce
        self._looked_until = 0  # no bounce waits up to this mail id: kept here, so that inbound mail costs no writing

    def read_next(self, limit: int = BATCH) -> int:
        """Read up to `limit` waiting bounce mails. How many were read; 0: none waits. Cheap when nothing came in."""
        newest = self.mail_log.newest_mail()
        if newest <= self._looked_until:
            return 0
        with reading(self.engine) as session:
            recorded = read_position(session, self.mail_log.log_id)
        mails = self.mail_log.bounces_after(max(recorded, self._looked_until), limit)
        if not mails:
            self._looked_until = newest
            return 0
        found = [row for mail, octets in mails for row in self._read(mail, octets)]
        with transaction(self.engine) as session:
            if read_position(session, self.mail_log.log_id) != recorded:
                return 0  # another reader was here meanwhile; its rows are the same
            rows = record_bounces(session, self.mail_log.log_id, mails[-1][0].id, found)
            if self.announce is not None and rows:
                self.announce(session, rows)
        return len(mails)

    def read_again(self, mail_id: int) -> None:
        """Read one mail that was set aside; nothing happens if it is gone or no bounce mail. Raises what reading it
        raises."""
        row, octets = self.mail_log.get_mail(mail_id), self.mail_log.get_octets(mail_id)
        if row is None or octets is None or not any(one.route == "bounce" for one in row.recipients):
            return
        found = read_mail(self.mail_log.log_id, row, octets)
        with transaction(self.engine) as session:
            rows = add_bounces(session, found)
            if self.announce is not None and rows:
                self.announce(session, rows)

    def _read(self, mail: MailRow, octets: bytes) -> list[NewBounce]:
        """The rows of one mail; none of one that is set aside."""
        log_id = self.mail_log.log_id
        try:
            return self.guard.read("bounces", log_id, mail.id, partial(read_mail, log_id, mail, octets))
        except MailSetAside:
            return []

    def count_waiting(self) -> int:
        """How many stored bounce mails are not read yet."""
        if self.mail_log.newest_mail() <= self._looked_until:
            return 0
        with reading(self.engine) as session:
            recorded = read_position(session, self.mail_log.log_id)
        return self.mail_log.count_bounces_after(max(recorded, self._looked_until))


def read_next(engine: Engine, mail_log: MailLog, limit: int = BATCH) -> int:
    """Read up to `limit` waiting bounce mails once; for commands and tests."""
    return BounceReader(engine, mail_log).read_next(limit)
