"""Settings of the desk itself."""

from pathlib import Path

from cmcdesk.console.frame.desk_settings import load_desk_setting, save_desk_setting
from cmcdesk.store.desk.database import open_desk


def test_a_setting_is_kept_and_replaced(tmp_path: Path) -> None:
    engine = open_desk(tmp_path)
    assert load_desk_setting(engine, "display") == {}
    for value in ({"theme": "dark"}, {"theme": "light"}):
        save_desk_setting(engine, "display", value)
        assert load_desk_setting(engine, "display") == value
    assert load_desk_setting(engine, "other") == {}
    engine.dispose()
