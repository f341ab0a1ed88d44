"""The addresses of dialogs."""

import pytest

from tests.console.conftest import Console


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
