"""Settings as form fields and back."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from cmcdesk.console.frame.trouble import Told
from cmcdesk.console.settings.forms import (
    PATH,
    UserRow,
    fill_form,
    list_setting_fields,
    list_user_rows,
    merge_settings,
    read_user_rows,
    refill_form,
)
from cmcdesk.rules.passwords import hash_password
from cmcdesk.rules.settings import check_composition, defaults_of, read_form


@pytest.fixture
def settings() -> dict[str, Any]:
    """A Pro composition with a filter and two domains."""
    data = defaults_of("pro", "pro").as_data()
    data["receiving"]["inbound_domains"] = ["a.example", "b.example"]
    one = {"name": "f", "endpoint": "https://x.example/", "condition": [{"header": "To", "pattern": "x"}]}
    return check_composition(data | {"inbound_webhook": [one]}).as_data()


def test_what_is_filled_in_is_read_back(settings: dict[str, Any]) -> None:
    fields = fill_form(settings).values
    read = read_form(list_setting_fields(MultiDict(fields)))
    assert check_composition(merge_settings(settings, read)).as_data() == settings
    assert fields["receiving.inbound_domains"] == "a.example\nb.example"
    assert fields["inbound_webhook[0].enabled"] == "true"


def test_what_was_typed_stays_with_its_errors(settings: dict[str, Any]) -> None:
    given = MultiDict({"receiving.max_sessions": "many", "receiving.inbound_domains": "ok.example\nno no"})
    errors = [Told("receiving.max_sessions", "many", "m"), Told("receiving.inbound_domains[1]", "no no", "d")]
    form = refill_form(given, settings, errors)
    assert form.value("receiving.max_sessions") == "many" and form.value("receiving.interval_ms") == "100"
    assert form.errors_of("receiving.inbound_domains") == [errors[1]]
    assert form.wrong_lines("receiving.inbound_domains") == [1]
    assert form.other_errors(["receiving.max_sessions"]) == [errors[1]]


def test_standard_locks_all_but_the_inbound_domains_and_webhooks() -> None:
    form = fill_form(defaults_of("standard", "sandbox").as_data())
    assert form.is_locked("receiving.max_sessions") and form.is_locked("receiving.bounce_domains")
    assert form.is_locked("advanced.envelope_from.rewrite")
    assert not form.is_locked("receiving.inbound_domains") and not form.is_locked("inbound_webhook")
    assert fill_form(defaults_of("pro", "pro").as_data()).locked == frozenset()


def test_only_settings_are_taken_from_a_form() -> None:
    given = MultiDict({"version": "3", "csrf_token": "x", "receiving.size_kb": "5", "receiving.colour": "red"})
    assert list_setting_fields(given) == [("receiving.size_kb", "5")]


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
