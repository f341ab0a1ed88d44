"""Mails that are set aside over the API."""

from cmcdesk.console.mails.set_aside_views import current_set_aside, is_set_aside, request_again
from cmcdesk.processes.paths import mail_db
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.set_aside import STRIKES, add_strike
from cmcdesk.store.maillog.log import MailLog

from ..conftest import AddMail, Console


def test_they_are_listed_and_read_again_on_request(console: Console, add_mail: AddMail) -> None:
    mail_id = add_mail()
    assert console.api(f"mails/{mail_id}/again", "POST").status_code == 404
    strike(console, mail_id)
    listed = {one["id"]: one for one in console.api("mails/set-aside").json["mails"]}
    expected = {
        "id": mail_id,
        "readers": ["bounces"],
        "failures": 2,
        "at": "1970-01-01T00:00:01.000Z",
        "is_asked": False,
    }
    assert listed[mail_id] == expected
    answer = console.api(f"mails/{mail_id}/again", "POST")
    assert (answer.status_code, answer.json) == (202, expected | {"is_asked": True})


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


def test_they_are_those_of_the_mail_db_that_is_there(console: Console, add_mail: AddMail) -> None:
    mail_id, other = add_mail(), add_mail()
    strike(console, mail_id)
    with console.desk.app.test_request_context():
        assert mail_id in [one.mail_id for one in current_set_aside()]
        assert is_set_aside(other) is None and not request_again(other)
        found = is_set_aside(mail_id)
        assert found and not found.is_asked
        assert request_again(mail_id)
    with console.desk.app.test_request_context():
        found = is_set_aside(mail_id)
        assert found and found.is_asked
