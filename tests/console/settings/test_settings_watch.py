"""Saves by others are noticed, once, and not more often than it may look."""

import time
from pathlib import Path

from cmcdesk.console.settings.settings_watch import LOOK_SECONDS, SettingsWatch
from cmcdesk.rules.settings import check_composition, defaults_of
from cmcdesk.store.desk.compositions import get_composition, seed_compositions, write_draft
from cmcdesk.store.desk.database import open_desk, transaction


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
