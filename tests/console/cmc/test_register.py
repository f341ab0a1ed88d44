"""CMC's bounces API over real HTTP, asked by a client that is as strict as the public ones."""

import dataclasses
import itertools
import json
import smtplib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from cmcdesk.console.frame.guard import CONTENT_SECURITY_POLICY
from cmcdesk.store.desk.api_users import create_api_user, remove_api_user
from cmcdesk.store.desk.bounces import NewBounce, override_bounce
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import ApiUserRow, BounceRow

from ..conftest import Console
from .strict_client import PATH, ApiError, StrictClient

MAIL_IDS = itertools.count(1)
AddBounce = Callable[..., int]
TOKYO = ZoneInfo("Asia/Tokyo")
NOTICE = (
    "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    "Final-Recipient: rfc822; nobody@dest.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    "From: Shop <news@sender.example>\r\nTo: nobody@dest.example\r\nSubject: Sale\r\nMessage-ID: <1@sender.example>\r\n"
    "X-Api-Data: order-7\r\n\r\n--b--\r\n"
)


@pytest.fixture
def client(console: Console) -> Iterator[StrictClient]:
    """An API user at a composition that is all its own."""
    name = console.add_composition(apply=False)
    with transaction(console.desk._services.engine) as session:
        made = create_api_user(session, name, 1.0)
    yield StrictClient(int(console.base.rpartition(":")[2]), made.api_user, made.api_key, name)
    with transaction(console.desk._services.engine) as session:
        remove_api_user(session, name)


@pytest.fixture
def add_bounce(console: Console, client: StrictClient) -> AddBounce:
    """`add_bounce(at="2026-11-24 10:00:00", recipient=…)`: one bounce in the client's composition; its id."""

    def add(at: str = "2026-11-24 10:00:00", **more: Any) -> int:
        created_at = datetime.fromisoformat(at).replace(tzinfo=TOKYO).timestamp()
        facts = {
            "log_id": "test", "mail_id": next(MAIL_IDS), "ordinal": 0, "composition": client.server_composition,
            "created_at": created_at, "final": True, "recipient": "user@dest.example", "error_status": 2,
            "status": "5.1.1", "reply": "550", "diagnostic": "550 5.1.1 User unknown", "evidence": "e", "rule": "r",
            "header_from": "news@sender.example", "message_id": "<1@x>", "return_path": "news@return.sender.example",
            "subject": "お知らせ", "api_data": "order-7",
        }  # fmt: skip
        with transaction(console.desk._services.engine) as session:
            row = BounceRow(**NewBounce(**facts | more).columns())
            session.add(row)
            session.flush()
            return row.id

    return add


def list_recipients(client: StrictClient, **parameters: Any) -> list[str]:
    found = client.list(**parameters)
    assert found == client.list(form=True, **parameters)
    return [bounce.values["to"].partition("@")[0] for bounce in found]


def test_a_bounce_that_comes_in_is_read_by_the_client(
    console: Console, client: StrictClient, wait_for: Callable[..., Any]
) -> None:
    assert console.api(f"compositions/{client.server_composition}/apply", "POST").status_code == 200
    with smtplib.SMTP(*console.place(client.server_composition), timeout=10) as smtp:
        smtp.sendmail("", ["news@back.example"], NOTICE.encode())
    (bounce,) = wait_for(client.list)
    assert bounce.status == 2
    assert abs((datetime.now(TOKYO).replace(tzinfo=None) - bounce.created).total_seconds()) < 60
    assert {key: value for key, value in bounce.values.items() if key != "created"} == {
        "status": "2",
        "from": "news@sender.example",
        "to": "nobody@dest.example",
        "messageId": "<1@sender.example>",
        "returnPath": "news@back.example",
        "subject": "Sale",
        "apiData": "order-7",
        "reason": "550 5.1.1 User unknown",
    }


def test_nothing_found_is_an_empty_list(client: StrictClient) -> None:
    credentials = {"api_user": client.api_user, "api_key": client.api_key}
    body = json.dumps(credentials | {"server_composition": client.server_composition}).encode()
    status, text = client.call("POST", PATH, body, {"Content-Type": "application/json"})
    assert (status, json.loads(text)) == (200, {"bounces": []})


def test_only_final_bounces_of_the_composition_and_a_persons_word_wins(
    console: Console, client: StrictClient, add_bounce: AddBounce
) -> None:
    add_bounce(recipient="late@dest.example", final=False)
    add_bounce(recipient="other@dest.example", composition="pro")
    overridden = add_bounce(recipient="mine@dest.example", error_status=99)
    with transaction(console.desk._services.engine) as session:
        override_bounce(session, overridden, 5)
    (bounce,) = client.list()
    assert (bounce.values["to"], bounce.values["status"]) == ("mine@dest.example", "5")
    assert client.list(status=5) == client.list(status="5") == [bounce]
    assert client.list(status=99) == []


def test_texts_match_in_part_unless_asked_in_full(client: StrictClient, add_bounce: AddBounce) -> None:
    add_bounce(recipient="a@one.example", header_from="news@sender.example", api_data="order-7")
    add_bounce(recipient="aa@one.example", header_from="bignews@sender.example", api_data="order-77")
    assert list_recipients(client, to="A@one.example") == ["aa", "a"]
    assert list_recipients(client, email="a@one.example") == ["aa", "a"]
    assert list_recipients(client, to="a@one.example", search_option={"to": "full"}) == ["a"]
    assert list_recipients(client, **{"from": "news@sender.example"}) == ["aa", "a"]
    assert list_recipients(client, search_option={"from": "full"}, **{"from": "news@sender.example"}) == ["a"]
    assert list_recipients(client, api_data="order-7") == ["aa", "a"]
    assert list_recipients(client, api_data="order-7", search_option={"api_data": "full"}) == ["a"]
    assert list_recipients(client, to="_@one") == []
    assert len(client.list(search_option=[])) == 2  # so PHP writes an empty object


def test_days_are_inclusive_and_in_japan(client: StrictClient, add_bounce: AddBounce) -> None:
    for name, at in (
        ("before", "2026-11-22 23:59:59"),
        ("first", "2026-11-23 00:00:00"),
        ("last", "2026-11-24 23:59:59"),
        ("after", "2026-11-25 00:00:00"),
    ):
        add_bounce(at, recipient=f"{name}@dest.example")
    assert list_recipients(client, start_date="2026-11-23", end_date="2026-11-24") == ["last", "first"]
    assert list_recipients(client, start_date="2026-11-24") == ["after", "last"]
    assert list_recipients(client, end_date="2026-11-23") == ["first", "before"]
    assert list_recipients(client, start_date="2026-11-24", end_date="2026-11-24") == ["last"]
    assert list_recipients(client, date="2026-11-23") == ["first"]
    assert list_recipients(client, date="2026-11-24", hour=23) == ["last"]
    assert list_recipients(client, date="2026-11-24", hour=23, minute=59) == ["last"]
    assert list_recipients(client, date="2026-11-24", hour=0, minute=0) == []
    assert list_recipients(client, date="2026-11-24", end_date="2026-11-23") == []
    assert [bounce.values["created"] for bounce in client.list(date="2026-11-23")] == ["2026-11-23 00:00:00"]


def test_pages_of_ten_and_of_a_hundred_at_most(client: StrictClient, add_bounce: AddBounce) -> None:
    for number in range(23):
        add_bounce(recipient=f"{number}@dest.example")
    newest_first = [str(number) for number in reversed(range(23))]
    assert list_recipients(client) == newest_first[:10]
    assert list_recipients(client, p=2) == newest_first[20:]
    assert list_recipients(client, p=1, r=20) == newest_first[20:]
    assert list_recipients(client, r=100) == newest_first
    assert list_recipients(client, p=9) == []


@pytest.mark.parametrize(
    ("parameters", "fields"),
    [
        ({"status": 12}, ["status"]),
        ({"status": "two"}, ["status"]),
        ({"start_date": "2026-11-25", "end_date": "2026-11-24"}, ["start_date"]),
        ({"start_date": "24.11.2026"}, ["start_date"]),
        ({"end_date": "2026-02-30"}, ["end_date"]),
        ({"date": "2026/11/24"}, ["date"]),
        ({"date": "2026-11-24", "hour": 24}, ["hour"]),
        ({"date": "2026-11-24", "hour": -1}, ["hour"]),
        ({"date": "2026-11-24", "hour": 1, "minute": 60}, ["minute"]),
        ({"date": "2026-11-24", "minute": 1}, ["minute"]),
        ({"hour": 1}, ["date"]),
        ({"p": -1}, ["p"]),
        ({"p": "x"}, ["p"]),
        ({"r": 0}, ["r"]),
        ({"r": 101}, ["r"]),
        ({"r": "１０"}, ["r"]),
        ({"search_option": "full"}, ["search_option"]),
        ({"search_option": {"from": "half"}}, ["search_option"]),
        ({"search_option": {"subject": "full"}}, ["search_option"]),
        ({"form_": "x", "page": 1}, ["form_", "page"]),
        ({"server_composition": "none"}, ["server_composition"]),
        ({"server_composition": ""}, ["server_composition"]),
        ({"api_user": "", "api_key": ""}, ["api_user", "api_key"]),
    ],
)
def test_what_is_wrong_is_told_by_parameter(
    client: StrictClient, parameters: dict[str, Any], fields: list[str]
) -> None:
    for form in (False, True):
        with pytest.raises(ApiError) as refused:
            client.list(form, **parameters)
        assert (refused.value.status, refused.value.fields) == (400, fields)
        assert all(error["code"].startswith("90-") for error in refused.value.errors)


@pytest.mark.parametrize("parameters", [{"status": True}, {"to": 1.5}])
def test_json_values_that_are_no_text_or_number_are_told(client: StrictClient, parameters: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        client.list(**parameters)
    assert refused.value.fields == list(parameters)


@pytest.mark.parametrize("wrong", [{"api_key": "wrong"}, {"api_user": "nobody"}, {"api_user": "鍵", "api_key": "鍵"}])
def test_who_is_no_api_user_is_refused(client: StrictClient, wrong: dict[str, str]) -> None:
    with pytest.raises(ApiError) as refused:
        dataclasses.replace(client, **wrong).list()
    assert refused.value.status == 401


def test_an_api_user_that_was_removed_is_refused(console: Console, client: StrictClient) -> None:
    assert client.list() == []
    with transaction(console.desk._services.engine) as session:
        remove_api_user(session, client.api_user)
    with pytest.raises(ApiError) as refused:
        client.list()
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("language", "told"),
    [("ja", "までの整数"), ("en", "a whole number"), ("fr", "a whole number"), ("", "a whole number")],
)
def test_messages_are_japanese_or_english(client: StrictClient, language: str, told: str) -> None:
    with pytest.raises(ApiError, match=told):
        client.list(language=language, r=0)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"", "application/json", 400),
        (b"<list/>", "text/xml", 415),
        (b"", "application/x-www-form-urlencoded", 400),
        (b"a" * 70_000, "application/json", 413),
        (b"a=" + b"a" * 70_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_told(client: StrictClient, body: bytes, content_type: str, status: int) -> None:
    with pytest.raises(ApiError) as refused:
        client.post(body, content_type)
    assert refused.value.status == status


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_post_is_allowed(client: StrictClient, method: str) -> None:
    status, text = client.call(method, PATH)
    assert (status, json.loads(text)["errors"][0]["code"]) == (405, "90-009")


def test_what_is_allowed_stands_in_the_header(console: Console) -> None:
    assert console.client.put(PATH, base_url=console.base).headers["Allow"] == "POST"


def test_a_user_of_another_time_zone_gets_its_dates_and_who_may_not_call_is_told(
    console: Console, client: StrictClient, add_bounce: AddBounce
) -> None:
    add_bounce(at="2026-11-24 10:00:00")
    engine = console.desk._services.engine
    change = update(ApiUserRow).where(ApiUserRow.api_user == client.api_user)
    with transaction(engine) as session:
        session.execute(change.values(time_zone="America/New_York"))
    (bounce,) = client.list(start_date="2026-11-23", end_date="2026-11-23")
    assert bounce.values["created"] == "2026-11-23 20:00:00"
    with transaction(engine) as session:
        session.execute(change.values(http_api=False))
    with pytest.raises(ApiError, match="90-013"):
        client.list()


def test_xml_is_answered_where_it_is_asked_for(client: StrictClient, add_bounce: AddBounce) -> None:
    add_bounce()
    who = f"api_user={client.api_user}&api_key={client.api_key}&server_composition={client.server_composition}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, text = client.call("POST", PATH.replace(".json", ".xml"), who.encode(), form)
    assert status == 200 and "<bounces><record><created>2026-11-24 10:00:00</created>" in text
    status, text = client.call("POST", PATH.replace(".json", ".xml"), b"api_user=x", form)
    assert status == 400 and "<response><errors><record><code>90-002</code>" in text


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/transaction/v2/bounces/list.csv", "90-007"),
        ("/transaction/v2/bounces/list", "90-008"),
        ("/transaction/v1/bounces/list.json", "90-008"),
        ("/transaction/v2/bounces/rename.json", "90-008"),
        ("/transaction/v2/bounces/list.json/", "90-008"),
    ],
)
def test_another_format_or_action_is_told(client: StrictClient, path: str, code: str) -> None:
    status, text = client.call("POST", path)
    assert (status, json.loads(text)["errors"][0]["code"]) == (404, code)


@pytest.mark.parametrize(
    "path",
    ["/mails", "/api/v1/status", "/openapi.json", "/transaction", "/transaction/../mails", "/transactions/v2/x", "/"],
)
def test_the_guard_holds_everywhere_else(client: StrictClient, path: str) -> None:
    for method in ("GET", "POST"):
        status, text = client.call(method, path)
        assert status == 421 or "errors" in json.loads(text)
        assert "bounces" not in text or status == 404
    assert client.call("POST", "/language", b"language=ja")[0] == 421


def test_a_session_or_the_token_opens_nothing_here(console: Console, client: StrictClient) -> None:
    answer = console.client.post(PATH, base_url=console.base, json={})
    assert answer.status_code == 400
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "Set-Cookie" not in answer.headers
    body = {"api_user": "x", "api_key": "y", "server_composition": "pro"}
    headers = {"Authorization": f"Bearer {console.token}"}
    assert console.client.post(PATH, base_url=console.base, json=body, headers=headers).status_code == 401


def test_a_search_writes_nothing(console: Console, client: StrictClient, add_bounce: AddBounce) -> None:
    add_bounce()
    with reading(console.desk._services.engine) as session:
        before = [vars(row) | {"_sa_instance_state": None} for row in session.scalars(select(BounceRow))]
    client.list()
    with reading(console.desk._services.engine) as session:
        after = [vars(row) | {"_sa_instance_state": None} for row in session.scalars(select(BounceRow))]
    assert before == after


@pytest.mark.parametrize("path", ["v2/emails/sent.json", "v1/emails/other", "v2/other", "v2/send.json", "v2/"])
@pytest.mark.parametrize("language", ["", "fr", "ja"])
def test_what_is_no_action_for_sending_is_told_in_cmcs_form(console: Console, path: str, language: str) -> None:
    client = console.desk.app.test_client(use_cookies=False)
    headers = {"Host": "te.smtps.jp"} | ({"Accept-Language": language} if language else {})
    answer = client.post(f"/api/{path}", json={"api_user": "u", "api_key": "k"}, headers=headers)
    assert answer.status_code == 404
    [error] = answer.json["errors"]
    assert set(error) == {"code", "field", "message"} and error["code"] == "90-008"
    assert ("ありません" if language == "ja" else "no such action") in error["message"]


def test_every_error_has_a_code_and_names_its_parameter(console: Console) -> None:
    client = console.desk.app.test_client(use_cookies=False)
    for path, given in (
        ("/transaction/v2/bounces/list.json", {"api_user": "u", "nonsense": "x"}),
        ("/transaction/v2/bounces/list.csv", {}),
        ("/transaction/", {}),
        ("/transaction/v9/nothing.json", {}),
    ):
        for language in ("en", "ja"):
            errors = client.post(path, json=given, headers={"Accept-Language": language}).json["errors"]
            assert errors and all(error["code"] and error["field"] in error["message"] for error in errors)


def test_the_document_tells_of_cmcs_path_and_its_parameters(console: Console, document: dict[str, Any]) -> None:
    operation = document["paths"][PATH]["post"]
    assert operation["security"] == [] and operation["summary"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    client = console.desk.app.test_client(use_cookies=False)
    answer = client.post(PATH, base_url=console.base, json={})
    assert sorted(error["field"] for error in answer.json["errors"]) == sorted(schema["required"])
    told = operation["responses"]["4XX"]["content"]["application/json"]["schema"]["properties"]["errors"]["items"]
    assert set(answer.json["errors"][0]) == set(told["required"])
    unknown = client.post(PATH, base_url=console.base, json=dict.fromkeys(schema["properties"], "x"))
    assert unknown.status_code == 401  # none of them is unknown
