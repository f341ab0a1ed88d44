"""API users over our own API."""

import re
from collections.abc import Iterator

import pytest

from cmcdesk.store.desk.api_users import find_api_user
from cmcdesk.store.desk.database import reading

from ..conftest import Console


@pytest.fixture(autouse=True)
def leave_none(console: Console) -> Iterator[None]:
    """Other tests share the desk."""
    yield
    for name in list_names(console):
        console.api(f"api-users/{name}", "DELETE")


def list_names(console: Console) -> list[str]:
    return [one["api_user"] for one in console.api("api-users").json["api_users"]]


def may_call(console: Console, name: str, key: str) -> bool:
    with reading(console.desk._services.engine) as session:
        return find_api_user(session, name, key)


def test_a_user_is_made_listed_and_removed(console: Console) -> None:
    made = console.api("api-users", "POST", {"api_user": "api-made"})
    assert made.status_code == 201 and made.json["api_user"] == "api-made"
    assert may_call(console, "api-made", made.json["api_key"])
    assert "api-made" in list_names(console)
    assert made.json["api_key"] not in console.api("api-users").text
    assert console.api("api-users/api-made", "DELETE").status_code == 204
    assert "api-made" not in list_names(console)
    assert not may_call(console, "api-made", made.json["api_key"])
    assert console.api("api-users/api-made", "DELETE").status_code == 404


def test_the_key_may_be_given(console: Console) -> None:
    given = {"api_user": "api-given", "api_key": "a-key-of-my-own"}
    assert console.api("api-users", "POST", given).json == given
    assert may_call(console, "api-given", "a-key-of-my-own")


@pytest.mark.parametrize(
    ("body", "field", "told"),
    [
        ({"api_user": "a b"}, "api_user", "1 to 254"),
        ({"api_user": "a", "api_key": "short"}, "api_key", "8 to 255"),
        ({"api_user": "api-taken"}, "api_user", "has this name"),
        ({}, "api_user", "required"),
    ],
)
def test_what_is_wrong_is_told_by_field(console: Console, body: dict[str, str], field: str, told: str) -> None:
    console.api("api-users", "POST", {"api_user": "api-taken"})
    before = list_names(console)
    refused = console.api("api-users", "POST", body)
    (error,) = refused.json["errors"]
    assert (refused.status_code, error["field"]) == (422, field) and told in error["message"]
    assert error["given"] != "short"
    assert list_names(console) == before


def test_who_may_relay_is_shown_changed_and_waits_to_be_reflected(console: Console) -> None:
    console.api("api-users", "POST", {"api_user": "relay@example.com", "smtp": True})
    shown = {one["api_user"]: one["smtp"] for one in console.api("api-users").json["api_users"]}
    assert shown["relay@example.com"] is True
    changes = console.api("compositions/pro/diff").json["changes"]
    assert [(one["field"], one["new"]) for one in changes] == [("smtp_users", ["relay@example.com"])]
    assert {one["name"]: one["state"] for one in console.api("compositions").json["compositions"]}["pro"] == "updating"
    changed = console.api("api-users/relay@example.com", "PATCH", {"smtp": False})
    assert (changed.status_code, changed.json["smtp"]) == (200, False)
    assert console.api("compositions/pro/diff").json["changes"] == []
    assert console.api("api-users/nobody", "PATCH", {"smtp": False}).status_code == 404
    assert console.api("api-users/relay@example.com", "PATCH", {"smtp": "maybe"}).status_code == 422


PLACE = "/api-settings/users"


def test_a_user_is_added_with_a_key_that_is_shown_once(console: Console) -> None:
    made = console.post(PLACE, {"api_user": "page-user", "api_key": ""}).text
    key = re.search(r"<code>(\S{8,})</code>", made)
    assert key and "page-user" in console.get(PLACE).text and key[1] not in console.get(PLACE).text
    assert console.post(f"{PLACE}/page-user/remove").location == PLACE
    assert console.post(f"{PLACE}/page-user/remove").status_code == 404
    assert "page-user" not in console.get(PLACE).text


def test_faults_are_told_at_their_field(console: Console) -> None:
    wrong = console.post(PLACE, {"api_user": "no no", "api_key": ""})
    assert wrong.status_code == 422 and 'value="no no"' in wrong.text and "letters, digits" in wrong.text
    assert "8 to 255" in console.post(PLACE, {"api_user": "fine", "api_key": "short"}).text


def test_smtp_is_ticked_and_says_that_it_waits(console: Console) -> None:
    ticked = r'aria-label="relayer may relay by SMTP"'
    console.apply_waiting()  # a user with SMTP that an earlier test took back may wait there
    assert "smtp-waiting" not in console.get(PLACE).text
    assert "smtp-waiting" in console.post(PLACE, {"api_user": "relayer", "api_key": "", "smtp": "true"}).text
    assert re.search(rf"checked {ticked}", console.get(PLACE).text)
    assert console.post(f"{PLACE}/relayer/smtp", {}).location == PLACE
    page = console.get(PLACE).text
    assert re.search(ticked, page) and not re.search(rf"checked {ticked}", page) and "smtp-waiting" not in page
    assert console.post(f"{PLACE}/nobody/smtp", {}).status_code == 404
    wrong = console.post(PLACE, {"api_user": "no no", "api_key": "", "smtp": "true"}).text
    assert re.search(r'name="smtp" value="true" checked> ', wrong), "what was ticked stays"
    console.post(f"{PLACE}/relayer/remove")


def test_role_zone_and_ticks_are_given_changed_and_shown(console: Console) -> None:
    asked = {"api_user": "boss@example.com", "role": "admin", "time_zone": "Europe/Paris", "http_api": False}
    assert console.api("api-users", "POST", asked).status_code == 201
    changed = console.api("api-users/boss@example.com", "PATCH", {"own_only": True, "http_api": True}).json
    assert changed == changed | {"role": "admin", "time_zone": "Europe/Paris", "own_only": True, "http_api": True}
    wrong = console.api("api-users/boss@example.com", "PATCH", {"time_zone": "Paris"})
    [error] = wrong.json["errors"]
    assert (wrong.status_code, error["field"], error["given"]) == (422, "time_zone", "Paris")
    assert "Asia/Tokyo" in error["message"]
    assert console.api("api-users", "POST", {"api_user": "x", "time_zone": "Paris"}).status_code == 422
    assert console.api("api-users", "POST", {"api_user": "x", "role": "root"}).status_code == 422
    page = console.get(PLACE).text
    assert "API group administrator" in page and "Europe/Paris" in page and "Own sent data only" in page


def test_the_key_is_changed_over_the_api(console: Console) -> None:
    first = console.api("api-users", "POST", {"api_user": "a@example.com"}).json["api_key"]
    made = console.api("api-users/a@example.com/key", "POST", {}).json
    assert may_call(console, "a@example.com", made["api_key"]) and not may_call(console, "a@example.com", first)
    assert console.api("api-users/a@example.com/key", "POST", {"api_key": "short"}).status_code == 422
    assert console.api("api-users/nobody/key", "POST", {}).status_code == 404


def test_a_user_is_changed_on_its_page(console: Console) -> None:
    console.post(PLACE, {"api_user": "app@example.com", "api_key": "", "http_api": "true", "shown": "true"})
    place = f"{PLACE}/app@example.com"
    page = console.get(place).text
    assert re.search(r'name="http_api" value="true" checked', page) and "<option selected>Asia/Tokyo</option>" in page
    form = {"role": "admin", "own_only": "true", "time_zone": "Asia/Dubai", "shown": "true"}
    assert console.post(place, form).location == PLACE
    [user] = console.api("api-users").json["api_users"]
    assert user == user | {"role": "admin", "own_only": True, "http_api": False, "time_zone": "Asia/Dubai"}
    wrong = console.post(place, form | {"time_zone": "Dubai"})
    assert wrong.status_code == 422 and "such as Asia/Tokyo" in wrong.text
    key = re.search(r"<code>(\S{8,})</code>", console.post(place, {"new_key": "true", "api_key": ""}).text)
    assert key and may_call(console, "app@example.com", key[1])
    assert "8 to 255" in console.post(place, {"new_key": "true", "api_key": "short"}).text
    assert console.get(f"{PLACE}/nobody").status_code == console.post(f"{PLACE}/nobody", form).status_code == 404
