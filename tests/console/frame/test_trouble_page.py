"""Error pages."""

from ..conftest import Console


def test_people_get_a_page_that_leads_on(console: Console) -> None:
    page = console.get("/nothing/here")
    assert page.status_code == 404 and 'href="/compositions"' in page.text and "MENU" in page.text


def test_who_has_no_session_gets_no_menu(console: Console) -> None:
    page = console.desk.app.test_client().get("/mails", base_url=console.base, headers={"Accept-Language": "ja"})
    assert page.status_code == 401 and "ロックされています" in page.text
    assert "MENU" not in page.text and "csrf" not in page.text


def test_a_fragment_gets_a_line(console: Console) -> None:
    answer = console.get("/mails/999999999", HX_Request="true")
    assert answer.status_code == 404 and "<" not in answer.text
