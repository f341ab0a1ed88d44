"""The application as a whole: it answers in its own way to whom it concerns."""

from cmcdesk.console.app import create_app, stop_streams

from .conftest import Console


def test_errors_are_pages_for_people_and_json_for_programs(console: Console) -> None:
    page = console.get("/nothing")
    assert page.status_code == 404 and "There is no such page." in page.text and page.mimetype == "text/html"
    assert console.api("nothing").mimetype == "application/json"


def test_two_applications_share_nothing(console: Console) -> None:
    other = create_app(console.desk._services)
    assert other.extensions["hub"] is not console.desk.app.extensions["hub"]
    stop_streams(other)
    assert other.extensions["hub"].stopping.is_set()
    assert not console.desk.app.extensions["hub"].stopping.is_set()


def test_large_uploads_are_cut_off(console: Console) -> None:
    assert console.post("/import/preview", {"packed": "x" * 17_000_000}).status_code == 413
