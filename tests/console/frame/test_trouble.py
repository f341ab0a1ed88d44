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
