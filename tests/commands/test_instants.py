"""Times at the terminal are those of the pages, with their zone."""

from pathlib import Path

import pytest

from cmcdesk.commands.instants import tell_instant
from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.models import DeskSettingRow


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Asia/Tokyo", "2023-11-15 07:13:20 +09:00"),
        ("UTC", "2023-11-14 22:13:20 +00:00"),
        ("America/St_Johns", "2023-11-14 18:43:20 -03:30"),
        ("Nowhere/At_All", "2023-11-15 07:13:20 +09:00"),
    ],
)
def test_the_zone_is_that_of_the_display_settings(tmp_path: Path, zone: str, told: str) -> None:
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        session.merge(DeskSettingRow(key="display", value={"time_zone": zone}))
    engine.dispose()
    assert tell_instant(1_700_000_000.9, tmp_path) == told


def test_without_a_choice_it_is_tokyo_and_nothing_is_made(tmp_path: Path) -> None:
    assert tell_instant(1_700_000_000, tmp_path / "none") == "2023-11-15 07:13:20 +09:00"
    assert not (tmp_path / "none").exists()
