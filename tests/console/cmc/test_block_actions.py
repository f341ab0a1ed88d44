"""CMC's blocks API over the paths that its clients call."""

import itertools
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from cmcdesk.store.desk.api_users import create_api_user, remove_api_user
from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.blocks import find_exempt, find_suppressed
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import ApiUserRow

from ..conftest import Console

NUMBERS = itertools.count(1)
NOON = 1_764_471_600.0  # 2025-11-30 12:00 in Tokyo


class Calls:
    """One API user at one composition."""

    def __init__(self, console: Console, name: str, key: str) -> None:
        self.console, self.name, self.key = console, name, key

    def __call__(self, action: str, form: str = "json", **parameters: Any) -> TestResponse:
        given = {"api_user": self.name, "api_key": self.key, "server_composition": self.name} | parameters
        client = self.console.desk.app.test_client(use_cookies=False)
        headers = {"Host": "api.smtps.jp", "Accept-Language": "en"}
        return client.post(f"/transaction/v2/blocks/{action}.{form}", json=given, headers=headers)

    def block(self, email: str, at: float = NOON, **more: Any) -> str:
        facts = {"composition": self.name, "occurred": 3, "status": 2, "created_at": at} | more
        row = BlockRow(id=f"c{next(NUMBERS):012}", email=email, **facts)
        with transaction(self.console.desk._engine) as session:
            session.add(row)
        return row.id


@pytest.fixture
def calls(console: Console) -> Iterator[Calls]:
    name = console.add_composition(apply=False)
    with transaction(console.desk._engine) as session:
        made = create_api_user(session, name, 1.0)
    yield Calls(console, name, made.api_key)
    with transaction(console.desk._engine) as session:
        remove_api_user(session, name)


def test_the_list_has_cmcs_record_in_pages_and_is_searched(calls: Calls) -> None:
    ids = [calls.block(f"u{number}@x.example", NOON + number) for number in range(3)]
    calls.block("gone@x.example", removed_at=NOON)
    found = calls("list").json["blocks"]
    assert found[0] == {
        "created": "2025-11-30 12:00:02", "email": "u2@x.example", "id": ids[2], "occurred": "3", "status": "2",
    }  # fmt: skip
    assert [row["id"] for row in calls("list", r=2, p=1).json["blocks"]] == ids[:1]
    assert [row["id"] for row in calls("list", email="U1").json["blocks"]] == ids[1:2]
    assert [row["email"] for row in calls("list", removed=True).json["blocks"]] == ["gone@x.example"]
    assert calls("list", start_date="2025-12-01").json["blocks"] == []
    assert len(calls("list", start_date="2025-11-30", end_date="2025-11-30").json["blocks"]) == 3
    root = ElementTree.fromstring(calls("list", "xml", r=1).data)
    assert [element.text for element in root.iter("email")] == ["u2@x.example"]


def test_dates_are_in_the_time_zone_of_the_api_user(calls: Calls) -> None:
    calls.block("a@x.example")
    with transaction(calls.console.desk._engine) as session:
        session.execute(update(ApiUserRow).where(ApiUserRow.api_user == calls.name).values(time_zone="UTC"))
    assert calls("list").json["blocks"][0]["created"] == "2025-11-30 03:00:00"


def test_the_download_is_csv_without_formulas(calls: Calls) -> None:
    calls.block("=a@x.example")
    answer = calls("download")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f"blocks-{calls.name}-" in answer.headers["Content-Disposition"]
    head, row, end = answer.data.decode("utf-8-sig").split("\r\n")
    assert (head, end) == ("created,email,id,occurred,status", "") and ",'=a@x.example," in row


def test_cancel_lifts_this_time_and_delete_for_good(calls: Calls) -> None:
    emails = ["a@x.example", "b@x.example"]
    ids = [calls.block(email) for email in emails]
    assert calls("cancel", email="A@X.example").json["blocks"][0]["id"] == ids[0]
    assert calls("delete", id=ids[1]).json["blocks"][0]["email"] == "b@x.example"
    with reading(calls.console.desk._engine) as session:
        assert find_suppressed(session, calls.name, emails) == set()
        assert find_exempt(session, calls.name, emails) == {"b@x.example"}
    again = calls("cancel", email="a@x.example")
    assert again.status_code == 400 and again.json["errors"][0]["field"] == "email"


@pytest.mark.parametrize(
    ("action", "parameters", "status", "field"),
    [
        ("list", {"removed": "maybe"}, 400, "removed"),
        ("list", {"r": 101}, 400, "r"),
        ("list", {"start_date": "yesterday"}, 400, "start_date"),
        ("list", {"server_composition": "nothing"}, 400, "server_composition"),
        ("list", {"id": "1"}, 400, "id"),
        ("list", {"api_key": "wrong-key"}, 401, "api_user"),
        ("cancel", {}, 400, "email"),
        ("cancel", {"id": "nothing"}, 400, "id"),
        ("delete", {"server_composition": "sandbox", "email": "a@x.example"}, 403, "server_composition"),
    ],
)
def test_what_cannot_be_taken_is_told_by_its_field(
    calls: Calls, action: str, parameters: dict[str, Any], status: int, field: str
) -> None:
    answer = calls(action, **parameters)
    assert (answer.status_code, [one["field"] for one in answer.json["errors"]]) == (status, [field])


def test_one_of_another_composition_is_not_lifted_by_its_id(calls: Calls) -> None:
    other = calls.block("a@x.example", composition="elsewhere")
    assert calls("delete", id=other).status_code == 400


def test_who_sees_its_own_data_only_sees_no_list_of_all(calls: Calls) -> None:
    with transaction(calls.console.desk._engine) as session:
        session.execute(update(ApiUserRow).where(ApiUserRow.api_user == calls.name).values(own_only=True))
    assert calls("list").status_code == 403
