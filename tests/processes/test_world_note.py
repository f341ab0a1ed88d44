"""The note of the world in use: what is written is read, and what is none is refused."""

from pathlib import Path

import pytest

from cmcdesk.processes.world_note import (
    BadWorldNote,
    WorldNote,
    parse_world_note,
    read_world_note,
    world_note,
    write_world_note,
)

NOTE = WorldNote("127.0.0.1:5300", {"127.0.1.1": 4025}, "http://127.0.0.1:8000/_world/", 60.0)


def test_what_is_written_is_read_and_can_be_taken_back(tmp_path: Path) -> None:
    assert read_world_note(tmp_path) is None
    write_world_note(tmp_path, NOTE)
    assert read_world_note(tmp_path) == NOTE and NOTE.resolver_place == ("127.0.0.1", 5300)
    assert world_note(tmp_path).stat().st_mode & 0o077 == 0
    write_world_note(tmp_path, None)
    write_world_note(tmp_path, None)
    assert read_world_note(tmp_path) is None


def test_the_least_is_a_resolver() -> None:
    assert parse_world_note('{"resolver": "127.0.0.1:53"}') == WorldNote("127.0.0.1:53")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no JSON object"),
        ("[]", "no JSON object"),
        ("{}", '"resolver" is None'),
        ('{"resolver": "192.0.2.1:53"}', "127.0.0.1:PORT"),
        ('{"resolver": "127.0.0.1"}', "127.0.0.1:PORT"),
        ('{"resolver": "127.0.0.1:99999"}', "127.0.0.1:PORT"),
        ('{"resolver": "127.0.0.1:53", "forwards": []}', '"forwards" is'),
        ('{"resolver": "127.0.0.1:53", "forwards": {"192.0.2.1": 25}}', '"forwards" is'),
        ('{"resolver": "127.0.0.1:53", "control": "http://example.net/"}', '"control" is'),
        ('{"resolver": "127.0.0.1:53", "speed": 0}', '"speed" is 0'),
        ('{"resolver": "127.0.0.1:53", "speed": true}', '"speed" is True'),
    ],
)
def test_what_is_no_ready_file_is_told(text: str, told: str) -> None:
    with pytest.raises(BadWorldNote, match=told):
        parse_world_note(text)


def test_a_broken_note_is_no_world(tmp_path: Path) -> None:
    world_note(tmp_path).write_text('{"resolver"')
    assert read_world_note(tmp_path) is None
