"""`auditlogs/list` as CMC's public clients call it: for administrators, strings alone, 31 days at most."""

import csv
import io
import zipfile
from typing import Any

import pytest
from werkzeug.test import TestResponse

from ...conftest import WaitFor
from ..conftest import Console

LOGIN_KEYS = {"account", "code", "created", "ipaddress", "reason", "result"}
OPERATION_KEYS = {"account", "created", "name", "function", "operation"}


@pytest.fixture
def key(console: Console) -> str:
    """Of an API group administrator."""
    console.api("api-users/chief", "DELETE")
    return str(console.api("api-users", "POST", {"api_user": "chief", "role": "admin"}).json["api_key"])


def call(console: Console, key: str, action: str = "list", **given: Any) -> TestResponse:
    client = console.desk.app.test_client(use_cookies=False)
    body = {"api_user": "chief", "api_key": key, **given}
    headers = {"Host": "api.smtps.jp", "Accept-Language": "en"}
    return client.post(f"/transaction/v2/auditlogs/{action}.json", json=body, headers=headers)


def test_both_logs_have_cmcs_keys_and_strings_alone(console: Console, key: str, wait_for: WaitFor) -> None:
    def list_logs(kind: str, name: str) -> list[dict[str, str]]:
        answer = call(console, key, type=kind)
        assert answer.status_code == 200 and set(answer.json) == {name}, answer.text
        logs: list[dict[str, str]] = answer.json[name]
        return logs

    logins = wait_for(lambda: list_logs("login", "loginlogs"))
    operations = list_logs("operation", "operationlogs")
    for records, keys in ((logins, LOGIN_KEYS), (operations, OPERATION_KEYS)):
        assert len(records) <= 10
        for record in records:
            assert set(record) == keys and all(isinstance(value, str) for value in record.values())
    assert (operations[0]["account"], operations[0]["name"], operations[0]["operation"]) == ("api", "chief", "added")
    assert call(console, key, type="operation", account="nobody").json == {"operationlogs": []}
    assert len(call(console, key, type="operation", p="1", r="1").json["operationlogs"]) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "type"),
        ({"type": "other"}, "type"),
        ({"type": "login", "start_date": "2026-01-01", "end_date": "2026-02-02"}, "end_date"),
        ({"type": "login", "start_date": "2025-01-01", "end_date": "2024-01-01"}, "start_date"),
        ({"type": "login", "start_date": "1 Jan"}, "start_date"),
        ({"type": "login", "server_composition": "pro"}, "server_composition"),
        ({"type": "login", "r": "101"}, "r"),
    ],
)
def test_what_is_wrong_is_named(console: Console, key: str, given: dict[str, str], field: str) -> None:
    answer = call(console, key, **given)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, field)


def test_a_download_is_a_csv_in_a_zip_file(console: Console, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cmcdesk.console.cmc.audit_logs.BATCH", 2)
    listed = call(console, key, type="operation", r="100").json["operationlogs"]
    answer = call(console, key, "download", type="operation")
    assert answer.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        [name] = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    assert rows[: len(listed)] == listed and len(rows) >= 3
    refused = call(console, key, "download", type="operation", r="5")
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "r")


def test_31_days_between_first_and_last_are_allowed(console: Console, key: str) -> None:
    assert call(console, key, type="login", start_date="2026-01-01", end_date="2026-02-01").status_code == 200


def test_other_api_users_may_not_call_it(console: Console) -> None:
    console.api("api-users/clerk", "DELETE")
    made = console.api("api-users", "POST", {"api_user": "clerk"}).json["api_key"]
    assert call(console, made, api_user="clerk", type="login").status_code == 403
