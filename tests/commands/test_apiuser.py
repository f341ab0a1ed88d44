"""`cmcdesk apiuser`: add, list, remove."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmcdesk.commands.apiuser import command
from cmcdesk.store.desk.api_users import find_api_user
from cmcdesk.store.desk.database import open_desk, reading


def call(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, [*arguments, "--data-dir", str(folder)])


def test_a_user_that_is_added_may_call(tmp_path: Path) -> None:
    made = call(tmp_path, "add", "demo")
    given = call(tmp_path, "add", "shop", "--api-key", "shop-key-1")
    assert (made.exit_code, given.exit_code, given.output) == (0, 0, "shop-key-1\n")
    engine = open_desk(tmp_path)
    with reading(engine) as session:
        assert find_api_user(session, "demo", made.output.strip())
        assert find_api_user(session, "shop", "shop-key-1")
    engine.dispose()
    listed = call(tmp_path, "list").output
    assert [line.split("\t")[0] for line in listed.splitlines()] == ["demo", "shop"]
    assert "shop-key-1" not in listed


def test_a_user_that_is_removed_is_gone(tmp_path: Path) -> None:
    call(tmp_path, "add", "demo")
    assert call(tmp_path, "remove", "demo").exit_code == 0
    assert call(tmp_path, "list").output == ""
    again = call(tmp_path, "remove", "demo")
    assert again.exit_code == 1 and "no API user demo" in again.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a b"], "api_user must be"),
        (["demo"], "api_user is taken"),
        (["new", "--api-key", "short"], "api_key must be"),
    ],
)
def test_misuse_is_told_and_changes_nothing(tmp_path: Path, arguments: list[str], told: str) -> None:
    call(tmp_path, "add", "demo")
    refused = call(tmp_path, "add", *arguments)
    assert refused.exit_code == 2 and told in refused.output
    assert len(call(tmp_path, "list").output.splitlines()) == 1


def list_marks(folder: Path) -> list[list[str]]:
    return [line.split("\t")[4:] for line in call(folder, "list").output.splitlines()]


def test_who_may_relay_is_set_and_listed(tmp_path: Path) -> None:
    call(tmp_path, "add", "app@example.com", "--smtp")
    call(tmp_path, "add", "other")
    assert [line.split("\t")[4:] for line in call(tmp_path, "list").output.splitlines()] == [
        ["HTTP-API", "SMTP"],
        ["HTTP-API"],
    ]
    assert call(tmp_path, "set", "app@example.com", "--no-smtp").exit_code == 0
    assert call(tmp_path, "set", "other", "--smtp").exit_code == 0
    assert [line.split("\t")[4:] for line in call(tmp_path, "list").output.splitlines()] == [
        ["HTTP-API"],
        ["HTTP-API", "SMTP"],
    ]
    unknown = call(tmp_path, "set", "nobody", "--smtp")
    assert unknown.exit_code == 1 and "no API user nobody" in unknown.output
    assert call(tmp_path, "set", "other").exit_code == 2


def test_terms_are_set_and_listed(tmp_path: Path) -> None:
    call(tmp_path, "add", "app@example.com", "--role", "admin", "--time-zone", "Europe/Paris", "--no-http-api")
    assert call(tmp_path, "set", "app@example.com", "--own-only").exit_code == 0
    [line] = call(tmp_path, "list").output.splitlines()
    assert line.split("\t")[2:] == ["admin", "Europe/Paris", "own-only"]
    wrong = call(tmp_path, "set", "app@example.com", "--time-zone", "Tokyo")
    assert wrong.exit_code == 2 and "time_zone must be the name of a time zone" in wrong.output
    key = call(tmp_path, "set", "app@example.com", "--new-key").output.strip()
    assert call(tmp_path, "set", "app@example.com", "--api-key", "given-key-1").output == ""
    engine = open_desk(tmp_path)
    with reading(engine) as session:
        assert len(key) == 32 and not find_api_user(session, "app@example.com", key)
        assert find_api_user(session, "app@example.com", "given-key-1")
    engine.dispose()
