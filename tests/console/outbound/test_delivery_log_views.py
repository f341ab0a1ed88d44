"""One delivery as a dialog, and the log as CSV."""

import csv
import io
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import OutboundRow
from cmcdesk.store.desk.outbound import MailWords, NewOutbound, queue_outbound
from cmcdesk.store.desk.outbound_events import cancel_outbound

from ..conftest import Console

NAME = "gone-by-now"


@pytest.fixture
def ids(console: Console) -> Iterator[list[int]]:
    """Three rows of a composition that is gone; the first was cancelled."""
    words = MailWords("=info@app.example", "<7@x>", "<b>Sale</b>", "order-7", "127.0.0.9")
    new = NewOutbound("x", 77, NAME, 1, "info@return.example", "one@dest.example", "dest.example", words=words)
    with transaction(console.desk._engine) as session:
        events = queue_outbound(session, "none", 0, [new, new, new], time.time() - 60)
        made = [event.outbound_id for event in events]
        assert cancel_outbound(session, made[0], time.time())
    yield made
    with transaction(console.desk._engine) as session:
        session.execute(delete(OutboundRow).where(OutboundRow.composition == NAME))


def test_the_dialog_tells_what_cmcs_does_and_each_event(console: Console, ids: list[int]) -> None:
    dialog = console.get(f"/report/deliveries/{ids[0]}/detail", HX_Request="true").text
    for told in ("=info@app.example", "info@return.example", "one@dest.example", "&lt;b&gt;Sale", "&lt;7@x&gt;",
                 "order-7", "127.0.0.9", "cancelled in the queue", 'href="/mails/77/journey"'):  # fmt: skip
        assert told in dialog, told
    assert dialog.index('data-event="queued"') < dialog.index('data-event="failed"')
    assert console.get(f"/report/deliveries/{ids[0]}/detail").headers["Location"] == "/report/deliveries"
    assert console.get("/report/deliveries/999999999/detail", HX_Request="true").status_code == 404
    page = console.get(f"/report/deliveries?composition={NAME}").text
    assert f'id="open-outbound-{ids[0]}"' in page and f'href="/report/deliveries/{ids[0]}"' in page


def test_the_csv_has_all_that_is_searched_for_and_no_formula(
    console: Console, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmcdesk.console.outbound.delivery_log_views.BATCH", 2)
    answer = console.get(f"/report/deliveries.csv?composition={NAME}&recipient=ONE@")
    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert answer.data.startswith(b"\xef\xbb\xbf") and head[:4] == ["Time", "Recipient", "Subject", "Delivery status"]
    assert [row[3] for row in rows] == ["queued", "queued", "failed"]
    assert rows[2][1:10] == [
        "one@dest.example", "<b>Sale</b>", "failed", "'=info@app.example", "info@return.example", "<7@x>", "order-7",
        "127.0.0.9", "cancelled in the queue",
    ]  # fmt: skip


def test_a_search_goes_on_behind_what_was_looked_at(
    console: Console, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmcdesk.console.outbound.delivery_log_views.LOOKED_AT", 1)
    page = console.get("/report/deliveries?recipient=one@dest").text
    assert f'id="open-outbound-{ids[2]}"' in page and f'id="open-outbound-{ids[1]}"' not in page
    assert f"before={ids[2]}" in page
    onwards = console.get(f"/report/deliveries?recipient=one@dest&before={ids[2]}").text
    assert f'id="open-outbound-{ids[1]}"' in onwards and f'id="open-outbound-{ids[0]}"' not in onwards
