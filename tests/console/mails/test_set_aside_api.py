"""Mails that are set aside over the API."""

from ..conftest import AddMail, Console
from .test_set_aside_page import strike


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
