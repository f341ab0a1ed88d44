"""エラーログ: from a bounce mail over SMTP to the page, the dialog, a person's word, and CSV."""

import csv
import io
import re
from collections.abc import Callable

import pytest

from cmcdesk.console.bounces.bounces_page import tell_reason
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import BounceRow

from ..conftest import Console

NOTICE = (
    "From: MAILER-DAEMON@mta.example\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    "--b\r\n\r\nFailed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n\r\n"
    "Final-Recipient: rfc822; {0}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <{0}>: User unknown\r\n\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: shop@customer.example\r\nTo: {0}\r\nSubject: =SUM(A1)\r\n"
    "Message-ID: <m1@customer.example>\r\nX-Api-Data: order-7\r\n\r\nbody\r\n--b--\r\n"
)
PLACE = "/report/errors"


@pytest.fixture
def recipient(console: Console, composition: Callable[[Console], str], wait_for: Callable[..., object]) -> str:
    """Who failed, as the worker read it from a bounce mail."""
    address = f"gone{id(console)}@dest.example"
    console.send(composition(console), NOTICE.format(address).encode(), sender="", to="shop@back.example")
    wait_for(lambda: "data-bounce=" in console.get(f"{PLACE}?search={address}").text, 20)
    return address


def test_what_is_not_read_yet_is_told(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "data-unread" not in console.get(PLACE).text
    supervisor = console.desk._supervisor
    monkeypatch.setattr(supervisor._worker, "_on_told", lambda _: None)  # the worker's next word
    monkeypatch.setattr(supervisor, "_worker_told", supervisor._worker_told | {"bounces_waiting": 1234})
    assert "1234 bounce mails are not read yet" in console.get(PLACE).text


def find_id(console: Console, recipient: str) -> int:
    found = re.search(r'data-bounce="(\d+)"', console.get(f"{PLACE}?search={recipient}").text)
    assert found
    return int(found[1])


def test_the_log_shows_cmcs_columns_and_narrows(console: Console, recipient: str) -> None:
    rows = console.get(f"{PLACE}?search={recipient}", HX_Request="true").text
    assert "<html" not in rows and "Unknown user" in rows and "=SUM(A1)" in rows and "User unknown" in rows
    assert recipient in console.get(f"{PLACE}?search={recipient}&status=2").text
    for query in ("status=4", "composition=nothing", "since=2999-01-01", "until=2001-01-01"):
        assert "No error." in console.get(f"{PLACE}?search={recipient}&{query}").text
    for query in ("since=2001-01-01&until=2999-12-31", "since=never&until=9999-12-31", "delays=yes&status=x&before=y"):
        assert "data-bounce=" in console.get(f"{PLACE}?search={recipient}&{query}").text


def test_the_dialog_shows_what_decided_and_leads_to_the_mail(console: Console, recipient: str) -> None:
    dialog = console.get(f"{PLACE}/{find_id(console, recipient)}").text
    for told in ("shop@customer.example", "&lt;m1@customer.example&gt;", "order-7", "550", "5.1.1", "What decided"):
        assert told in dialog
    link = re.search(r'href="(/mails/\d+)"', dialog)
    assert link and "Undelivered Mail" in console.get(link[1]).text
    assert "This mailbox does not exist: take it off the list" in dialog
    assert console.get(f"{PLACE}/999999").status_code == 404


def test_the_bounce_mail_leads_back_to_its_row(console: Console, recipient: str) -> None:
    link = re.search(r'href="(/mails/\d+)"', console.get(f"{PLACE}/{find_id(console, recipient)}").text)
    assert link
    page = console.get(link[1]).text
    back = re.search(r'id="in-error-log"><a href="([^"]+)">([^<]+)</a> <span class="mark bad">Unknown user', page)
    assert back and back[2] == recipient
    log = console.get(back[1].replace("&amp;", "&")).text
    assert log.count("data-bounce=") == 1 and recipient in log and "of mail" in log


def test_the_reason_is_one_line_and_the_whole_text_stands_folded_below(console: Console, recipient: str) -> None:
    with transaction(console.desk._engine) as session:
        row = session.get(BounceRow, find_id(console, recipient))
        assert row
        assert tell_reason(row) == f"550 5.1.1 <{recipient}>: User unknown" != row.diagnostic
        row.diagnostic = "Dear sender,\nyour mail to nobody failed:\n550 5.1.1 no such user here\n"
        row.evidence = "550 5.1.1 no such user here"
        assert tell_reason(row) == "550 5.1.1 no such user here"
    dialog = console.get(f"{PLACE}/{find_id(console, recipient)}").text
    assert "<details" in dialog and "Dear sender" in dialog.partition("<details")[2]
    assert "Dear sender" not in console.get(f"{PLACE}?search={recipient}").text


MARK = '<span class="tag ours">by hand</span>'


def test_a_persons_word_counts_and_can_be_taken_back(console: Console, recipient: str) -> None:
    place = f"{PLACE}/{find_id(console, recipient)}/override"
    assert "<strong>4 Rejection</strong>" in console.post(place, {"status": "4"}).text
    assert MARK in console.get(f"{PLACE}?search={recipient}&status=4").text
    assert "<strong>2 Unknown user</strong>" in console.post(place, {"status": ""}).text
    for wrong in ("12", "x"):
        assert console.post(place, {"status": wrong}).status_code == 400
    assert console.post(f"{PLACE}/999999/override", {"status": "4"}).status_code == 404


def test_several_are_classed_by_hand_at_once(console: Console, recipient: str) -> None:
    number = find_id(console, recipient)
    answer = console.post(
        f"{PLACE}/override?search={recipient}", {"override": "4", "bounce": [str(number), "999999", "x"]}
    )
    assert answer.status_code == 303 and answer.location == f"{PLACE}?search={recipient}"
    page = console.get(answer.location).text
    assert "One bounce was classed." in page and f'name="bounce" value="{number}"' in page and MARK in page
    assert console.post(f"{PLACE}/override", {"override": "77", "bounce": str(number)}).status_code == 400
    console.post(f"{PLACE}/override", {"override": "", "bounce": str(number)})
    assert MARK not in console.get(answer.location).text


def test_csv_opens_in_a_spreadsheet_and_runs_nothing(console: Console, recipient: str) -> None:
    answer = console.get(f"/report/errors.csv?search={recipient}")
    assert re.search(r"filename=errors-all-\d{8}-\d{4}\.csv", answer.headers["Content-Disposition"])
    assert answer.mimetype == "text/csv" and answer.data.startswith(b"\xef\xbb\xbf") and b"\r\n" in answer.data
    heads, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    told = dict(zip(heads, row, strict=True))
    assert (
        told["Recipient"] == recipient and told["Subject"] == "'=SUM(A1)" and told["Error status"] == "2 Unknown user"
    )


def test_a_delay_is_no_error_but_can_be_shown(console: Console) -> None:
    row = BounceRow(
        log_id="x", mail_id=1, ordinal=0, composition="delayed", created_at=0.0, final=False, recipient="d@e.example",
        error_status=3, override=None, status="4.4.1", reply=None, diagnostic="", evidence="", rule="", header_from="",
        message_id="", return_path="", subject="", api_data="",
    )  # fmt: skip
    with transaction(console.desk._engine) as session:
        session.add(row)
    assert "No error." in console.get(f"{PLACE}?composition=delayed").text
    assert "Delayed: Retransmission timeout" in console.get(f"{PLACE}?composition=delayed&delays=yes").text
