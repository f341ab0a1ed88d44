"""Secrets of webhooks: nowhere on the way out but where they were asked for, and never lost on the way back."""

import io
import zipfile
from typing import Any

import pytest

from tests.console.conftest import Console

PLACE = "/api-settings/webhook/inbound"
SECRETS = {"api_key": "KEY-in-clear", "basic": "user:PASS-in-clear", "bearer": ""}
FILTER = {
    "name": "form",
    "endpoint": "https://hook.example/",
    "condition": [{"header": "To", "pattern": "info"}],
    **SECRETS,
}


@pytest.fixture
def name(console: Console) -> str:
    name = console.add_composition()
    console.change(name, {"inbound_webhook": [FILTER], "event_webhook": {"bearer": "EVENT-in-clear"}})
    return name


def read_stored(console: Console, name: str) -> dict[str, Any]:
    """What the export that was asked for holds."""
    answer = console.get(f"/compositions/{name}/export.zip?secrets=show")
    return {"text": zipfile.ZipFile(io.BytesIO(answer.data)).read("settings.toml").decode()}


def test_no_answer_holds_them(console: Console, name: str) -> None:
    api = [f"compositions/{name}/{each}" for each in ("draft", "diff", "revisions")]
    before = [console.api(path).text for path in api]
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    pages = (f"{PLACE}/{name}/0", f"{PLACE}?composition={name}", f"/compositions/{name}/history", "/webhook/log")
    answers = before + [console.api(path).text for path in api] + [console.get(path).text for path in pages]
    exported = console.get(f"/compositions/{name}/export.zip").data
    answers.append(zipfile.ZipFile(io.BytesIO(exported)).read("settings.toml").decode())
    assert [answer for answer in answers if "in-clear" in answer] == []
    assert '"********"' in answers[-1] and "in-clear" in read_stored(console, name)["text"]


def test_a_form_shows_them_on_request_alone(console: Console, name: str) -> None:
    masked = console.get(f"{PLACE}/{name}/0").text
    assert 'value="********"' in masked and "?secrets=show" in masked
    shown = console.get(f"{PLACE}/{name}/0?secrets=show").text
    assert 'value="KEY-in-clear"' in shown and 'value="user:PASS-in-clear"' in shown


def test_a_draft_that_is_read_changed_and_put_back_keeps_them(console: Console, name: str) -> None:
    before = read_stored(console, name)
    draft = console.api(f"compositions/{name}/draft").json["settings"]
    draft["receiving"]["size_kb"] = 77
    assert console.api(f"compositions/{name}/draft", "PUT", {"settings": draft}).status_code == 200
    assert read_stored(console, name)["text"].replace("size_kb = 77", "size_kb = 10240") == before["text"]


def test_a_form_that_is_saved_keeps_what_stays_masked_and_takes_what_was_typed(console: Console, name: str) -> None:
    form = {f"inbound_webhook[0].{key}": value for key, value in FILTER.items() if key != "condition"}
    form |= {"inbound_webhook[0].condition[0].header": "To", "inbound_webhook[0].condition[0].pattern": "info"}
    form |= {"inbound_webhook[0].api_key": "********", "inbound_webhook[0].basic": "new:NEW-in-clear"}
    version = console.api(f"compositions/{name}/draft").json["version"]
    answer = console.post(f"{PLACE}/{name}/0", form | {"version": str(version)})
    assert answer.status_code in (200, 303), answer.text
    stored = read_stored(console, name)["text"]
    assert "KEY-in-clear" in stored and "new:NEW-in-clear" in stored and "PASS-in-clear" not in stored


def test_what_was_typed_is_not_lost_when_something_else_is_wrong(console: Console, name: str) -> None:
    form = {"inbound_webhook[0].name": "form", "inbound_webhook[0].endpoint": "", "version": "1"}
    form |= {"inbound_webhook[0].api_key": "typed-now", "inbound_webhook[0].basic": "********"}
    answer = console.post(f"{PLACE}/{name}/0", form)
    assert answer.status_code == 422
    assert 'value="typed-now"' in answer.text and 'value="********"' in answer.text


def test_a_masked_import_keeps_what_is_stored_and_a_foreign_mask_is_told(console: Console, name: str) -> None:
    masked = console.get(f"/compositions/{name}/export.zip").data
    before = read_stored(console, name)

    def preview(into: str) -> Any:
        return console.post("/import/preview", {"into": into, "file": (io.BytesIO(masked), "settings.zip")})

    assert preview(name).status_code == 200 and "in-clear" not in preview(name).text
    other = console.add_composition()
    refused = preview(other)
    assert refused.status_code == 422 and "inbound_webhook[0].api_key" in refused.text
    assert read_stored(console, name) == before
