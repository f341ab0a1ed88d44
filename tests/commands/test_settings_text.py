"""Lines for a terminal."""

from typing import Any

from cmcdesk.commands.settings_text import write_changes, write_history, write_settings
from cmcdesk.rules.settings import check_composition, defaults_of
from cmcdesk.store.desk.compositions import SavedComposition
from cmcdesk.store.desk.models import CompositionRow, RevisionRow

PRO = defaults_of("pro", "pro").as_data()


def make_row(draft: dict[str, Any] = PRO, applied_number: int | None = 2) -> CompositionRow:
    return CompositionRow(name="pro", draft=draft, applied_number=applied_number)


def make_saved(
    draft: dict[str, Any] = PRO, applied: dict[str, Any] | None = PRO, users: dict[str, str] | None = None
) -> SavedComposition:
    return SavedComposition(make_row(draft), applied, users or {}, {})


def make_revision(number: int, state: str, reason: str = "") -> RevisionRow:
    return RevisionRow(number=number, state=state, at=0.0, settings=PRO, reason=reason)


def test_the_state_stands_beside_the_name() -> None:
    assert next(write_settings(make_saved(), "ja")) == "pro  運用中"
    assert next(write_settings(make_saved(applied=None), "ja")) == "pro  更新中"
    older = {key: value for key, value in PRO.items() if key != "event_webhook"}
    assert next(write_settings(make_saved(older), "ja")) == "pro  運用中"


def test_history_marks_the_live_one_and_says_why_one_was_refused() -> None:
    revisions = [make_revision(3, "refused", "no answer"), make_revision(2, "applied"), make_revision(1, "interrupted")]
    lines = list(write_history(make_row(), revisions, "en"))
    assert lines[1].startswith("     3") and lines[1].endswith("refused  no answer")
    assert lines[2].startswith("*    2") and lines[2].endswith("applied")
    assert lines[3].endswith("interrupted")


def test_settings_that_cannot_be_read_are_told_instead_of_their_changes() -> None:
    lines = list(write_changes(make_saved({**PRO, "subdomain": "-"}), "en"))
    assert lines[0] == "pro"
    assert lines[1].startswith("  subdomain: must be one lower-case DNS label")


def test_nothing_to_change_gives_no_line() -> None:
    assert list(write_changes(make_saved(), "en")) == []


def test_secrets_of_the_event_webhook_are_masked() -> None:
    event = {**PRO["event_webhook"], "api_key": "hidden-key", "bearer": "hidden-token"}
    shown = "\n".join(write_settings(make_saved({**PRO, "event_webhook": event}), "en"))
    assert "API key (event): ********" in shown and "Bearer token (event): ********" in shown
    assert "hidden" not in shown


def test_what_an_older_program_did_not_save_is_shown_with_its_default() -> None:
    older = {key: value for key, value in PRO.items() if key not in ("relay", "delivery_speed", "forwarding")}
    shown = list(write_settings(make_saved(older), "ja"))
    assert "  認証方法: network_or_auth" in shown
    assert shown[0] == "pro  運用中"


def test_filters_and_users_are_shown_and_their_changes() -> None:
    log = {"name": "log", "header": "To", "pattern": "x", "address": "log@example.org", "mode": "copy"}
    carriers = {"name": "carriers", "patterns": ["a$", "b$"]}
    draft = check_composition({**PRO, "forwarding": {"relay": [log]}, "delivery_speed": [carriers]}).as_data()
    saved = make_saved(draft, users={"app": "hash-of-it"})
    shown = "\n".join(write_settings(saved, "en"))
    assert "  Mail forwarding (relay server): log\n    Header name: To\n" in shown
    assert "  Delivery speed: carriers\n    Patterns: a$, b$\n" in shown
    assert "  API users (SMTP): app" in shown and "pro  Updating" in shown and "hash-of-it" not in shown
    changes = "\n".join(write_changes(saved, "en"))
    assert "Mail forwarding (relay server): + log" in changes and "API users (SMTP): + app" in changes
