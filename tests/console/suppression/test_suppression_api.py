"""配信停止 over the own API."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from cmcdesk.store.desk.block_batch import AddressError, count_errors
from cmcdesk.store.desk.database import transaction

from ..conftest import Console


@pytest.fixture
def name(console: Console) -> str:
    return console.add_composition(apply=False)


def test_errors_a_run_the_list_and_lifting(console: Console, name: str, wait_for: Callable[..., Any]) -> None:
    with transaction(console.desk._engine) as session:
        emails = ("a@x.example", "b@x.example")
        count_errors(session, [AddressError(name, email, 2) for email in emails], time.time())
    started = console.api(f"compositions/{name}/suppression/run", "POST")
    assert (started.status_code, started.json["running"]) == (202, True)
    found = console.api(f"suppressed?composition={name}&wait=10&count=2").json["suppressed"]
    assert sorted((row["email"], row["status"], row["occurred"]) for row in found) == [
        ("a@x.example", 2, 1), ("b@x.example", 2, 1),
    ]  # fmt: skip
    wait_for(lambda: not console.api(f"compositions/{name}/suppression").json["running"])
    assert console.api(f"compositions/{name}/suppression").json["last_run_at"]
    page = console.api(f"suppressed?composition={name}&limit=1").json
    assert console.api(f"suppressed?composition={name}&limit=1&before={page['next']}").json["suppressed"] == found[1:]
    first, second = (row["id"] for row in found)
    assert console.api(f"suppressed/{first}/cancel", "POST").json["removal"] == "cancelled"
    assert console.api(f"suppressed/{second}", "DELETE").json["exempt"] is True
    again = console.api(f"suppressed/{first}/cancel", "POST")
    assert again.status_code == 404 and "free already" in again.json["errors"][0]["message"]
    assert console.api("suppressed/nothing", "DELETE").status_code == 404
    freed = console.api(f"suppressed?composition={name}&removed=true").json["suppressed"]
    assert {row["id"] for row in freed} == {first, second} and all(row["removed_at"] for row in freed)
    assert console.api(f"suppressed?composition={name}&email=a@x.example&exactly=true").json["suppressed"] == []


def test_terms_are_changed_and_refused_with_field_given_and_allowed(console: Console, name: str) -> None:
    path = f"compositions/{name}/suppression"
    changed = console.api(path, "PUT", {"run_at": "01:00", "conditions": {"5": {"enabled": True, "occurrences": 4}}})
    noted = console.api("operation-log/operations?limit=1").json["operations"][0]
    assert (noted["function"], noted["operation"], noted["name"]) == ("suppression_terms", "save", name)
    assert noted["detail"] == "run_at, conditions.5"
    assert changed.status_code == 200 and changed.json["conditions"]["5"] == {"enabled": True, "occurrences": 4}
    wrong = {"run_at": "1", "watch_days": 0, "conditions": {"10": {"enabled": True, "occurrences": 999}}}
    refused = console.api(path, "PUT", wrong)
    assert refused.status_code == 422
    assert [(one["field"], one["given"]) for one in refused.json["errors"]] == [
        ("run_at", "1"), ("watch_days", "0"), ("conditions.10", "10"),
    ]  # fmt: skip
    fixed = console.api("compositions/sandbox/suppression", "PUT", {"run_at": "01:00", "conditions": {}})
    assert fixed.status_code == 409
    assert console.api("compositions/sandbox/suppression").json["fixed"] is True
    assert console.api("compositions/nothing/suppression").status_code == 404
    assert console.api("compositions/nothing/suppression/run", "POST").status_code == 404
