"""Users of SMTP AUTH as lines of a form."""

from werkzeug.datastructures import MultiDict

from cmcdesk.console.settings.forms import fill_form
from cmcdesk.console.settings.mail_users import PATH, UserRow, list_user_rows, read_user_rows
from cmcdesk.rules.passwords import hash_password
from cmcdesk.rules.settings import defaults_of

STORED = [f"app:{hash_password('app', 'secret')}", f"cron:{hash_password('cron', 'other')}"]


def test_who_is_stored_is_shown_by_name_alone() -> None:
    settings = defaults_of("pro", "pro").as_data()
    settings["security"]["auth_users"] = STORED
    rows = list_user_rows(fill_form(settings).values, STORED)
    assert rows == [UserRow("app", "", True), UserRow("cron", "", True)]


def test_an_empty_password_keeps_a_typed_one_replaces_and_a_missing_line_removes() -> None:
    given = MultiDict(
        {
            f"{PATH}[0].user": "app",
            f"{PATH}[0].password": "",
            f"{PATH}[4].user": " new ",
            f"{PATH}[4].password": "a:b ",
            f"{PATH}[9].user": "",
            f"{PATH}[9].password": "",
        }
    )
    assert read_user_rows(given, STORED) == [STORED[0], "new:a:b "]
    assert read_user_rows(MultiDict({f"{PATH}[0].user": "cron", f"{PATH}[0].password": "x"}), STORED) == ["cron:x"]


def test_a_new_user_without_a_password_is_left_to_the_check() -> None:
    given = MultiDict({f"{PATH}[0].user": "nobody", f"{PATH}[0].password": ""})
    assert read_user_rows(given, STORED) == ["nobody:"]
    assert list_user_rows(given, STORED) == [UserRow("nobody", "", False)]
