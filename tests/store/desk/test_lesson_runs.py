"""Who played what, how far, and with which settings it began."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cmcdesk.rules.settings import defaults_of
from cmcdesk.store.desk.catcher import insert_endpoint
from cmcdesk.store.desk.database import open_desk, reading, transaction
from cmcdesk.store.desk.lesson_runs import (
    KeptSettings,
    delete_learner,
    end_run,
    find_open_run,
    find_others,
    get_run,
    insert_run,
    list_learners,
    list_progress,
    note_refused_save,
    pass_step,
)

DRAFT = defaults_of("pro", "pro", "pro").as_data()
KEPT: dict[str, KeptSettings] = {"pro": {"draft": DRAFT, "live": None, "revision": None}}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_desk(tmp_path)
    yield engine
    engine.dispose()


def begin(engine: Engine, learner: str, lesson: str = "size", now: float = 100.0) -> int:
    with transaction(engine) as session:
        return insert_run(session, learner, lesson, KEPT, now).id


def test_a_run_keeps_what_was_there_when_it_began(engine: Engine) -> None:
    with transaction(engine) as session:
        insert_endpoint(session, "webhook", 1.0)
    number = begin(engine, "花子")
    with reading(engine) as session:
        run = get_run(session, number)
        assert run and run.composition == "pro" and run.kept["pro"]["draft"] == DRAFT and run.answers == {"1": "200"}
        assert find_open_run(session, "花子", "size") is run and find_open_run(session, "太郎", "size") is None


def test_steps_turn_green_once_and_the_last_one_ends_it(engine: Engine) -> None:
    number = begin(engine, "花子")
    with transaction(engine) as session:
        pass_step(session, number, 0, 110.0, is_last=False)
        pass_step(session, number, 0, 120.0, is_last=True)
    with transaction(engine) as session:
        assert note_refused_save(session, number, "receiving.save", 115.0)
        run = get_run(session, number)
        assert run and run.passed == {"0": 110.0} and run.ended_at is None
        pass_step(session, number, 1, 130.0, is_last=True)
    with transaction(engine) as session:
        run = get_run(session, number)
        assert run and run.ended_at == 130.0 and run.turned_down == {"receiving.save": 115.0}
        assert not note_refused_save(session, number, "receiving.save", 140.0)
        assert not note_refused_save(session, 99, "receiving.save", 140.0)
        pass_step(session, 99, 0, 1.0, is_last=False)  # it is gone: nothing happens


def test_a_new_begin_forgets_what_was_left_and_keeps_what_ended(engine: Engine) -> None:
    ended = begin(engine, "花子")
    with transaction(engine) as session:
        pass_step(session, ended, 0, 150.0, is_last=True)
    left, newest = begin(engine, "花子"), begin(engine, "花子", now=200.0)
    with reading(engine) as session:
        assert get_run(session, ended) and not get_run(session, left) and get_run(session, newest)
        (record,) = list_progress(session)
        assert (record.run, record.ended_at, record.steps) == (ended, 150.0, 1), "done stays done"


def test_a_run_of_a_lesson_that_became_shorter_ends_once(engine: Engine) -> None:
    number = begin(engine, "花子")
    with transaction(engine) as session:
        end_run(session, number, 120.0)
        end_run(session, number, 130.0)
        end_run(session, 99, 130.0)
        run = get_run(session, number)
        assert run and run.ended_at == 120.0


def test_the_trainer_sees_everybody(engine: Engine) -> None:
    begin(engine, "花子")
    begin(engine, "花子", "interval")
    begin(engine, "太郎")
    with reading(engine) as session:
        assert list_learners(session) == sorted(["花子", "太郎"])
        assert {(each.learner, each.lesson) for each in list_progress(session)} == {
            ("花子", "size"), ("花子", "interval"), ("太郎", "size"),
        }  # fmt: skip
        assert [each.lesson for each in list_progress(session, "太郎")] == ["size"]
        assert find_others(session, "花子", "pro", 50.0) == ["太郎"]
        assert find_others(session, "花子", "pro", 101.0) == [] == find_others(session, "花子", "te", 0.0)


def test_a_learner_is_forgotten(engine: Engine) -> None:
    begin(engine, "花子")
    with transaction(engine) as session:
        assert delete_learner(session, "花子") and not delete_learner(session, "花子")
        assert list_learners(session) == []
