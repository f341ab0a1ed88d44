"""Errors as the page shows them."""

from cmcdesk.console.frame.trouble import Refused, Told, explain, tell_errors
from cmcdesk.rules.settings import FieldError

from ..conftest import Console


def test_errors_speak_the_language_of_the_request(console: Console) -> None:
    error = FieldError("receiving.size_kb", "x", {"ja": "数", "en": "number"})
    for language, message in (("ja", "数"), ("en", "number")):
        headers = {"Accept-Language": language}
        with console.desk.app.test_request_context("/api/v1/x", base_url=console.base, headers=headers):
            assert tell_errors([error]) == [Told("receiving.size_kb", "x", message)]
    assert str(Refused([Told("a", "b", "c")])) == "a: c"


def test_every_status_has_an_explanation(console: Console) -> None:
    with console.desk.app.test_request_context("/", base_url=console.base):
        known = {explain(code) for code in (400, 401, 403, 404, 405, 413, 421, 503)}
        assert len(known) == 8 and explain(418) == explain(500)


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
