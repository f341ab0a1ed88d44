from pathlib import Path
from typing import Any

from cmcdesk.store.maillog_checkpoint import WORTH_IT_OCTETS, Checkpointer
from cmcdesk.store.maillog_writer import MailLogWriter
from tests.store.test_maillog_writer import mail


def test_the_wal_is_moved_into_the_file_beside_the_writer(tmp_path: Path, wait_for: Any) -> None:
    path = tmp_path / "mail.db"
    writer = MailLogWriter(path)
    small = path.stat().st_size
    writer.append([mail("big", octets=b"x" * (WORTH_IT_OCTETS + 1))], [])
    assert path.stat().st_size == small  # all in the WAL
    checkpointer = Checkpointer(path)
    checkpointer.start()
    wait_for(lambda: path.stat().st_size > WORTH_IT_OCTETS)
    writer.append([mail("next")], [])
    checkpointer.stop()
    assert not checkpointer.is_alive()
    writer.close()
