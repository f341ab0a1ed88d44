"""TLS and AUTH among the settings: off, one switch each, and no password kept."""

import pytest

from cmcdesk.rules.passwords import is_password
from cmcdesk.rules.settings import (
    Composition,
    Security,
    SettingsError,
    check_composition,
    defaults_of,
    diff,
    initial_compositions,
    read_form,
    read_settings_file,
    write_settings_file,
)


def secured(**changes: object) -> Composition:
    return check_composition({"name": "pro", "security": changes})


def test_all_is_off_from_the_first() -> None:
    assert all(one.security == Security() for one in initial_compositions())
    off = Security()
    assert (off.starttls, off.implicit_tls, off.auth, off.auth_users) == ("off", False, "off", [])


def test_both_plans_may_switch_it_on_and_files_keep_it() -> None:
    for plan, name in (("pro", "pro"), ("standard", "sandbox")):
        one = check_composition({"plan": plan, "name": name, "security": {"starttls": "required", "auth": "offered"}})
        assert read_settings_file(write_settings_file([one])) == [one]
    assert "security" not in write_settings_file([defaults_of("pro", "pro")])


def test_a_password_is_kept_as_its_hash_and_the_same_file_gives_the_same_settings() -> None:
    one = secured(auth_users=["app:pass:word"])
    user, _, kept = one.security.auth_users[0].partition(":")
    assert user == "app" and is_password(kept, "app", "pass:word")
    assert secured(auth_users=["app:pass:word"]) == one == check_composition(one.as_data())
    assert "pass:word" not in repr(one) + write_settings_file([one])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starttls": "yes"}, "security.starttls"),
        ({"starttls": True}, "security.starttls"),
        ({"implicit_tls": "on"}, "security.implicit_tls"),
        ({"auth_users": ["topsecret"]}, "security.auth_users[0]"),
        ({"auth_users": [":topsecret"]}, "security.auth_users[0]"),
        ({"auth_users": ["topsecret:"]}, "security.auth_users[0]"),
        ({"auth_users": ["a:b", "a:topsecret"]}, "security.auth_users[1]"),
        ({"auth_user": ["a:topsecret"]}, "security.auth_user"),
    ],
)
def test_what_is_wrong_is_told_by_field_and_no_secret_is(changes: dict[str, object], field: str) -> None:
    with pytest.raises(SettingsError) as refused:
        secured(**changes)
    [error] = refused.value.errors
    assert error.field == field and error.message["ja"] and error.message["en"]
    assert "topsecret" not in str(refused.value)


def test_the_form_and_the_diff_know_the_settings() -> None:
    fields = [
        ("security.starttls", "offered"),
        ("security.implicit_tls", "true"),
        ("security.auth_users", "a:b\n\nc:d\n"),
    ]
    given = read_form(fields)["security"]
    assert given == {"starttls": "offered", "implicit_tls": True, "auth_users": ["a:b", "c:d"]}
    changes = {change.field: change for change in diff(secured(), secured(**given))}
    assert set(changes) == {f"security.{name}" for name in given}
    assert "$scrypt$" not in str(changes["security.auth_users"])
    assert all(change.effect["ja"] and change.effect["en"] for change in changes.values())
