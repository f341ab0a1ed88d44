"""Reading what stands in an address."""

import pytest

from cmcdesk.console.frame.request import choose_part, read_number, read_own_path
from tests.console.conftest import Console


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("0", None), ("-1", None), ("x", None), ("", None), (None, None), ("٣", None), ("9" * 30, None)],
)
def test_numbers(text: str | None, number: int | None) -> None:
    assert read_number(text) == number


def test_parts() -> None:
    assert (
        choose_part("b", ("a", "b")) == "b" and choose_part("c", ("a",)) is None and choose_part(None, ("a",)) is None
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [("/mails?x=1", "/mails?x=1"), ("//evil", "/"), ("/\\evil", "/"), ("https://evil", "/"), ("mails", "/"), ("", "/")],
)
def test_paths_lead_nowhere_else(text: str, place: str) -> None:
    assert read_own_path(text, "/") == place


@pytest.mark.parametrize("number", [2**63, 10**400, "9" * 5000])
def test_a_number_that_no_row_can_have_is_no_place(console: Console, number: object) -> None:
    assert console.get(f"/mails/{number}").status_code == 404
    assert console.api(f"mails/{2**63 - 1}").status_code == 404


def test_a_number_too_large_in_a_query_is_told_in_the_callers_language(console: Console) -> None:
    told = console.api(f"bounces?before={2**63}", language="ja")
    assert told.status_code == 422 and "大きすぎます" in told.json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/mails/clear", "/mails"),
        ("/import", "/compositions"),
        ("/compositions/new", "/compositions"),
        ("/compositions/sandbox/apply", "/compositions"),
        ("/compositions/sandbox/remove", "/compositions"),
    ],
)
def test_a_dialog_opened_by_its_address_leads_to_its_page(console: Console, address: str, page: str) -> None:
    alone = console.get(address)
    assert (alone.status_code, alone.headers["Location"]) == (302, page)
    fetched = console.get(address, HX_Request="true")
    assert fetched.status_code == 200
    assert "<html" not in fetched.text
