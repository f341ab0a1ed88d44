"""A mail that is set aside is named on the monitor and on its page, which does not read it."""

from cmcdesk.processes.paths import mail_db
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.set_aside import STRIKES, add_strike
from cmcdesk.store.maillog.log import MailLog

from ..conftest import AddMail, Console

SUBJECT = "=?utf-8?B?5q+S?="


def strike(console: Console, mail_id: int) -> None:
    """As if it had ended the worker."""
    services = console.desk.app.extensions["services"]
    with MailLog(mail_db(services.folder)) as log, transaction(services.engine) as session:
        for _ in range(STRIKES):
            add_strike(session, log.log_id, mail_id, "bounces", 1.0)


def test_monitor_and_mail_name_it_and_ask_for_it_again(console: Console, add_mail: AddMail) -> None:
    mail_id = add_mail(f"Subject: {SUBJECT}\r\n\r\nthe <b>text</b>\r\n".encode())
    assert f"/mails/{mail_id}/again" not in console.get("/monitor/set-aside").text
    strike(console, mail_id)
    for path in ("/monitor", "/monitor/set-aside"):
        shown = console.get(path).text
        assert f'href="/mails/{mail_id}"' in shown and f'action="/mails/{mail_id}/again"' in shown
        assert "2 times (Bounce reading; the last time" in shown
    page = console.get(f"/mails/{mail_id}").text
    assert "This mail is set aside." in page and f'action="/mails/{mail_id}/again"' in page
    assert "the &lt;b&gt;text&lt;/b&gt;" in page and f"/mails/{mail_id}/raw.eml" in page
    answer = console.post(f"/mails/{mail_id}/again")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/mails/{mail_id}")
    assert "disabled" in console.get(f"/mails/{mail_id}").text.split(f"/mails/{mail_id}/again")[1][:300]


def test_only_what_is_set_aside_can_be_asked_for(console: Console, add_mail: AddMail) -> None:
    mail_id = add_mail()
    assert console.post(f"/mails/{mail_id}/again").status_code == 404
    assert "set aside" not in console.get(f"/mails/{mail_id}").text
