"""API users on the page."""

import re

from ..conftest import Console

PLACE = "/api-settings/users"


def test_a_user_is_added_with_a_key_that_is_shown_once(console: Console) -> None:
    made = console.post(PLACE, {"api_user": "page-user", "api_key": ""}).text
    key = re.search(r"<code>(\S{8,})</code>", made)
    assert key and "page-user" in console.get(PLACE).text and key[1] not in console.get(PLACE).text
    assert console.post(f"{PLACE}/page-user/remove").location == PLACE
    assert console.post(f"{PLACE}/page-user/remove").status_code == 404
    assert "page-user" not in console.get(PLACE).text


def test_faults_are_told_at_their_field(console: Console) -> None:
    wrong = console.post(PLACE, {"api_user": "no no", "api_key": ""})
    assert wrong.status_code == 422 and 'value="no no"' in wrong.text and "letters, digits" in wrong.text
    assert "8 to 255" in console.post(PLACE, {"api_user": "fine", "api_key": "short"}).text
