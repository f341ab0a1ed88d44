from pathlib import Path

import pytest

from cmcdesk.store.maillog.current import CurrentMailLog
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.schema import MailLogMissing


def test_it_appears_stays_the_same_and_is_opened_anew_when_replaced(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    current = CurrentMailLog(path)
    with pytest.raises(MailLogMissing):
        current.open()
    MailLogWriter(path).close()
    first = current.open()
    first_id = first.log_id
    assert current.open() is first
    other = tmp_path / "other.db"
    MailLogWriter(other).close()
    other.replace(path)
    assert current.open() is not first
    assert current.open().log_id != first_id
    current.close()


def test_closed_it_can_be_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    MailLogWriter(path).close()
    current = CurrentMailLog(path)
    before = current.open().log_id
    current.close()
    current.close()
    assert current.open().log_id == before
    current.close()
