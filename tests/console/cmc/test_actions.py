"""How an answer of CMC's API is written."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask

from cmcdesk.console.cmc.actions import Caller, Download, write_answer, write_xml
from cmcdesk.store.desk.models import ApiUserRow


def test_xml_holds_whatever_text() -> None:
    written = write_xml({"bounces": [{"subject": "お知らせ <b> & \x00\x0b", "status": 2}], "more": []})
    assert written.decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n<response><bounces><record>"
        "<subject>お知らせ &lt;b&gt; &amp; ��</subject><status>2</status></record></bounces><more /></response>"
    )


def test_an_answer_is_json_or_xml_and_a_download_is_a_file() -> None:
    with Flask(__name__).test_request_context():
        assert write_answer({"bounces": []}, "json").get_json() == {"bounces": []}
        assert write_answer({"bounces": []}, "xml").mimetype == "application/xml"
        file = write_answer(Download("blocks.csv", "text/csv; charset=utf-8", b"a"), "xml")
        assert (file.get_data(), file.mimetype) == (b"a", "text/csv")
        assert file.headers["Content-Disposition"] == 'attachment; filename="blocks.csv"'


def test_a_caller_has_its_time_zone() -> None:
    row = ApiUserRow(api_user="a", api_key="", created_at=1.0, role="admin", time_zone="Europe/Paris", own_only=True)
    caller = Caller.of(row)
    assert (caller.role, caller.own_only, caller.zone) == ("admin", True, ZoneInfo("Europe/Paris"))
    assert datetime.fromtimestamp(0, caller.zone).hour == 1
