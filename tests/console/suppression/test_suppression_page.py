"""配信停止 as a person meets it: the list, lifting, run settings, and a run at once by the real worker."""

import html
import itertools
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from cmcdesk.store.desk.block_batch import AddressError, count_errors, find_plan
from cmcdesk.store.desk.block_models import BlockRow
from cmcdesk.store.desk.blocks import BlockQuery, find_exempt, find_suppressed, list_blocks
from cmcdesk.store.desk.database import reading, transaction

from ..conftest import Console

NUMBERS = itertools.count(1)
CONDITIONS = {f"occurrences.{status}": "3" for status in (1, 2, 3, 4, 5, 6, 7, 8, 9, 99)}


@pytest.fixture
def name(console: Console) -> str:
    return console.add_composition(apply=False)


@pytest.fixture
def block(console: Console, name: str) -> Callable[..., str]:
    """`block("a@x.example")`: suppressed in the test's composition; its id."""

    def add(email: str, composition: str = name, status: int = 2, **more: Any) -> str:
        facts = {"occurred": 3, "status": status, "created_at": time.time()} | more
        row = BlockRow(id=f"{next(NUMBERS):013x}", composition=composition, email=email, **facts)
        with transaction(console.desk._engine) as session:
            session.add(row)
        return row.id

    return add


def list_ids(page: str) -> list[str]:
    return re.findall(r'data-block="(\w+)"', page)


def test_the_list_narrows_and_shows_what_was_freed(console: Console, name: str, block: Callable[..., str]) -> None:
    first, second = block("user@x.example"), block("<b>@x.example", status=5)
    block("old@x.example", removed_at=time.time(), removal="watched")
    page = console.get(f"/suppression?composition={name}").text
    assert list_ids(page) == [second, first] and "&lt;b&gt;@x.example" in page and "2 addresses" in page
    assert "Unknown user" in page and 'aria-current="page">Suppression' in page
    assert list_ids(console.get(f"/suppression?composition={name}&email=USER").text) == [first]
    part = console.get(f"/suppression?composition={name}&status=5", HX_Request="true").text
    assert list_ids(part) == [second] and "<html" not in part
    gone = console.get(f"/suppression?composition={name}&removed=yes").text
    assert "old@x.example" in gone and "Watch period over" in gone and 'name="how"' not in gone
    assert "No address." in console.get(f"/suppression?composition={name}&email=nothing").text


def test_chosen_ones_are_lifted_this_time_or_for_good(console: Console, name: str, block: Callable[..., str]) -> None:
    ids = [block(f"{letter}@x.example") for letter in "abc"]
    where = f"/suppression/lift?composition={name}"
    assert console.post(where, {"how": "cancel", "block": ids[:1]}).status_code == 303
    assert "One address was freed." in console.get(f"/suppression?composition={name}").text
    assert console.post(where, {"how": "delete", "block": ids[:2]}).status_code == 303
    assert "One address was deleted" in console.get(f"/suppression?composition={name}").text
    emails = ["a@x.example", "b@x.example", "c@x.example"]
    with reading(console.desk._engine) as session:
        assert find_suppressed(session, name, emails) == {"c@x.example"}
        assert find_exempt(session, name, emails) == {"b@x.example"}
    assert console.post(where, {"how": "lose", "block": ids}).status_code == 400


def test_the_standard_plan_is_fixed_and_its_addresses_are_not_lifted_here(
    console: Console, block: Callable[..., str]
) -> None:
    held = block("s@x.example", "sandbox")
    page = console.get("/suppression?composition=sandbox").text
    assert "on application" in page and re.search(rf'value="{held}"[^>]*disabled', page)
    console.post("/suppression/lift", {"how": "cancel", "block": [held]})
    assert "by application" in console.get("/suppression").text
    terms = console.get("/suppression/sandbox/terms").text
    assert 'id="fixed"' in terms and "<fieldset disabled>" in terms
    console.post("/suppression/sandbox/terms", CONDITIONS | {"run_at": "05:00"})
    with reading(console.desk._engine) as session:
        assert find_suppressed(session, "sandbox", ["s@x.example"])
        plan = find_plan(session, "sandbox", time.time())
    assert plan is not None and plan.terms.run_at == "00:00"
    assert console.api(f"suppressed/{held}/cancel", "POST").status_code == 200  # in place of the application


def test_the_csv_starts_no_formula(console: Console, name: str, block: Callable[..., str]) -> None:
    block("=cmd@x.example")
    answer = console.get(f"/suppression/list.csv?composition={name}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = answer.get_data(as_text=True).split("\r\n")
    assert lines[0].startswith("\ufeffSuppressed at,Address,") and ",'=cmd@x.example,2 Unknown user,3," in lines[1]


def test_run_settings_are_saved_and_what_is_wrong_is_told_by_its_field(console: Console, name: str) -> None:
    page = console.get(f"/suppression/{name}/terms").text
    assert re.search(r'id="enabled-2"[^>]*checked', page) and not re.search(r'id="enabled-5"[^>]*checked', page)
    wrong = console.post(
        f"/suppression/{name}/terms",
        CONDITIONS | {"run_at": "25:00", "watch_days": "x", "occurrences.5": "0", "enabled.5": "yes"},
    )
    assert wrong.status_code == 422
    shown = wrong.text
    assert 'value="25:00"' in shown and "must be a time from 00:00 to 23:59" in shown
    assert 'id="error-watch_days"' in shown and 'id="error-conditions-5-occurrences"' in shown
    good = CONDITIONS | {"run_at": "06:30", "watch_days": "30", "enabled.2": "yes", "enabled.5": "yes"}
    assert console.post(f"/suppression/{name}/terms", good).status_code == 303
    kept = console.api(f"compositions/{name}/suppression").json
    assert (kept["run_at"], kept["watch_days"], kept["conditions"]["5"]) == (
        "06:30", 30, {"enabled": True, "occurrences": 3},
    )  # fmt: skip
    assert console.get("/suppression/nothing/terms").status_code == 404


def test_a_save_of_another_window_in_between_is_told_and_not_overwritten(console: Console, name: str) -> None:
    def see() -> str:
        found = re.search(r'name="seen" value="([^"]*)"', console.get(f"/suppression/{name}/terms").text)
        assert found
        return html.unescape(found[1])

    first = CONDITIONS | {"enabled.2": "yes", "seen": see()}
    assert console.post(f"/suppression/{name}/terms", first | {"run_at": "01:00"}).status_code == 303
    behind = console.post(f"/suppression/{name}/terms", first | {"run_at": "02:00"})
    assert behind.status_code == 409 and 'id="conflict"' in behind.text and 'value="02:00"' in behind.text
    assert console.api(f"compositions/{name}/suppression").json["run_at"] == "01:00"
    assert console.post(f"/suppression/{name}/terms", first | {"run_at": "02:00", "seen": see()}).status_code == 303
    assert console.api(f"compositions/{name}/suppression").json["run_at"] == "02:00"


def test_run_settings_may_be_typed_full_width(console: Console, name: str) -> None:
    typed = CONDITIONS | {"run_at": " ０６：３０", "watch_days": "３０　", "occurrences.2": "１２", "enabled.2": "yes"}
    assert console.post(f"/suppression/{name}/terms", typed).status_code == 303
    kept = console.api(f"compositions/{name}/suppression").json
    assert (kept["run_at"], kept["watch_days"], kept["conditions"]["2"]["occurrences"]) == ("06:30", 30, 12)


def test_unticking_a_reason_asks_what_becomes_of_its_addresses(
    console: Console, name: str, block: Callable[..., str]
) -> None:
    form = CONDITIONS | {"run_at": "00:00", "enabled.2": "yes"}
    block("a@x.example")
    assert console.post(f"/suppression/{name}/terms", form).status_code == 303
    del form["enabled.2"]
    asked = console.post(f"/suppression/{name}/terms", form)
    assert asked.status_code == 422 and 'id="ask-unticked"' in asked.text and "One address" in asked.text
    assert console.post(f"/suppression/{name}/terms", form | {"unticked": "free"}).status_code == 303
    with reading(console.desk._engine) as session:
        (row,) = list_blocks(session, BlockQuery(name, removed=True))
    assert row.removal == "unticked" and not row.exempt


def test_a_run_at_once_is_done_by_the_worker_and_shown(
    console: Console, name: str, wait_for: Callable[..., Any]
) -> None:
    with transaction(console.desk._engine) as session:
        count_errors(session, [AddressError(name, "failed@x.example", 2)], time.time())
    assert "not yet" in console.get(f"/suppression/{name}/state").text
    assert console.post(f"/suppression/{name}/run").status_code == 303
    wait_for(lambda: "not yet" not in console.get(f"/suppression/{name}/state").text)
    assert "failed@x.example" in console.get(f"/suppression?composition={name}").text
