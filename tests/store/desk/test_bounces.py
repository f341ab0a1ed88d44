"""Bounce rows: each once, replaced whole, overridden by people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from cmcdesk.store.desk.block_batch import tally_bounces
from cmcdesk.store.desk.block_models import BlockErrorRow
from cmcdesk.store.desk.bounces import (
    CURSOR,
    NewBounce,
    get_bounce,
    list_of_mail,
    override_bounce,
    record_bounces,
    replace_of_mail,
    shown_status,
)
from cmcdesk.store.desk.database import open_desk, read_cursor, reading, transaction


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_desk(tmp_path)
    yield made
    made.dispose()


def bounce(mail_id: int = 1, ordinal: int = 0, **changes: Any) -> NewBounce:
    facts: dict[str, Any] = {
        "log_id": "log", "mail_id": mail_id, "ordinal": ordinal, "composition": "pro", "created_at": 1.5, "final": True,
        "recipient": f"a{ordinal}@dest.example", "error_status": 2, "status": "5.1.1", "reply": "550",
        "diagnostic": "550 5.1.1 User unknown", "evidence": "550", "rule": "x", "header_from": "news@sender.example",
        "message_id": "<1@x>", "return_path": "r@x", "subject": "Hello", "api_data": "k",
    }  # fmt: skip
    return NewBounce(**facts | changes)


def test_rows_and_cursor_move_together(engine: Engine) -> None:
    with transaction(engine) as session:
        added = record_bounces(session, "log", 9, [bounce(7), bounce(9, 0), bounce(9, 1)])
        assert [(row.mail_id, row.ordinal) for row in added] == [(7, 0), (9, 0), (9, 1)]
    with reading(engine) as session:
        assert read_cursor(session, CURSOR, "log") == 9
        assert read_cursor(session, CURSOR, "another log") == 0


def test_a_row_that_is_there_stays_and_is_not_told_again(engine: Engine) -> None:
    with transaction(engine) as session:
        record_bounces(session, "log", 1, [bounce()])
    with transaction(engine) as session:
        assert record_bounces(session, "log", 2, [bounce(error_status=5), bounce(2)])[0].mail_id == 2
        (row,) = list_of_mail(session, "log", 1)
        assert row.error_status == 2


def test_a_new_mail_log_starts_again(engine: Engine) -> None:
    with transaction(engine) as session:
        record_bounces(session, "log", 5, [bounce()])
        record_bounces(session, "newer", 1, [bounce(log_id="newer")])
        assert read_cursor(session, CURSOR, "log") == 0
        assert read_cursor(session, CURSOR, "newer") == 1
        assert len(list_of_mail(session, "log", 1) + list_of_mail(session, "newer", 1)) == 2


def test_a_persons_word_counts_and_stays_when_a_mail_is_read_anew(engine: Engine) -> None:
    with transaction(engine) as session:
        (row,) = record_bounces(session, "log", 1, [bounce()])
        assert override_bounce(session, row.id, 4)
        replace_of_mail(
            session, "log", 1, [bounce(recipient="b@new.example"), bounce(ordinal=1, recipient="A0@dest.example")]
        )
        added, kept = list_of_mail(session, "log", 1)
        assert (added.recipient, added.override, shown_status(added)) == ("b@new.example", None, 2)
        assert (kept.id, kept.override, shown_status(kept)) == (row.id, 4, 4)
        assert override_bounce(session, kept.id, None)
        session.expire_all()
        again = get_bounce(session, kept.id)
        assert again is not None
        assert shown_status(again) == 2


def test_only_error_statuses_of_cmc_can_be_said(engine: Engine) -> None:
    with transaction(engine) as session:
        with pytest.raises(ValueError, match="12 is no error status"):
            override_bounce(session, 1, 12)
        assert not override_bounce(session, 1, 2)


def test_towards_the_suppression_a_bounce_counts_as_a_person_classed_it(engine: Engine) -> None:
    with transaction(engine) as session:
        rows = record_bounces(session, "log", 1, [bounce(), bounce(2, final=False)])
        tally_bounces(session, rows, 1.0)
        for row in rows:
            assert override_bounce(session, row.id, 4)
        assert override_bounce(session, rows[0].id, 4), "said twice, it counts once"
        found = session.execute(select(BlockErrorRow.status, BlockErrorRow.occurred).order_by(BlockErrorRow.status))
        assert [tuple(one) for one in found] == [(2, 0), (4, 1)]
        assert override_bounce(session, rows[0].id, None)
        found = session.execute(select(BlockErrorRow.status, BlockErrorRow.occurred).order_by(BlockErrorRow.status))
        assert [tuple(one) for one in found] == [(2, 1), (4, 0)]
