"""Mails as the lanes read them: parsed once for all deliveries of one mail; each thread has its own view of mail.db."""

import sys
import threading
from collections import OrderedDict
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from cmcdesk.mail.mime.message import read_message
from cmcdesk.store.desk.delivery_queue import LOG_ID_SHOWN
from cmcdesk.store.maillog.log import MailLog, MailRow
from cmcdesk.store.maillog.watch import CurrentMailLog
from cmcdesk.store.reading_guard import Guard, NoGuard
from cmcdesk.store.room import Room
from cmcdesk.webhook.payload import MailParts, take_parts

CACHE_OCTETS = 32 * 1024 * 1024
READ_AT_ONCE = 16 * 1024 * 1024
"""Octets of large mails that are taken apart, and written for a webhook, at the same time (ours)."""
SENT_AT_ONCE = 128 * 1024 * 1024
"""Octets of large payloads that are on their way at the same time, of all lanes (ours). Each is whole in memory."""


class MailGone(Exception):
    """The mail of a delivery is no longer stored; retrying cannot bring it back."""


class PartsCache:
    """The parts of the mails read last, up to `limit` octets in memory together. Shared by all lanes, and with it the
    room for large mails: while they are read, and while they are sent."""

    def __init__(self, limit: int = CACHE_OCTETS) -> None:
        self.reading = Room(READ_AT_ONCE)
        self.sending = Room(SENT_AT_ONCE)
        self._limit = limit
        self._held = 0
        self._guard = threading.Lock()
        self._parts: OrderedDict[tuple[str, int], tuple[MailParts, int]] = OrderedDict()

    def get(self, key: tuple[str, int]) -> MailParts | None:
        with self._guard:
            found = self._parts.get(key)
            return found[0] if found else None

    def put(self, key: tuple[str, int], parts: MailParts, size: int) -> None:
        """size: octets that the parts take. One over the whole limit is not kept; the oldest make room."""
        with self._guard:
            if size > self._limit or key in self._parts:
                return
            self._parts[key] = (parts, size)
            self._held += size
            while self._held > self._limit:
                _, (_, freed) = self._parts.popitem(last=False)
                self._held -= freed


class MailReader:
    """Reads the mails of deliveries, for one thread at a time."""

    def __init__(self, path: Path, cache: PartsCache, guard: Guard | None = None) -> None:
        self._current = CurrentMailLog(path)
        self._cache = cache
        self.guard = guard or NoGuard()

    def close(self) -> None:
        """Let go of mail.db."""
        self._current.close()

    def open(self) -> MailLog:
        """The log that is there now. Raises MailLogMissing."""
        return self._current.open()

    def measure(self, mail_id: int | None) -> int:
        """A mail's octets; 0 for one that is not there."""
        return self.open().get_size(mail_id) if mail_id is not None else 0

    def make_room(self, mail_id: int | None) -> AbstractContextManager[None]:
        """Room for a mail, from before it is read until what is made of it is on its way."""
        return self._cache.reading.take(self.measure(mail_id))

    def make_room_to_send(self, octets: int) -> AbstractContextManager[None]:
        """Room for a payload while it is sent."""
        return self._cache.sending.take(octets)

    def take(self, delivery_id: str, mail_id: int) -> MailParts:
        """The parts of a delivery's mail. Raises MailGone if it was purged, MailLogMissing if there is no mail.db,
        MailSetAside."""
        log = self.open()
        if not delivery_id.startswith(f"{log.log_id[:LOG_ID_SHOWN]}-"):  # its number may name another mail now
            raise MailGone(f"mail {mail_id} was in a mail.db that has been replaced since")
        key = (log.log_id, mail_id)
        parts = self._cache.get(key)
        if parts is None or log.get_mail(mail_id) is None:  # what was deleted is sent no more, remembered or not
            row, octets = find_mail(log, mail_id)
            read = partial(read_payload_parts, row, octets)
            parts = self.guard.read("webhooks", log.log_id, mail_id, read)
            self._cache.put(key, parts, measure_parts(parts, len(octets)))
        return parts


def find_mail(log: MailLog, mail_id: int) -> tuple[MailRow, bytes]:
    """A stored mail and its octets. Raises MailGone."""
    row, octets = log.get_mail(mail_id), log.get_octets(mail_id)
    if row is None or octets is None:
        raise MailGone(f"mail {mail_id} was deleted before it could be sent")
    return row, octets


def read_payload_parts(row: MailRow, octets: bytes) -> MailParts:
    """What webhooks say of a stored mail."""
    return take_parts(row.sender, read_message(octets))


def measure_parts(parts: MailParts, size: int) -> int:
    """Octets of memory that the parts of a mail of this size take, or the size where that is more."""
    texts = (parts.headers_json, parts.headers_json, parts.text or "", parts.html or "")
    carried = sum(len(attachment.octets) for attachment in parts.attachments)
    return max(size, carried + sum(map(sys.getsizeof, texts)))
