"""Numbers in paths (in queries and bodies: test_no_500.py)."""

import pytest

from tests.console.conftest import Console


@pytest.mark.parametrize("number", [2**63, 10**400, "9" * 5000])
def test_a_number_that_no_row_can_have_is_no_place(console: Console, number: object) -> None:
    assert console.get(f"/mails/{number}").status_code == 404
    assert console.api(f"mails/{2**63 - 1}").status_code == 404


def test_a_number_too_large_in_a_query_is_told_in_the_callers_language(console: Console) -> None:
    told = console.api(f"bounces?before={2**63}", language="ja")
    assert told.status_code == 422 and "大きすぎます" in told.json["errors"][0]["message"]
