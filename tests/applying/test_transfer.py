"""What can go wrong on the way: a crash before the answer is recorded, two at once, a full disk."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from cmcdesk.applying import ApplyRefused, Place, apply, resume
from cmcdesk.applying.transfer import send_set
from cmcdesk.store.desk.compositions import list_revisions
from cmcdesk.store.desk.database import reading


class Crash(BaseException):
    """Ends everything at once, as a kill does: nothing of ours may catch it."""


def states_of(desk: Any, name: str) -> list[tuple[int, str]]:
    with reading(desk.engine) as session:
        return [(row.number, row.state) for row in list_revisions(session, name)]


def test_a_crash_before_the_answer_is_settled_at_the_next_start(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    desk.change("pro", max_sessions=7)

    def crash() -> None:
        raise Crash

    recorder.meanwhile = crash
    with pytest.raises(Crash):
        apply(desk.engine, "pro", recorder, place)
    assert states_of(desk, "pro") == [(2, "applying"), (1, "applied")]
    recorder.meanwhile = lambda: None
    resume(desk.engine, recorder, place)
    assert states_of(desk, "pro") == [(2, "interrupted"), (1, "applied")]
    assert recorder.told()[0] == ("pro", 1, "127.0.0.1")
    assert apply(desk.engine, "pro", recorder, place) == 3


def test_a_second_apply_while_one_is_under_way_is_refused(desk: Any, recorder: Any, place: Place) -> None:
    told: list[str] = []

    def apply_another() -> None:
        with pytest.raises(ApplyRefused) as refused:
            apply(desk.engine, "sandbox", recorder, place)
        told.append(str(refused.value))

    recorder.meanwhile = apply_another
    assert apply(desk.engine, "pro", recorder, place) == 1
    assert told and "under way" in told[0]
    assert len(recorder.sets) == 1
    recorder.meanwhile = lambda: None
    assert apply(desk.engine, "sandbox", recorder, place) == 1


def test_an_answer_that_cannot_be_recorded_brings_the_mail_server_back(desk: Any, recorder: Any, place: Place) -> None:
    resume(desk.engine, recorder, place)
    live = recorder.sets[-1]
    desk.change("pro", max_sessions=7)
    trigger = (
        "CREATE TRIGGER full BEFORE UPDATE OF applied_number ON composition BEGIN SELECT raise(ABORT, 'full'); END"
    )

    def fill_disk() -> None:
        with desk.engine.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS full")
            connection.exec_driver_sql(trigger)

    recorder.meanwhile = fill_disk
    with pytest.raises(ApplyRefused, match="full"):
        apply(desk.engine, "pro", recorder, place)
    assert recorder.sets[-1] == live
    assert states_of(desk, "pro") == [(2, "refused"), (1, "applied")]
    assert desk.applied_number("pro") == 1


def test_send_set_takes_any_failure_for_no_answer() -> None:
    def fail(_entries: list[dict[str, Any]]) -> dict[str, Any]:
        raise OperationalError("select", {}, Exception("locked"))

    with pytest.raises(ApplyRefused, match="locked"):
        send_set(fail, [])
