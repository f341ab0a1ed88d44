"""操作ログ over the API: pages, and times that it takes."""

import pytest

from ..conftest import Console


def test_pages_go_on_where_the_one_before_ended(console: Console) -> None:
    for number in range(4):
        console.api("api-users", "POST", {"api_user": f"paged{number}"})
        console.api(f"api-users/paged{number}", "DELETE")
    first = console.api("operation-log/operations?limit=4&account=api").json
    rest = console.api(f"operation-log/operations?limit=4&account=api&before={first['next']}").json
    ids = [each["id"] for each in [*first["operations"], *rest["operations"]]]
    assert ids == sorted(ids, reverse=True) and len(set(ids)) == 8
    assert [each["operation"] for each in first["operations"]] == ["remove", "add", "remove", "add"]
    assert console.api("operation-log/operations?account=nobody").json == {"operations": [], "next": None}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("since=2026-01-01T00:00:00Z&until=2026-03-01T00:00:00Z", "until"),
        ("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "since"),
        ("since=2026-01-01T00:00:00", "since"),
        ("since=9999-12-31T23:59:59Z", "since"),
        ("nix=1", "nix"),
    ],
)
def test_a_wrong_time_is_told_by_its_field(console: Console, given: str, field: str) -> None:
    for part in ("logins", "operations"):
        answer = console.api(f"operation-log/{part}?{given}")
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
