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


def test_smtp_is_ticked_and_says_that_it_waits(console: Console) -> None:
    ticked = r'aria-label="relayer may relay by SMTP"'
    assert "smtp-waiting" not in console.get(PLACE).text
    assert "smtp-waiting" in console.post(PLACE, {"api_user": "relayer", "api_key": "", "smtp": "true"}).text
    assert re.search(rf"checked {ticked}", console.get(PLACE).text)
    assert console.post(f"{PLACE}/relayer/smtp", {}).location == PLACE
    page = console.get(PLACE).text
    assert re.search(ticked, page) and not re.search(rf"checked {ticked}", page) and "smtp-waiting" not in page
    assert console.post(f"{PLACE}/nobody/smtp", {}).status_code == 404
    wrong = console.post(PLACE, {"api_user": "no no", "api_key": "", "smtp": "true"}).text
    assert re.search(r'name="smtp" value="true" checked> ', wrong), "what was ticked stays"
    console.post(f"{PLACE}/relayer/remove")
