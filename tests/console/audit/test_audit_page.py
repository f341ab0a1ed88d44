"""操作ログ as a person sees it: both parts, searched, and as CSV."""

import smtplib
from datetime import UTC, datetime, timedelta

import pytest

from ...conftest import WaitFor
from ..conftest import AddMail, Console


def test_who_logged_in_and_with_what(console: Console, wait_for: WaitFor) -> None:
    name = console.add_composition(apply=False)
    console.api("api-users", "POST", {"api_user": "auditor", "api_key": "auditor-key", "smtp": True})
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    with smtplib.SMTP(*console.relay(name), timeout=10) as smtp:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("=cmd|evil", "wrong-key")
        smtp.login("auditor", "auditor-key")
    stranger = console.desk.app.test_client()
    assert stranger.get("/mails?token=wrong", base_url=console.base).status_code == 401

    def list_logins() -> dict[tuple[str, str], dict[str, object]]:
        return {(each["account"], each["result"]): each for each in console.api("operation-log/logins").json["logins"]}

    wanted = {("=cmd|evil", "failure"), ("auditor", "success"), ("console", "success"), ("console", "failure")}
    found = wait_for(lambda: (found := list_logins()) and wanted <= set(found) and found)
    right, wrong = found["auditor", "success"], found["=cmd|evil", "failure"]
    assert (right["code"], right["via"], right["ipaddress"]) == (235, f"relay {name}", "127.0.0.1")
    assert (wrong["code"], wrong["count"]) == (535, 1) and "5.7.8" in str(wrong["reason"])
    assert found["console", "failure"]["code"] == 401
    page = console.get("/operation-log/logins").text
    assert "SMTP AUTH at the relay server" in page and "wrong launch token" in page and "wrong-key" not in page
    assert console.token not in page
    narrowed = console.get("/operation-log/logins?account=auditor").text
    assert "235" in narrowed and "535" not in narrowed
    lines = console.get("/operation-log/logins.csv").text
    assert "'=cmd|evil" in lines and "auditor" in lines
    console.api("api-users/auditor", "DELETE")
    console.api(f"compositions/{name}/apply", "POST")


def test_who_changed_what_by_which_way(console: Console) -> None:
    name = console.add_composition(interval_ms=33)
    page = console.get("/operation-log").text
    for told in ("reflected (#1)", "saved (receiving.", name, "api"):
        assert told in page
    console.post(f"/compositions/{name}/remove", {"word": name})
    [removed, *_] = console.api("operation-log/operations?limit=1").json["operations"]
    assert (removed["account"], removed["function"], removed["operation"]) == ("console", "composition", "remove")
    assert removed["name"] == name and "removed" in console.get("/operation-log/operations.csv").text
    assert "操作ログ" in console.get("/operation-log", Accept_Language="ja").text


def test_a_command_and_a_deletion_are_told_by_who_did_it(console: Console, add_mail: AddMail) -> None:
    add_mail()
    assert console.api("mails", "DELETE").json["purged"] >= 1
    client = console.desk.app.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {console.token}", "User-Agent": "cmcdesk-cli"}
    client.post("/api/v1/api-users", base_url=console.base, headers=headers, json={"api_user": "by-command"})
    client.delete("/api/v1/api-users/by-command", base_url=console.base, headers=headers)
    listed = console.api("operation-log/operations?limit=3").json["operations"]
    assert [(each["account"], each["function"], each["operation"]) for each in listed] == [
        ("cli", "api_user", "remove"),
        ("cli", "api_user", "add"),
        ("api", "mails", "delete"),
    ]
    assert "for 90 days, the newest 1,000,000 lines" in console.get("/retention").text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("since=2026-01-01T00:00&until=2026-02-01T00:00", "At most 31 days"),
        ("since=2026-02-01T00:00&until=2026-01-01T00:00", "The beginning is after the end."),
        ("since=yesterday", "yesterday is no time"),
        ("until=0001-01-01T00:00", "0001-01-01T00:00 is no time"),
    ],
)
def test_a_wrong_time_names_its_field_and_shows_nothing(console: Console, given: str, told: str) -> None:
    answer = console.get(f"/operation-log?{given}")
    assert answer.status_code == 422 and told in answer.text
    assert console.get(f"/operation-log/logins.csv?{given}").status_code == 422


def test_exactly_31_days_may_be_searched(console: Console) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0)
    since, until = today - timedelta(days=30), today + timedelta(hours=23, minutes=59)
    given = f"since={since:%Y-%m-%dT%H:%M}&until={until:%Y-%m-%dT%H:%M}"
    assert console.get(f"/operation-log?{given}").status_code == 200
