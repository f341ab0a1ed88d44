"""The list of suppressed addresses: found, searched, freed; what is freed counts anew, what is deleted is exempt."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from cmcdesk.store.desk.block_batch import AddressError, count_errors
from cmcdesk.store.desk.block_models import BlockErrorRow, BlockRow
from cmcdesk.store.desk.blocks import (
    BlockQuery,
    count_blocks,
    count_blocks_by_status,
    find_active,
    find_exempt,
    find_suppressed,
    get_block,
    lift_blocks,
    list_blocks,
)
from cmcdesk.store.desk.database import open_desk, transaction


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_desk(tmp_path)
    yield engine
    engine.dispose()


def block(session: Session, email: str, composition: str = "pro", status: int = 2, at: float = 100.0) -> str:
    number = session.query(BlockRow).count()
    row = BlockRow(id=f"{number:013x}", composition=composition, email=email, occurred=3, status=status, created_at=at)
    session.add(row)
    session.flush()
    return row.id


def test_suppressed_addresses_are_found_whatever_their_case_and_only_of_their_composition(engine: Engine) -> None:
    with transaction(engine) as session:
        block(session, "user@x.example")
        block(session, "user@y.example", "shop")
        asked = ["User@X.example", "user@y.example", "nobody", *(f"{n}@x.example" for n in range(1200))]
        assert find_suppressed(session, "pro", asked) == {"user@x.example"}


def test_a_mail_is_held_against_the_list_by_an_index(engine: Engine) -> None:
    with transaction(engine) as session:
        looked = select(BlockRow.email).where(
            BlockRow.removed_at.is_(None), BlockRow.composition == "pro", BlockRow.email.in_(["a@x.example"])
        )
        written = looked.compile(engine, compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {written}"))]
        assert all("USING" in step and "block_active" in step for step in plan), plan


def test_the_list_is_newest_first_in_pages_and_searched_by_a_part_or_the_whole(engine: Engine) -> None:
    with transaction(engine) as session:
        ids = [block(session, f"user{number}@x.example", at=float(number)) for number in range(5)]
        found = list_blocks(session, BlockQuery("pro"), limit=2)
        assert [row.id for row in found] == [ids[4], ids[3]]
        assert [row.id for row in list_blocks(session, BlockQuery("pro"), found[-1].number, 2)] == [ids[2], ids[1]]
        assert [row.id for row in list_blocks(session, BlockQuery("pro"), limit=2, skip=4)] == [ids[0]]
        assert count_blocks(session, BlockQuery("pro", "USER3")) == 1
        assert count_blocks(session, BlockQuery("pro", "user3", exactly=True)) == 0
        assert count_blocks(session, BlockQuery("pro", "User3@X.example", exactly=True)) == 1
        assert count_blocks(session, BlockQuery("pro", created_from=1.0, created_until=3.0)) == 2
        assert count_blocks(session, BlockQuery("pro", "%")) == 0 and count_blocks(session, BlockQuery("shop")) == 0


def test_cancelled_may_be_suppressed_again_deleted_never(engine: Engine) -> None:
    with transaction(engine) as session:
        ids = [block(session, "a@x.example"), block(session, "b@x.example"), block(session, "c@x.example")]
        count_errors(session, [AddressError("pro", "a@x.example", 2), AddressError("pro", "c@x.example", 2)], 50.0)
        assert [row.email for row in lift_blocks(session, ids[:1], "cancelled", 200.0)] == ["a@x.example"]
        assert [row.email for row in lift_blocks(session, ids[:2], "deleted", 300.0)] == ["b@x.example"]
        assert find_suppressed(session, "pro", ["a@x.example", "b@x.example", "c@x.example"]) == {"c@x.example"}
        assert find_exempt(session, "pro", ["a@x.example", "b@x.example", "c@x.example"]) == {"b@x.example"}
        assert session.scalars(select(BlockErrorRow.email)).all() == ["c@x.example"], "the freed one counts anew"
        gone = list_blocks(session, BlockQuery("pro", removed=True))
        assert [(row.email, row.removal, row.exempt) for row in gone] == [
            ("b@x.example", "deleted", True), ("a@x.example", "cancelled", False),
        ]  # fmt: skip
        assert find_active(session, "pro", "A@x.example") is None and get_block(session, ids[0]) is not None
        block(session, "a@x.example")  # again
        assert find_active(session, "pro", "A@x.example") is not None


def test_reasons_are_counted(engine: Engine) -> None:
    with transaction(engine) as session:
        block(session, "a@x.example", status=2)
        block(session, "b@x.example", status=5)
        block(session, "c@x.example", status=5)
        assert count_blocks_by_status(session, "pro", [1, 5]) == {5: 2}
