"""Bounce mails in files and folders."""

import os
from pathlib import Path

import pytest

from cmcdesk.bounces.files import read_bounce_file, read_bounce_folder

KEYS = {"is_bounce", "final", "failures", "rule"}
FAILURE_KEYS = {"recipient", "status", "reply", "cmc_class", "diagnostic", "evidence", "rule"}
BOUNCE = b"From: MAILER-DAEMON@x\nSubject: failure notice\n\nThis is the qmail-send program.\n\n<a@b.example>:\nno\n"


def test_a_file_gives_all_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(BOUNCE)
    found = read_bounce_file(path)
    assert set(found) == KEYS
    (failure,) = found["failures"]
    assert set(failure) == FAILURE_KEYS
    assert failure["recipient"] == "a@b.example"
    assert isinstance(failure["cmc_class"], int)
    assert failure["status"] is None


def test_what_cannot_be_read_is_an_object_too(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "pipe"):
        found = read_bounce_file(tmp_path / name)
        assert set(found) == KEYS | {"error"}
        assert found["error"]


def test_a_folder_is_read_whole_with_links_and_without_cycles(tmp_path: Path) -> None:
    inner, linked = tmp_path / "mails" / "inner", tmp_path / "elsewhere"
    inner.mkdir(parents=True)
    linked.mkdir()
    for path in (inner / "b.eml", linked / "c.eml", tmp_path / "mails" / "a.eml"):
        path.write_bytes(BOUNCE)
    (tmp_path / "mails" / "link").symlink_to(linked)
    (tmp_path / "mails" / "file-link.eml").symlink_to(linked / "c.eml")
    (tmp_path / "mails" / "nowhere").symlink_to(tmp_path / "gone")
    (inner / "cycle").symlink_to(tmp_path / "mails")
    found = list(read_bounce_folder(tmp_path / "mails"))
    assert [one["file"] for one in found] == ["a.eml", "file-link.eml", "inner/b.eml", "link/c.eml", "nowhere"]
    assert [one["is_bounce"] for one in found] == [True, True, True, True, False]
    assert "error" in found[-1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(BOUNCE)
    (tmp_path / "a").chmod(0)
    assert [set(one) for one in read_bounce_folder(tmp_path)] == [KEYS | {"file", "error"}]
