"""mbox: mails one after the other, and none can end another."""

import mailbox
from pathlib import Path

from cmcdesk.console.mails.mbox import write_mbox
from cmcdesk.store.maillog.log import MailRow


def row(number: int, sender: str) -> MailRow:
    return MailRow(number, 0.0, "pro", 1, 1, "127.0.0.1", sender, (), "", "", "", 0)


def test_mails_come_back_as_they_were(tmp_path: Path) -> None:
    mails = [
        (row(1, "a@x.example"), b"Subject: one\r\n\r\nFrom here on\r\n>From there\r\n"),
        (row(2, ""), b"Subject: two\r\n\r\nno line end"),
    ]
    (tmp_path / "box").write_bytes(b"".join(write_mbox(mails)))
    box = mailbox.mbox(tmp_path / "box")
    read = [box.get_bytes(key) for key in box.keys()]  # noqa: SIM118  # a mailbox is no dict
    senders = [box.get_message(key).get_from().split()[0] for key in box.keys()]  # noqa: SIM118
    box.close()
    assert read[0] == b"Subject: one\n\n>From here on\n>>From there\n"
    assert read[1] == b"Subject: two\n\nno line end\n" and senders == ["a@x.example", "MAILER-DAEMON"]
