"""What searches ask of mail.db: rows in the order asked for, texts, and a sample of the fields."""

from pathlib import Path

from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.purge import purge_mails
from cmcdesk.store.search.searched_log import MailQuery, SearchedLog
from tests.store.maillog.test_insertion import mail


def test_rows_texts_and_sample(tmp_path: Path) -> None:
    writer = MailLogWriter(tmp_path / "mail.db")
    writer.append([mail(f"subject {n}", octets=f"A: b\r\n\r\ntext {n}".encode()) for n in range(1, 5)], [])
    sum(purge_mails(writer, [1]))
    writer.close()
    with MailLog(tmp_path / "mail.db") as log:
        rows, query = SearchedLog(log, "ASC"), MailQuery("SUBJECT")
        assert [row.id for row in rows.select(query, "id > ?", (2,), 10)] == [3, 4]
        assert [row.id for row in SearchedLog(log, "DESC").select(query, "id > ?", (0,), 2)] == [4, 3]
        assert [row.id for row in rows.select_among(query, [1, 2, 4], 10)] == [2, 4]
        assert rows.select_among(MailQuery("absent"), [2], 10) == []
        assert (rows.read_text(2), rows.read_text(1)) == ("text 2", "")
        assert [fields.split("\n")[2] for fields in rows.sample_fields(4)] == ["subject 2", "subject 3"]
