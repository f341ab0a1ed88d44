"""Starting, killing and stopping a cmcdesk."""

import socket
from pathlib import Path

import pytest

from simulator.acceptance.desk import FRESH, Desk, DeskFailed


def test_it_starts_is_killed_comes_back_at_the_same_addresses_and_stops(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    try:
        desk.start(FRESH)
        before = {one["name"]: one["receiving"] for one in desk.ready["compositions"]}
        assert set(before) == {"pro", "sandbox", "transactional-email"}
        desk.kill()
        host, port = before["pro"].split(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)))
        desk.start()
        assert {one["name"]: one["receiving"] for one in desk.ready["compositions"]} == before
    finally:
        code = desk.stop()
    assert code == 0


def test_bad_settings_are_told_with_the_programs_own_words(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with pytest.raises(DeskFailed, match=r"(?s)ended with 2.*interval_ms"):
        desk.start(FRESH + "[composition.receiving]\ninterval_ms = 5\n")
    assert desk.stop() in (2, None)
