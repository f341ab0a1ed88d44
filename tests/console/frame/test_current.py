"""The mail log for one request."""

import dataclasses
from pathlib import Path

from flask import g

from cmcdesk.console.app import create_app
from cmcdesk.console.frame.current import current_mail_log, current_services

from ..conftest import AddMail, Console


def test_it_is_opened_once_and_closed_with_the_request(console: Console, add_mail: AddMail) -> None:
    add_mail()
    with console.desk.app.test_request_context("/", base_url=console.base):
        log = current_mail_log()
        assert log is not None and current_mail_log() is log and current_services() is console.desk._services
        assert g.mail_log is log
        log.count_mails()
    try:
        log.count_mails()
    except Exception as error:
        assert "closed" in str(error)
    else:
        raise AssertionError("still open")


def test_without_a_mail_db_lists_are_empty(console: Console, tmp_path: Path) -> None:
    app = create_app(dataclasses.replace(console.desk._services, folder=tmp_path))
    client = app.test_client()
    client.get(f"/?token={console.token}", base_url=console.base)
    for path in ("/mails", "/refusals", "/mails/export.mbox", "/retention"):
        assert client.get(path, base_url=console.base).status_code == 200
    dialog = client.get("/mails/clear", base_url=console.base, headers={"HX-Request": "true"})
    assert dialog.status_code == 200
    assert client.get("/", base_url=console.base).location == "/welcome"
    assert client.get("/mails/1", base_url=console.base).status_code == 404
