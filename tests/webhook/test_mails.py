from typing import Any

import pytest

from cmcdesk.mail.mime.message import read_message
from cmcdesk.processes import paths
from cmcdesk.store.maillog.schema import MailLogMissing
from cmcdesk.webhook.mails import MailGone, MailReader, PartsCache
from cmcdesk.webhook.payload import take_parts


def delivery_id(reader: MailReader, number: int = 1) -> str:
    return f"{reader.open().log_id[:8]}-{number}"


def test_a_mail_is_parsed_once_for_all_its_deliveries_and_threads(desk: Any) -> None:
    (mail_id,) = desk.receive(1)
    cache, path = PartsCache(), paths.mail_db(desk.folder)
    one, other = MailReader(path, cache), MailReader(path, cache)
    first = one.take(delivery_id(one), mail_id)
    assert first.subject == "inquiry 1"
    assert other.take(delivery_id(other, 2), mail_id) is first
    one.close()
    other.close()


def test_what_is_not_there_is_told(desk: Any, tmp_path: Any) -> None:
    reader = MailReader(paths.mail_db(desk.folder), PartsCache())
    with pytest.raises(MailGone, match="deleted"):
        reader.take(delivery_id(reader), 77)
    with pytest.raises(MailGone, match="replaced"):
        reader.take("00000000-1", 1)
    reader.close()
    with pytest.raises(MailLogMissing):
        MailReader(tmp_path / "none" / "mail.db", PartsCache()).open()


def test_a_mail_that_was_deleted_is_not_sent_though_it_was_read_before(desk: Any) -> None:
    (mail_id,) = desk.receive(1)
    reader = MailReader(paths.mail_db(desk.folder), PartsCache())
    assert reader.take(delivery_id(reader), mail_id).subject == "inquiry 1"
    desk.log.connection.execute("DELETE FROM mail")
    desk.log.connection.execute("DELETE FROM octets")
    with pytest.raises(MailGone, match="deleted"):
        reader.take(delivery_id(reader), mail_id)
    reader.close()


def test_the_cache_holds_what_was_read_last_within_its_limit() -> None:
    parts = take_parts("", read_message(b"Subject: a\r\n\r\n"))
    cache = PartsCache(limit=100)
    for number, size in ((1, 60), (2, 30), (3, 30), (4, 1000)):
        cache.put(("log", number), parts, size)
    assert [cache.get(("log", number)) is not None for number in (1, 2, 3, 4)] == [False, True, True, False]
    cache.put(("log", 2), parts, 30)  # once more: counted once
    cache.put(("log", 5), parts, 40)
    assert [cache.get(("log", number)) is not None for number in (2, 3, 5)] == [True, True, True]
