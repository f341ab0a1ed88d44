"""API users: made, listed, removed, recognised; a key is not kept."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cmcdesk.store.desk.api_users import (
    BadApiUser,
    change_api_key,
    change_api_user,
    create_api_user,
    find_api_user,
    get_api_user,
    list_api_users,
    read_smtp_users,
    remove_api_user,
)
from cmcdesk.store.desk.database import open_desk, reading, transaction


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    yield made
    made.dispose()


def test_a_user_is_recognised_by_name_and_key_together(engine: Engine) -> None:
    with transaction(engine) as session:
        first, second = create_api_user(session, "first", 1.0), create_api_user(session, "second", 2.0)
    assert len(first.api_key) == 32 and first.api_key != second.api_key
    with reading(engine) as session:
        assert find_api_user(session, "first", first.api_key)
        assert not find_api_user(session, "first", second.api_key)
        assert not find_api_user(session, "first", "")
        assert not find_api_user(session, "nobody", "")
        assert not find_api_user(session, "first", "\ud800 キー")
        assert not find_api_user(session, "FIRST", first.api_key)


def test_the_key_is_in_no_file(engine: Engine, tmp_path: Path) -> None:
    with transaction(engine) as session:
        made = create_api_user(session, "first", 1.0, "my-own-secret")
    assert made.api_key == "my-own-secret"
    engine.dispose()
    assert all(b"my-own-secret" not in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


def test_they_are_listed_by_name_and_removed(engine: Engine) -> None:
    with transaction(engine) as session:
        create_api_user(session, "b", 1.0)
        create_api_user(session, "a", 2.0)
    with transaction(engine) as session:
        assert [(row.api_user, row.created_at) for row in list_api_users(session)] == [("a", 2.0), ("b", 1.0)]
        assert remove_api_user(session, "a")
        assert not remove_api_user(session, "a")
        assert [row.api_user for row in list_api_users(session)] == ["b"]


@pytest.mark.parametrize("name", ["", "-a", "a b", "名前", "a" * 255, "a\n"])
def test_other_names_are_refused(engine: Engine, name: str) -> None:
    with pytest.raises(BadApiUser) as refused, transaction(engine) as session:
        create_api_user(session, name, 1.0)
    assert (refused.value.field, refused.value.reason) == ("api_user", "form")


@pytest.mark.parametrize("key", ["short", "has a space", "鍵鍵鍵鍵鍵鍵鍵鍵", "x" * 256, "12345678\n"])
def test_other_keys_are_refused(engine: Engine, key: str) -> None:
    with pytest.raises(BadApiUser) as refused, transaction(engine) as session:
        create_api_user(session, "a", 1.0, key)
    assert (refused.value.field, refused.value.reason) == ("api_key", "form")


def test_a_name_is_taken_once_and_the_first_stays(engine: Engine) -> None:
    with transaction(engine) as session:
        first = create_api_user(session, "a", 1.0)
    with pytest.raises(BadApiUser) as refused, transaction(engine) as session:
        create_api_user(session, "a", 2.0)
    assert (refused.value.field, refused.value.reason) == ("api_user", "taken")
    with reading(engine) as session:
        assert find_api_user(session, "a", first.api_key)


def test_who_may_relay_is_said_with_what_is_kept_of_the_key(engine: Engine) -> None:
    with transaction(engine) as session:
        create_api_user(session, "no", 1.0)
        made = create_api_user(session, "app@example.com", 2.0, smtp=True)
        create_api_user(session, "later", 3.0)
        assert change_api_user(session, "later", smtp=True)
        assert not change_api_user(session, "nobody", smtp=True)
    with transaction(engine) as session:
        kept = read_smtp_users(session)
        assert list(kept) == ["app@example.com", "later"]
        assert kept["app@example.com"] == hashlib.sha256(made.api_key.encode()).hexdigest()
        change_api_user(session, "later", smtp=False)
        remove_api_user(session, "app@example.com")
        assert read_smtp_users(session) == {}


def test_terms_are_as_new_ones_have_them_and_change_one_by_one(engine: Engine) -> None:
    with transaction(engine) as session:
        create_api_user(session, "app+1@example.com", 1.0)
        create_api_user(session, "boss@example.com", 1.0, role="admin", time_zone="Europe/Paris", own_only=True)
    with transaction(engine) as session:
        row = get_api_user(session, "app+1@example.com")
        assert row and (row.role, row.http_api, row.smtp, row.time_zone, row.own_only) == (
            "user", True, False, "Asia/Tokyo", False,
        )  # fmt: skip
        assert change_api_user(session, "boss@example.com", http_api=False)
        assert change_api_user(session, "boss@example.com") and not change_api_user(session, "nobody")
    with reading(engine) as session:
        row = get_api_user(session, "boss@example.com")
        assert row and (row.role, row.http_api, row.time_zone, row.own_only) == ("admin", False, "Europe/Paris", True)


@pytest.mark.parametrize(("field", "value"), [("role", "root"), ("time_zone", "Asia/Nowhere"), ("time_zone", "")])
def test_other_terms_are_refused(engine: Engine, field: str, value: str) -> None:
    with transaction(engine) as session:
        create_api_user(session, "a", 1.0)
    for change in (create_api_user, change_api_user):
        more = (1.0,) if change is create_api_user else ()
        with pytest.raises(BadApiUser) as refused, transaction(engine) as session:
            change(session, "a", *more, **{field: value})
        assert (refused.value.field, refused.value.reason) == (field, "form")


def test_a_key_is_changed(engine: Engine) -> None:
    with transaction(engine) as session:
        first = create_api_user(session, "a", 1.0).api_key
        second = change_api_key(session, "a")
        assert second and find_api_user(session, "a", second) and not find_api_user(session, "a", first)
        assert change_api_key(session, "a", "my-own-key") == "my-own-key"
        assert change_api_key(session, "nobody") is None
        with pytest.raises(BadApiUser):
            change_api_key(session, "a", "short")
