"""Drafts for pages and API alike."""

import time
from pathlib import Path

import pytest

from cmcdesk.console.compositions.drafting import (
    LOOK_SECONDS,
    DraftChanged,
    SettingsWatch,
    UnknownComposition,
    check_draft,
    import_compositions,
    list_differences,
    load_draft,
    save_draft,
)
from cmcdesk.console.frame.trouble import Refused
from cmcdesk.rules.settings import check_composition, defaults_of
from cmcdesk.store.desk.compositions import get_composition, seed_compositions, write_draft
from cmcdesk.store.desk.database import open_desk, transaction

from ..conftest import Console


@pytest.fixture(autouse=True)
def request_context(console: Console) -> object:
    """Services and language come from the request."""
    with console.desk.app.test_request_context("/", base_url=console.base, headers={"Accept-Language": "en"}):
        yield


def test_a_stale_save_is_told_with_what_is_stored(console: Console) -> None:
    name = console.add_composition(apply=False)
    draft = load_draft(name)
    save_draft(name, draft.settings | {"receiving": draft.settings["receiving"] | {"max_sessions": 2}}, draft.version)
    with pytest.raises(DraftChanged) as caught:
        save_draft(name, draft.settings, draft.version)
    assert caught.value.stored == load_draft(name)


def test_name_plan_and_subdomain_may_be_left_out(console: Console) -> None:
    name = console.add_composition(apply=False)
    saved = save_draft(name, {"receiving": {"max_sessions": 3}}, None)
    assert saved.settings["name"] == saved.settings["subdomain"] == name
    with pytest.raises(Refused) as caught:
        save_draft(name, saved.settings | {"name": "another"}, None)
    assert caught.value.errors[0].message == f"This stays {name}."


def test_differences(console: Console) -> None:
    old, new = defaults_of("pro", "pro").as_data(), defaults_of("pro", "pro").as_data()
    new["receiving"]["size_kb"] = 1
    assert [change.field for change in list_differences(old, new)] == ["receiving.size_kb"]
    assert list_differences(old, {"name": "?"}) == []
    assert len(list_differences(None, new)) > 5


def test_wrong_settings_and_unknown_names_are_told(console: Console) -> None:
    with pytest.raises(Refused):
        check_draft({"name": "pro", "receiving": {"interval_ms": 1}})
    with pytest.raises(UnknownComposition):
        load_draft("nothing")


def test_an_import_is_all_or_nothing(console: Console) -> None:
    before = load_draft("pro")
    taken = defaults_of("pro", "imported", "te2")
    clash = defaults_of("pro", "imported2", "te2")
    with pytest.raises(Refused):
        import_compositions([taken, clash])
    assert load_draft("pro") == before
    with pytest.raises(UnknownComposition):
        load_draft("imported")


def test_a_save_is_noticed_once(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        seed_compositions(session, [defaults_of("pro", "pro", "pro")], time.time())
    now = [0.0]
    watch = SettingsWatch(engine, lambda: now[0])
    now[0] += LOOK_SECONDS
    assert not watch.has_changed()
    with transaction(engine) as session:
        changed = defaults_of("pro", "pro", "pro").as_data()
        changed["receiving"]["max_sessions"] = 3
        write_draft(session, check_composition(changed), time.time(), None)
    now[0] += LOOK_SECONDS / 2
    assert not watch.has_changed(), "not yet time to look"
    now[0] += LOOK_SECONDS / 2
    assert watch.has_changed()
    now[0] += LOOK_SECONDS
    assert not watch.has_changed()
    with transaction(engine) as session:
        get_composition(session, "pro").applied_number = 1
    now[0] += LOOK_SECONDS
    assert watch.has_changed(), "reflected"
    engine.dispose()
