from typing import Any

from sqlalchemy import update

from cmcdesk.outbound.answer import Resending
from cmcdesk.outbound.terms import TermsBook
from cmcdesk.store.desk.database import reading, transaction
from cmcdesk.store.desk.models import CompositionRow, RevisionRow


def test_terms_are_those_of_a_revision_and_those_applied_now(outlet: Any) -> None:
    outlet.apply(advanced={"resend_interval_min": 5})
    with transaction(outlet.engine) as session:
        old = session.query(RevisionRow).one()
        settings = old.settings | {"advanced": old.settings["advanced"] | {"resend_interval_min": 7}}
        session.add(RevisionRow(composition_id=1, number=2, state="applied", settings=settings, at=0.0))
    book = TermsBook()
    with reading(outlet.engine) as session:
        book.refresh(session)
        assert book.names == ["pro"] and not book.forwards_received(session)
        assert book.now(session, "pro", 1).resending(1.0) == Resending(36_000.0, 300.0)
        assert book.at(session, "pro", 1) is book.at(session, "pro", 1)
    with transaction(outlet.engine) as session:
        session.execute(update(CompositionRow).values(applied_number=2))
    with reading(outlet.engine) as session:
        book.refresh(session)
        assert book.at(session, "pro", 1).resending(60.0).interval == 5.0
        assert book.now(session, "pro", 1).resending(60.0).interval == 7.0


def test_a_revision_that_is_gone_leaves_the_plans_defaults(outlet: Any) -> None:
    with reading(outlet.engine) as session:
        terms = TermsBook().at(session, "lost", 3)
    assert (terms.composition.name, terms.composition.plan) == ("lost", "pro")


def test_forwarding_of_received_mail_is_known(outlet: Any) -> None:
    one = {"name": "f", "header": "Subject", "pattern": "x", "address": "a@x.example", "mode": "copy"}
    outlet.apply(forwarding={"receiving": [one]})
    book = TermsBook()
    with reading(outlet.engine) as session:
        book.refresh(session)
        assert book.forwards_received(session)


def test_patterns_that_take_too_long_are_named_by_composition(outlet: Any) -> None:
    slow = {"name": "slow", "header": "X-A", "pattern": "(a|aa)+$", "address": "a@x.example", "mode": "copy"}
    outlet.apply(forwarding={"relay": [slow]}, delivery_speed=[{"name": "s", "patterns": ["(b|bb)+$"]}])
    book = TermsBook()
    with reading(outlet.engine) as session:
        book.refresh(session)
        terms = book.now(session, "pro", 1)
    assert book.list_set_aside() == {}
    for number in range(3):
        terms.relay.find({"x-a": [b"a" * (200 + number) + b"!"]})
        terms.speeds.find("b" * (200 + number) + "!", "")
    assert book.list_set_aside() == {
        "pro": [
            {"filter": "slow", "header": "x-a", "pattern": "(a|aa)+$"},
            {"filter": "s", "header": "RCPT TO", "pattern": "(b|bb)+$"},
        ]
    }
