"""How the API says no."""

from dataclasses import dataclass

from cmcdesk.console.frame.api_errors import wait_until_enough

from ..conftest import Console


def test_every_refusal_has_the_same_shape(console: Console) -> None:
    for path, method, code in (("nothing", "GET", 404), ("status", "POST", 405), ("mails/999999999", "GET", 404)):
        answer = console.api(path, method)
        assert answer.status_code == code
        assert [set(error) for error in answer.json["errors"]] == [{"field", "given", "message"}]


def test_the_message_speaks_the_callers_language(console: Console) -> None:
    said = {language: console.api("mails/999999999", language=language).json for language in ("ja", "en", "fr")}
    assert said["ja"]["errors"][0]["message"].startswith("見つかりません") and said["fr"] == said["ja"]
    assert said["en"]["errors"][0]["message"] == "There is no such thing, or it was deleted."


def test_what_was_given_is_shown_cut(console: Console) -> None:
    answer = console.api(f"mails?route={'x' * 500}")
    assert len(answer.json["errors"][0]["given"]) == 101


def test_a_body_that_is_no_json_is_told(console: Console) -> None:
    client = console.desk.app.test_client()
    headers = {"Authorization": f"Bearer {console.token}", "Content-Type": "application/json"}
    answer = client.post("/api/v1/compositions", base_url=console.base, headers=headers, data="{no")
    assert answer.status_code == 422 and answer.json["errors"]


@dataclass
class Wait:
    """wait: seconds."""

    wait: float
    count: int = 1


def test_it_answers_as_soon_as_there_is_enough(console: Console) -> None:
    looks = iter([[], [1], [1, 2]])
    with console.desk.app.app_context():
        assert wait_until_enough(Wait(20, 2), lambda: next(looks), list) == [1, 2]


def test_who_does_not_wait_is_answered_at_once(console: Console) -> None:
    looks = iter([[1]])
    with console.desk.app.app_context():
        assert wait_until_enough(Wait(0, 5), lambda: next(looks), list) == [1]


def test_it_ends_with_what_there_is(console: Console) -> None:
    with console.desk.app.app_context():
        assert wait_until_enough(Wait(0.12), list, list) == []
