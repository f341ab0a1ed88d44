"""What is said of requests that do not fit their shape."""

import pytest

from ..conftest import Console


def say(console: Console, path: str, language: str, method: str = "GET", body: object = None) -> dict[str, str]:
    answer = console.api(path, method, body, language=language)
    assert answer.status_code == 422
    return {error["field"]: error["message"] for error in answer.json["errors"]}


@pytest.mark.parametrize(
    ("path", "field", "english", "japanese"),
    [
        ("mails?limit=x", "limit", "must be an integer", "整数を指定してください"),
        ("mails?limit=0", "limit", "must be 1 or more", "1 以上の値を指定してください"),
        ("mails?limit=9999", "limit", "must be 500 or less", "500 以下の値を指定してください"),
        ("mails?wait=x", "wait", "must be a number", "数値を指定してください"),
        ("mails?search_in=x", "search_in", "must be one of fields, text, all", "fields, text, all のいずれか"),
        ("operation-log/logins?since=x", "since", "must be a time such as", "のような日時を指定してください"),
        (f"mails?search={'x' * 201}", "search", "at most 200 characters", "200 文字"),
        ("mails/wait?limit=5", "limit", "is not known here; allowed: after, ", "指定できるもの: after, "),
    ],
)
def test_a_parameter_that_does_not_fit_is_told_in_the_callers_language(
    console: Console, path: str, field: str, english: str, japanese: str
) -> None:
    assert english in say(console, path, "en")[field]
    assert japanese in say(console, path, "ja")[field]


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("compositions", {}, {"subdomain": "指定してください"}),
        ("compositions", {"subdomain": 1}, {"subdomain": "文字列を指定してください"}),
        ("compositions/pro/rollback", {"x": 1}, {"x": "ここでは指定できません。指定できるもの: number"}),
        ("catcher/endpoints", [], {"": "JSON オブジェクト（{…}）を指定してください"}),
    ],
)
def test_a_body_that_does_not_fit_is_told(console: Console, path: str, body: object, told: dict[str, str]) -> None:
    assert told.items() <= say(console, path, "ja", "POST", body).items()


def test_a_body_that_is_no_json_is_shown_as_it_came(console: Console) -> None:
    client = console.desk.app.test_client()
    headers = {"Authorization": f"Bearer {console.token}", "Content-Type": "application/json", "Accept-Language": "en"}
    for body in ("", '{"number": 1', '"text"'):
        answer = client.post("/api/v1/compositions/pro/rollback", base_url=console.base, headers=headers, data=body)
        wanted = {"field": "", "given": body, "message": "must be a JSON object ({…})"}
        assert answer.json == {"errors": [wanted]}
