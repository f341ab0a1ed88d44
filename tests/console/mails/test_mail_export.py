"""Mails as a file: all of a search or those that were chosen, under a name that says what and when."""

import mailbox
import re
from pathlib import Path

from cmcdesk.console.mails.mail_export import write_mbox
from cmcdesk.store.maillog.log import MailRow

from ..conftest import AddMail, Console


def test_the_name_says_what_of_which_composition_and_when(console: Console, add_mail: AddMail) -> None:
    name = console.add_composition()
    add_mail(name=name)
    for query, told in ((f"?composition={name}", name), ("", "all")):
        answer = console.get(f"/mails/export.mbox{query}")
        assert re.search(rf"filename=mails-{told}-\d{{8}}-\d{{4}}\.mbox", answer.headers["Content-Disposition"])
        assert b"Subject: hello" in answer.data


def test_the_chosen_ones_are_exported_and_deleted(console: Console, add_mail: AddMail) -> None:
    first, second, third = (add_mail(f"Subject: chosen-{n}\r\n\r\n".encode()) for n in range(3))
    chosen = {"mail": [str(first), str(third), "x", "999999"]}
    answer = console.post("/mails/chosen", {"action": "export", **chosen})
    assert answer.mimetype == "application/mbox"
    assert re.findall(rb"chosen-\d", answer.data) == [b"chosen-0", b"chosen-2"]
    page = console.client.post(
        "/mails/chosen?search=chosen-",
        base_url=console.base,
        data={"action": "delete", **chosen},
        headers={"Sec-Fetch-Site": "same-origin", "X-CSRFToken": console.csrf},
        follow_redirects=True,
    ).text
    assert "2 mails were deleted." in page
    assert f'id="mail-{second}"' in page and f'id="mail-{first}"' not in page and f'id="mail-{third}"' not in page
    assert console.post("/mails/chosen", {"action": "burn"}).status_code == 400
    assert console.post("/mails/chosen", {"action": "delete"}).status_code == 303, "nothing chosen deletes nothing"


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
