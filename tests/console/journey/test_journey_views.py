"""The page and the API of a journey; what they show is tested with its stations."""

import pytest

from tests.console.conftest import Console


@pytest.mark.parametrize("path", ["/mails/99999999/journey", "/mails/99999999/journey/path"])
def test_no_mail_no_journey(console: Console, path: str) -> None:
    assert console.get(path).status_code == 404
    assert console.api("mails/99999999/journey").status_code == 404
