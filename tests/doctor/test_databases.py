"""The databases. Each state, from the outside: tests/commands/test_doctor.py."""

import os
from pathlib import Path

from cmcdesk.doctor.databases import check_desk_db, check_mail_db, check_set_aside


def test_without_a_backup_there_is_nothing_to_put_back(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(os.urandom(5000))
    (finding,) = check_desk_db(tmp_path)
    assert finding.state == "damaged" and finding.repair is None and "Move it away" in finding.mend["en"]


def test_a_folder_that_was_never_used_misses_nothing(tmp_path: Path) -> None:
    assert [*check_desk_db(tmp_path), *check_mail_db(tmp_path), *check_set_aside(tmp_path)] == []
