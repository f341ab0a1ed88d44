"""Strikes of mails, and the second that sets one aside."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.models import DeliveryRow
from cmcdesk.store.desk.set_aside import (
    SetAside,
    add_strike,
    ask_again,
    find_set_aside,
    forget_strikes,
    list_asked,
    list_set_aside,
    read_strikes,
    revive_deliveries,
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_desk(tmp_path)


def strike(session: Session, mail_id: int, *readers: str, log_id: str = "log") -> None:
    for at, reader in enumerate(readers, 1):
        add_strike(session, log_id, mail_id, reader, float(at))


def test_the_second_strike_sets_a_mail_aside_whatever_read_it(engine: Engine) -> None:
    with transaction(engine) as session:
        strike(session, 1, "bounces")
        strike(session, 2, "bounces", "search")
        strike(session, 3, "webhooks", "webhooks", "webhooks")
        strike(session, 2, "bounces", log_id="other")
        assert find_set_aside(session, "log", 1) is None
        expected = SetAside(2, ("bounces", "search"), 2, 2.0, False)
        assert find_set_aside(session, "log", 2) == expected
        assert list_set_aside(session, "log") == [SetAside(3, ("webhooks",), 3, 3.0, False), expected]
        assert list_set_aside(session, "other") == []
        assert read_strikes(session)["log", 2] == {"bounces": 1, "search": 1}


def test_it_is_asked_for_until_it_is_forgotten_or_struck_again(engine: Engine) -> None:
    with transaction(engine) as session:
        strike(session, 1, "search", "search")
        strike(session, 2, "search")
        assert not ask_again(session, "log", 2) and not ask_again(session, "log", 9)
        assert ask_again(session, "log", 1) and list_asked(session, "log") == [1]
        strike(session, 1, "bounces")
        assert list_asked(session, "log") == [] and find_set_aside(session, "log", 1)
        forget_strikes(session, "log", 1, "search")
        assert find_set_aside(session, "log", 1) is None and read_strikes(session)["log", 1] == {"bounces": 1}
        forget_strikes(session, "log", 1)
        assert ("log", 1) not in read_strikes(session)


def test_only_the_webhooks_of_that_mail_that_were_given_up_are_due_again(engine: Engine) -> None:
    with transaction(engine) as session:
        for identity, mail_id, state in (
            ("abcdefgh-1", 7, "given_up"), ("abcdefgh-2", 7, "delivered"), ("abcdefgh-3", 8, "given_up"),
            ("zzzzzzzz-1", 7, "given_up"),
        ):  # fmt: skip
            session.add(
                DeliveryRow(
                    id=identity, mail_id=mail_id, composition="pro", revision=1, filter="f", recipient="a@b",
                    state=state, created_at=1.0, finished_at=2.0,
                )
            )  # fmt: skip
        session.flush()
        revive_deliveries(session, "abcdefgh-and-more", 7, 9.0)
        session.expire_all()
        rows = session.scalars(select(DeliveryRow).where(DeliveryRow.state == "waiting")).all()
        assert [(row.id, row.due_at, row.finished_at) for row in rows] == [("abcdefgh-1", 9.0, None)]
