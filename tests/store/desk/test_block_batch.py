"""Errors are counted as they come; a run looks at what was counted since the run before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from cmcdesk.rules.settings import defaults_of
from cmcdesk.rules.suppression import BlockCondition, BlockTerms, read_terms
from cmcdesk.store.desk.block_batch import (
    BEGINNING,
    AddressError,
    BlockPlan,
    count_errors,
    find_plan,
    finish_run,
    free_reason,
    free_watched,
    keep_place,
    list_plans,
    recount_error,
    request_run,
    save_terms,
    suppress_counted,
    tally_bounces,
)
from cmcdesk.store.desk.block_models import BlockErrorRow, BlockRow
from cmcdesk.store.desk.blocks import find_suppressed, lift_blocks
from cmcdesk.store.desk.bounces import NewBounce, add_bounces
from cmcdesk.store.desk.compositions import insert_composition
from cmcdesk.store.desk.database import open_desk, transaction

NOON = 1_790_000_000.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_desk(tmp_path)
    yield engine
    engine.dispose()


def counts(session: Session) -> dict[tuple[str, int], int]:
    return {(row.email, row.status): row.occurred for row in session.scalars(select(BlockErrorRow))}


def plan_of(composition: str = "pro", **conditions: int) -> BlockPlan:
    """conditions: s5=3."""
    terms = read_terms("00:00", "", {int(key[1:]): (True, str(value)) for key, value in conditions.items()})
    return BlockPlan(composition, False, terms, NOON)


def test_errors_add_up_by_address_and_reason(engine: Engine) -> None:
    with transaction(engine) as session:
        one, other = AddressError("pro", "A@x.example", 2), AddressError("pro", "a@X.example", 5)
        count_errors(session, [one, other, one], 1.0)
        count_errors(session, [one, AddressError("pro", "a@x.example", 10), AddressError("pro", "nobody", 2)], 2.0)
        assert counts(session) == {("a@x.example", 2): 3, ("a@x.example", 5): 1}


def test_bounces_count_but_for_delays_and_own_reports(engine: Engine) -> None:
    def bounce(ordinal: int, final: bool = True, own: bool = False) -> NewBounce:
        texts = dict.fromkeys(("diagnostic", "evidence", "rule", "header_from", "message_id", "return_path"), "")
        return NewBounce(
            log_id="x", mail_id=1, ordinal=ordinal, composition="pro", created_at=1.0, final=final,
            recipient="a@x.example", error_status=2, status=None, reply=None, subject="", api_data="", own_report=own,
            **texts,
        )  # fmt: skip

    with transaction(engine) as session:
        rows = add_bounces(session, [bounce(0), bounce(1, final=False), bounce(2, own=True)])
        tally_bounces(session, rows, 1.0)
        assert counts(session) == {("a@x.example", 2): 1}


def test_what_a_person_classes_anew_counts_for_the_other_reason(engine: Engine) -> None:
    with transaction(engine) as session:
        one = AddressError("pro", "a@x.example", 4)
        count_errors(session, [one, one], 1.0)
        recount_error(session, one, 2, 5.0)
        recount_error(session, AddressError("pro", "b@x.example", 4), 2, 5.0)
        assert counts(session) == {("a@x.example", 4): 1, ("a@x.example", 2): 1}


def test_who_reached_a_condition_is_suppressed_and_counted_anew(engine: Engine) -> None:
    with transaction(engine) as session:
        full, less = AddressError("pro", "full@x.example", 5), AddressError("pro", "less@x.example", 5)
        count_errors(session, [full, full, full, less, less, AddressError("pro", "off@x.example", 4)], 1.0)
        rows, place = suppress_counted(session, plan_of(s5=3), BEGINNING, 100, 10.0)
        assert [(row.email, row.occurred, row.status, row.created_at) for row in rows] == [("full@x.example", 3, 5, 10)]
        assert place is None and len(rows[0].id) == 13
        assert counts(session) == {("less@x.example", 5): 2, ("off@x.example", 4): 1}
        assert suppress_counted(session, plan_of(s5=3), BEGINNING, 100, 11.0) == ([], None)
        count_errors(session, [full, full, full], 12.0)
        assert suppress_counted(session, plan_of(s5=3), BEGINNING, 100, 13.0)[0] == [], "it is suppressed already"


def test_only_what_was_counted_since_is_looked_at_slice_by_slice(engine: Engine) -> None:
    with transaction(engine) as session:
        for number in range(5):
            count_errors(session, [AddressError("pro", f"{number}@x.example", 2)], float(number))
        rows, place = suppress_counted(session, plan_of(s2=1), (1.0, 0), 2, 9.0)
        assert [row.email for row in rows] == ["1@x.example", "2@x.example"] and place is not None
        rows, place = suppress_counted(session, plan_of(s2=1), place, 2, 9.0)
        assert [row.email for row in rows] == ["3@x.example", "4@x.example"] and place is not None
        assert suppress_counted(session, plan_of(s2=1), place, 2, 9.0) == ([], None)
        query = "SELECT * FROM block_error WHERE (counted_at, id) > (1.0, 0) ORDER BY counted_at, id LIMIT 2"
        plan = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
        assert plan and "SEARCH" in plan[0] and "block_error_counted" in plan[0], plan


def test_exempt_and_other_compositions_addresses_are_passed_over(engine: Engine) -> None:
    with transaction(engine) as session:
        count_errors(session, [AddressError("pro", "a@x.example", 2), AddressError("shop", "b@x.example", 2)], 1.0)
        (row,), _ = suppress_counted(session, plan_of(s2=1), BEGINNING, 100, 2.0)
        lift_blocks(session, [row.id], "deleted", 3.0)
        count_errors(session, [AddressError("pro", "a@x.example", 2)], 4.0)
        assert suppress_counted(session, plan_of(s2=1), BEGINNING, 100, 5.0)[0] == []


def test_of_two_reasons_the_more_frequent_one_is_told(engine: Engine) -> None:
    with transaction(engine) as session:
        two, five = AddressError("pro", "a@x.example", 2), AddressError("pro", "a@x.example", 5)
        count_errors(session, [two, five, five], 1.0)
        rows, _ = suppress_counted(session, plan_of(s2=1, s5=1), BEGINNING, 100, 2.0)
        assert [(row.status, row.occurred) for row in rows] == [(5, 2)]


def test_the_watch_period_and_unticking_free_addresses(engine: Engine) -> None:
    with transaction(engine) as session:
        for number, status in enumerate((2, 2, 5)):
            row = BlockRow(id=str(number), composition="pro", email=f"{number}@x.example", occurred=1, status=status)
            row.created_at = number * 86400.0
            session.add(row)
        session.flush()
        watched = BlockPlan("pro", False, BlockTerms(watch_days=2), NOON)
        assert free_watched(session, watched, 2.5 * 86400) == 1
        assert free_watched(session, plan_of(), NOON) == 0
        assert free_reason(session, "pro", 5, NOON) == 1
        emails = ["0@x.example", "1@x.example", "2@x.example"]
        assert find_suppressed(session, "pro", emails) == {"1@x.example"}


def test_plans_have_the_initial_terms_until_others_are_saved_and_standard_always(engine: Engine) -> None:
    with transaction(engine) as session:
        insert_composition(session, defaults_of("pro", "pro"), NOON)
        insert_composition(session, defaults_of("standard", "sandbox"), NOON)
        assert [(plan.composition, plan.is_fixed, plan.terms) for plan in list_plans(session, NOON)] == [
            ("pro", False, BlockTerms()), ("sandbox", True, BlockTerms()),
        ]  # fmt: skip
        terms = read_terms("06:30", "7", {5: (True, "4")})
        for name in ("pro", "sandbox"):
            save_terms(session, name, terms, NOON)
        pro, sandbox = list_plans(session, NOON)
        assert (pro.terms, sandbox.terms) == (terms, BlockTerms())
        assert pro.terms.conditions[5] == BlockCondition(True, 4) and not pro.is_due(NOON) and pro.is_due(NOON + 86400)
        assert find_plan(session, "gone", NOON) is None


def test_a_run_on_demand_is_due_at_once_and_done_once(engine: Engine) -> None:
    with transaction(engine) as session:
        insert_composition(session, defaults_of("pro", "pro"), NOON)
        request_run(session, "pro", NOON)
        asked = find_plan(session, "pro", NOON)
        assert asked is not None and asked.is_due(NOON)
        finish_run(session, asked, NOON + 1, NOON + 2)
        done = find_plan(session, "pro", NOON + 2)
        assert done is not None and not done.is_due(NOON + 2)
        assert (done.last_run_at, done.evaluated_until) == (NOON + 2, NOON + 1)


def test_conditions_saved_while_it_ran_are_looked_at_by_the_next_run(engine: Engine) -> None:
    with transaction(engine) as session:
        insert_composition(session, defaults_of("pro", "pro"), NOON)
        keep_place(session, "pro", NOON)
        plan = find_plan(session, "pro", NOON)
        assert plan is not None
        save_terms(session, "pro", read_terms("00:00", "", {5: (True, "1")}), NOON)
        request_run(session, "pro", NOON + 1)  # asked for after the plan was read: one more run
        finish_run(session, plan, NOON + 1, NOON + 2)
        after = find_plan(session, "pro", NOON + 2)
        assert after is not None and after.evaluated_until == 0.0 and after.is_due(NOON + 2)
