"""Drafts, revisions and the list of compositions, on a real desk.db."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cmcdesk.rules.settings import Composition, SettingsError, check_composition, defaults_of, initial_compositions
from cmcdesk.store.desk.api_users import create_api_user, remove_api_user
from cmcdesk.store.desk.compositions import (
    StaleDraft,
    UnknownComposition,
    UnknownRevision,
    add_revision,
    find_applied,
    get_composition,
    get_revision,
    import_drafts,
    insert_composition,
    list_compositions,
    list_revisions,
    list_saved,
    mark_saves,
    seed_compositions,
    write_draft,
)
from cmcdesk.store.desk.database import open_desk, reading, transaction


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        seed_compositions(session, initial_compositions(), 100.0)
    return engine


def change(composition: Composition, **receiving: Any) -> Composition:
    data = composition.as_data()
    return check_composition({**data, "receiving": data["receiving"] | receiving})


def names_of(engine: Engine) -> Sequence[str]:
    with reading(engine) as session:
        return [row.name for row in list_compositions(session)]


def test_a_fresh_installation_has_three_drafts_that_were_never_applied(engine: Engine) -> None:
    with reading(engine) as session:
        saved = list_saved(session)
    assert [(one.row.name, one.row.draft["plan"], one.applied) for one in saved] == [
        ("pro", "pro", None),
        ("sandbox", "standard", None),
        ("transactional-email", "standard", None),
    ]


def test_seeding_happens_once(engine: Engine) -> None:
    with transaction(engine) as session:
        assert not seed_compositions(session, [defaults_of("pro", "other")], 200.0)
    assert names_of(engine) == ["pro", "sandbox", "transactional-email"]


def test_save_draft_moves_the_version_only_when_the_settings_do(engine: Engine) -> None:
    pro = defaults_of("pro", "pro")
    with transaction(engine) as session:
        first = get_composition(session, "pro").draft_version
        assert write_draft(session, pro, 200.0, first) == first
        assert write_draft(session, change(pro, max_sessions=5), 300.0, first) == first + 1
    with reading(engine) as session:
        row = get_composition(session, "pro")
        assert (row.draft["receiving"]["max_sessions"], row.draft_saved_at) == (5, 300.0)


def test_saving_what_an_older_program_saved_as_it_is_moves_no_version(engine: Engine) -> None:
    with transaction(engine) as session:
        row = get_composition(session, "pro")
        row.draft = {key: value for key, value in row.draft.items() if key != "event_webhook"}
    with transaction(engine) as session:
        first = get_composition(session, "pro").draft_version
        assert write_draft(session, defaults_of("pro", "pro"), 200.0, first) == first


def test_of_two_savers_the_second_is_told_and_nothing_is_lost(engine: Engine) -> None:
    pro = defaults_of("pro", "pro")
    with reading(engine) as session:
        read_by_both = get_composition(session, "pro").draft_version
    with transaction(engine) as session:
        write_draft(session, change(pro, max_sessions=5), 200.0, read_by_both)
    with pytest.raises(StaleDraft) as told, transaction(engine) as session:
        write_draft(session, change(pro, interval_ms=50), 201.0, read_by_both)
    assert told.value.version == read_by_both + 1
    assert told.value.draft["receiving"]["max_sessions"] == 5
    with reading(engine) as session:
        assert get_composition(session, "pro").draft["receiving"]["interval_ms"] == 100


def test_save_draft_refuses_the_subdomain_of_another(engine: Engine) -> None:
    with transaction(engine) as session:
        insert_composition(session, defaults_of("pro", "second"), 200.0)
    taken = check_composition(defaults_of("pro", "second").as_data() | {"subdomain": "pro"})
    with pytest.raises(SettingsError) as refused, transaction(engine) as session:
        write_draft(session, taken, 300.0)
    assert [error.field for error in refused.value.errors] == ["subdomain"]


def test_an_unknown_composition_or_revision_is_named(engine: Engine) -> None:
    with reading(engine) as session:
        with pytest.raises(UnknownComposition, match="nowhere"):
            get_composition(session, "nowhere")
        with pytest.raises(UnknownRevision, match="pro 7"):
            get_revision(session, get_composition(session, "pro"), 7)


def test_revisions_are_numbered_within_their_composition_and_listed_newest_first(engine: Engine) -> None:
    pro, sandbox = initial_compositions()[:2]
    with transaction(engine) as session:
        row = get_composition(session, "pro")
        assert [add_revision(session, row, pro, float(at)).number for at in (1, 2)] == [1, 2]
        assert add_revision(session, get_composition(session, "sandbox"), sandbox, 3.0).number == 1
        row.applied_number = 2
    with reading(engine) as session:
        assert [(one.number, one.state) for one in list_revisions(session, "pro")] == [(2, "applying"), (1, "applying")]
        assert find_applied(session, get_composition(session, "pro")) == pro.as_data()


def test_a_name_that_was_removed_comes_back_with_its_history(engine: Engine) -> None:
    second = defaults_of("pro", "second")
    with transaction(engine) as session:
        row = insert_composition(session, second, 200.0)
        add_revision(session, row, second, 201.0)
        row.removed_at, row.applied_number = 202.0, None
    assert "second" not in names_of(engine)
    with transaction(engine) as session:
        row = insert_composition(session, second, 300.0)
        assert add_revision(session, row, second, 301.0).number == 2
    assert names_of(engine)[-1] == "second"


def test_add_composition_refuses_a_taken_name_in_any_case(engine: Engine) -> None:
    with pytest.raises(SettingsError) as refused, transaction(engine) as session:
        insert_composition(session, check_composition({"name": "PRO", "subdomain": "pro"}), 200.0)
    assert [error.field for error in refused.value.errors] == ["name", "subdomain"]


def test_import_changes_what_is_there_adds_what_is_new_and_leaves_the_rest(engine: Engine) -> None:
    pro, new = change(defaults_of("pro", "pro"), size_kb=1), defaults_of("pro", "new")
    with transaction(engine) as session:
        assert import_drafts(session, [new, pro], 200.0) == ["new"]
    assert names_of(engine) == ["pro", "sandbox", "transactional-email", "new"]
    with reading(engine) as session:
        assert get_composition(session, "pro").draft == pro.as_data()
        assert find_applied(session, get_composition(session, "pro")) is None


def test_import_of_several_is_all_or_nothing(engine: Engine) -> None:
    pro = change(defaults_of("pro", "pro"), size_kb=1)
    with transaction(engine) as session:
        insert_composition(session, defaults_of("pro", "kept"), 150.0)
    thief = check_composition({"name": "thief", "subdomain": "kept"})
    with pytest.raises(SettingsError) as refused, transaction(engine) as session:
        import_drafts(session, [pro, thief], 200.0)
    assert [error.field for error in refused.value.errors] == ["composition[1].subdomain"]
    with reading(engine) as session:
        assert get_composition(session, "pro").draft["receiving"]["size_kb"] == 10240


def test_import_may_swap_the_subdomains_of_two(engine: Engine) -> None:
    with transaction(engine) as session:
        insert_composition(session, defaults_of("pro", "other"), 150.0)
    swapped = [
        check_composition({"name": "pro", "subdomain": "other"}),
        check_composition({"name": "other", "subdomain": "pro"}),
    ]
    with transaction(engine) as session:
        assert import_drafts(session, swapped, 200.0) == []
    with reading(engine) as session:
        assert [row.draft["subdomain"] for row in list_compositions(session)] == ["other", "sandbox", "te", "pro"]


def test_a_revision_holds_who_may_relay_and_a_change_of_it_waits_for_the_next(engine: Engine) -> None:
    pro = defaults_of("pro", "pro")

    def see() -> tuple[bool, list[str], object]:
        with reading(engine) as session:
            one = list_saved(session)[0]
            return one.has_changes, list(one.live_smtp_users), mark_saves(session)

    def reflect() -> None:
        with transaction(engine) as session:
            row = get_composition(session, "pro")
            row.applied_number = add_revision(session, row, pro, 1.0).number

    reflect()
    assert see()[:2] == (False, [])
    with transaction(engine) as session:
        create_api_user(session, "app", 1.0, "first-key", smtp=True)
    before = see()
    assert before[:2] == (True, [])
    reflect()
    assert see()[:2] == (False, ["app"])
    with transaction(engine) as session:  # another key under the same name is a change too
        remove_api_user(session, "app")
        create_api_user(session, "app", 2.0, "second-key", smtp=True)
    assert see()[:2] == (True, ["app"])
    assert see()[2] != before[2]


def test_what_an_older_program_saved_is_no_change(engine: Engine) -> None:
    pro = defaults_of("pro", "pro")
    with transaction(engine) as session:
        row = get_composition(session, "pro")
        row.applied_number = add_revision(session, row, pro, 1.0).number
        row.draft = {key: value for key, value in pro.as_data().items() if key not in ("relay", "event_webhook")}
    with reading(engine) as session:
        assert not list_saved(session)[0].has_changes
