"""What every page says of the disk. With a file that is really lost: test_safekeeping.py."""

from cmcdesk.console.frame.disk_notices import DiskNotice, list_disk_notices

from ..conftest import Console


def test_while_all_is_well_nothing_is_said(console: Console) -> None:
    assert console.get("/disk-notices").text.strip() == ""
    with console.desk.app.test_request_context():
        assert list_disk_notices() == []


def test_what_was_set_aside_is_named_until_it_is_gone(console: Console) -> None:
    aside = console.desk._options.folder / "desk-set-aside-20260102-030405.db"
    aside.touch()
    try:
        page = console.get("/monitor", Accept_Language="ja").text
        assert "desk.db を信頼できなくなったため、desk-set-aside-20260102-030405.db として退避しました。" in page
        with console.desk.app.test_request_context(headers={"Accept-Language": "en"}):
            (notice,) = list_disk_notices()
        assert isinstance(notice, DiskNotice) and not notice.is_urgent and "doctor --repair" in notice.mend
    finally:
        aside.unlink()
    assert console.get("/disk-notices").text.strip() == ""
