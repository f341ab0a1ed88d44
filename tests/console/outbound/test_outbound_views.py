"""The delivery log: page and API, with what it does to rows."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import OutboundAttemptRow, OutboundRow
from cmcdesk.store.desk.outbound import count_outbound

from ..conftest import Console

NEVER = 4_000_000_000.0  # due in 2096: the worker leaves it alone


@pytest.fixture
def rows(console: Console) -> Iterator[dict[str, int]]:
    """A row in each state, by its name, of a composition that is gone; the failed one was reported."""
    common: dict[str, Any] = {"composition": "gone", "revision": 1, "log_id": "x", "domain": "dest.example"}
    common |= {"sender": "info@return.example", "attempts": 1, "queued_at": time.time(), "mail_id": 77}
    made = {
        state: OutboundRow(
            state=state, recipient=f"{state}@dest.example", due_at=NEVER if state in ("queued", "deferred") else None,
            ended_at=None if state in ("queued", "deferred") else time.time(), **common,
        )
        for state in ("queued", "deferred", "succeeded", "failed")
    }  # fmt: skip
    failed = made["failed"]
    failed.code, failed.enhanced, failed.text, failed.command = 550, "5.1.1", "<b>User unknown</b>", "RCPT TO"
    failed.error_status, failed.report_id = 2, 9_000_001
    made["report"] = OutboundRow(
        state="succeeded", recipient="info@return.example", own_id=9_000_001, ended_at=time.time(),
        **common | {"mail_id": None, "sender": ""},
    )  # fmt: skip
    with transaction(console.desk._engine) as session:
        session.add_all(made.values())
        session.flush()
        session.add(
            OutboundAttemptRow(
                outbound_id=failed.id, number=1, at=time.time(), milliseconds=12, host="mx.dest.example",
                address="127.0.1.1", code=550, enhanced="5.1.1", text="User unknown", command="RCPT TO",
                outcome="permanent",
            )
        )  # fmt: skip
    yield {name: row.id for name, row in made.items()}
    with transaction(console.desk._engine) as session:
        for row in made.values():
            session.delete(session.get_one(OutboundRow, row.id))


def state_of(console: Console, outbound_id: int) -> tuple[str, float | None]:
    with reading(console.desk._engine) as session:
        row = session.get_one(OutboundRow, outbound_id)
        return row.state, row.due_at


def read_waiting(console: Console) -> dict[str, int]:
    page = console.get("/report/deliveries").text
    return {state: int(number) for state, number in re.findall(r"data-(queued|deferred)>(\d+)<", page)}


def count_waiting(console: Console) -> dict[str, int]:
    with reading(console.desk._engine) as session:
        return count_outbound(session)


def test_the_log_lists_all_and_narrows(console: Console, rows: dict[str, int], wait_for: Any) -> None:
    page = console.get("/report/deliveries").text
    assert all(f'id="outbound-{number}"' in page for number in rows.values())
    assert "&lt;b&gt;User unknown" in page and "Unknown user" in page and "in reply to RCPT TO" in page
    wait_for(lambda: read_waiting(console) == count_waiting(console))  # other tests' mails may wait there too
    assert min(read_waiting(console).values()) >= 1
    failed = console.get("/report/deliveries?state=failed&composition=gone&mail_id=77&recipient=ailed@").text
    assert re.findall(r'id="outbound-(\d+)"', failed) == [str(rows["failed"])]
    assert "of mail 77" in failed
    part = console.get("/report/deliveries", HX_Request="true").text
    assert "<html" not in part and f'id="outbound-{rows["queued"]}"' in part


def test_without_a_world_the_page_says_why_all_waits(console: Console, wait_for: Any) -> None:
    wait_for(lambda: "has_resolver" in console.api("status").json["worker"])
    assert "data-no-world" in console.get("/report/deliveries").text


def test_the_report_leads_to_its_parts(console: Console) -> None:
    assert console.get("/report").headers["Location"] == "/report/errors"
    assert 'aria-current="page" href="/report/errors"' in console.get("/report/errors").text


def test_one_row_shows_its_attempts_and_its_report(console: Console, rows: dict[str, int]) -> None:
    page = console.get(f"/report/deliveries/{rows['failed']}").text
    assert 'data-attempt="1"' in page and "mx.dest.example" in page and "127.0.1.1" in page
    assert f'href="/report/deliveries/{rows["report"]}"' in page and "This mailbox does not exist" in page
    assert "Cancel this delivery" not in page and "Try now" in page
    succeeded = console.get(f"/report/deliveries/{rows['succeeded']}").text
    assert "Try now" not in succeeded and "A bounce may still come later" in succeeded
    assert "Error report" in console.get(f"/report/deliveries/{rows['report']}").text
    assert console.get("/report/deliveries/999999999").status_code == 404


def test_a_row_is_tried_now_and_cancelled(console: Console, rows: dict[str, int]) -> None:
    deferred, queued = rows["deferred"], rows["queued"]
    assert console.post(f"/report/deliveries/{queued}/cancel", {}).status_code == 303
    assert state_of(console, queued) == ("failed", None)
    console.post(f"/report/deliveries/{queued}/cancel", {})
    assert "it has ended" in console.get(f"/report/deliveries/{queued}").text
    assert console.post(f"/report/deliveries/{deferred}/try_now", {}).status_code == 303
    _, due_at = state_of(console, deferred)
    assert due_at is None or due_at <= time.time()
    assert console.post(f"/report/deliveries/{deferred}/lose", {}).status_code == 404


def test_the_api_tells_the_same(console: Console, rows: dict[str, int]) -> None:
    told = console.api("outbound?composition=gone&state=failed").json
    (row,) = told["outbound"]
    assert (row["recipient"], row["error_status"], row["code"], row["due_at"]) == ("failed@dest.example", 2, 550, None)
    detail = console.api(f"outbound/{rows['failed']}").json
    assert [(one["number"], one["host"], one["outcome"]) for one in detail["attempt_log"]] == [
        (1, "mx.dest.example", "permanent")
    ]
    assert console.api("outbound/999999999").status_code == 404
    assert console.api("outbound?state=lost").status_code == 422


def test_the_api_changes_rows_and_says_when_it_is_too_late(console: Console, rows: dict[str, int]) -> None:
    cancelled = console.api(f"outbound/{rows['queued']}/cancel", "POST")
    assert (cancelled.status_code, cancelled.json["state"], cancelled.json["error_status"]) == (202, "failed", 99)
    assert console.api(f"outbound/{rows['queued']}/cancel", "POST").status_code == 409
    assert console.api(f"outbound/{rows['succeeded']}/try-now", "POST").status_code == 409
    assert console.api(f"outbound/{rows['deferred']}/try-now", "POST").status_code == 202
    assert console.api("outbound/999999999/try-now", "POST").status_code == 404
