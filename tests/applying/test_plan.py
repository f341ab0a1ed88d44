"""The set that a plan says, and the checks before it is sent."""

from typing import Any

import pytest

from cmcdesk.applying import Place, apply
from cmcdesk.applying.plan import (
    ApplyRefused,
    Plan,
    check_drafts,
    check_together,
    list_entries,
    list_ordered_names,
    read_refusal,
)
from cmcdesk.pipe import Problem
from cmcdesk.processes.supervisor import DOWN
from cmcdesk.rules.settings import FieldError, check_composition, defaults_of
from cmcdesk.rules.texts import tell
from cmcdesk.store.desk.database import reading


def test_what_was_never_applied_is_left_out_but_keeps_its_address(desk: Any, recorder: Any, place: Place) -> None:
    apply(desk.engine, "sandbox", recorder, place)
    with reading(desk.engine) as session:
        entries = list_entries(session, Plan(list_ordered_names(session)), {}, place)
    assert [(entry["settings"]["name"], entry["host"]) for entry in entries] == [("sandbox", "127.0.0.2")]


def test_check_drafts_names_the_composition_where_there_are_several() -> None:
    wrong = defaults_of("pro", "pro").as_data() | {"subdomain": "-"}
    with pytest.raises(ApplyRefused) as alone:
        check_drafts({"pro": wrong})
    with pytest.raises(ApplyRefused) as together:
        check_drafts({"pro": wrong, "sandbox": defaults_of("standard", "sandbox").as_data()})
    assert [error.field for error in alone.value.errors] == ["subdomain"]
    assert [error.field for error in together.value.errors] == ["pro.subdomain"]


def test_check_together_looks_at_what_stays_live(desk: Any, recorder: Any, place: Place) -> None:
    apply(desk.engine, "pro", recorder, place)
    thief = check_composition({"name": "thief", "subdomain": "pro"})
    with reading(desk.engine) as session:
        with pytest.raises(ApplyRefused, match="subdomain"):
            check_together(session, Plan(["pro", "thief"], {"thief": thief}))
        check_together(session, Plan(["thief"], {"thief": thief}))


def test_read_refusal_joins_composition_and_field() -> None:
    error = read_refusal({"composition": "pro", "field": "subdomain", "message": "taken"})
    assert (error.field, error.message) == ("pro.subdomain", {"ja": "taken", "en": "taken"})


def test_a_refusal_of_no_composition_is_the_mail_servers() -> None:
    assert read_refusal({"composition": "", "field": "", "message": "no"}).field == "mail_server"


def test_a_place_that_cannot_be_taken_is_told_in_our_words() -> None:
    problem: Problem = {"composition": "pro", "field": "", "message": "the system's", "missing": DOWN}
    assert "The mail server is being started" in read_refusal(problem).message["en"]


def test_a_refusal_says_all_in_its_text() -> None:
    refused = ApplyRefused([FieldError("a", "", tell("first")), FieldError("b", "", tell("second"))])
    assert str(refused) == "a: first; b: second"
