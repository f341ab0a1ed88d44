"""The set that a plan says, and the checks before it is sent."""

from typing import Any

import pytest

from cmcdesk.applying import ApplyRefused, Place, apply
from cmcdesk.applying.plan import Plan, check_drafts, check_together, list_entries, list_names
from cmcdesk.rules.settings import check_composition, defaults_of
from cmcdesk.store.desk.database import reading


def test_what_was_never_applied_is_left_out_but_keeps_its_address(desk: Any, recorder: Any, place: Place) -> None:
    apply(desk.engine, "sandbox", recorder, place)
    with reading(desk.engine) as session:
        entries = list_entries(session, Plan(list_names(session)), {}, place)
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
