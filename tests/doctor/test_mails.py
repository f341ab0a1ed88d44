"""Mails that nobody reads any more are told."""

from pathlib import Path

from cmcdesk.doctor.mails import check_mails
from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.set_aside import STRIKES, add_strike
from cmcdesk.store.maillog.insertion import MailLogWriter
from tests.store.maillog.test_insertion import mail


def test_a_mail_that_ended_its_reader_twice_is_named(tmp_path: Path) -> None:
    assert list(check_mails(tmp_path)) == []
    writer = MailLogWriter(tmp_path / "mail.db")
    writer.append([mail("one")], [])
    writer.close()
    engine = open_desk(tmp_path)
    assert list(check_mails(tmp_path)) == []
    with transaction(engine) as session:
        for _ in range(STRIKES):
            add_strike(session, writer.log_id, 1, "bounces", 1.0)
    engine.dispose()
    (finding,) = check_mails(tmp_path)
    assert (finding.check, finding.state) == ("mails", "set_aside")
    assert finding.what["en"].endswith(": 1") and finding.repair is None
