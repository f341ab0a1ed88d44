"""The vocabulary of checks is closed, and each kind is described."""

from typing import get_args

from cmcdesk.console.journey.stations import StationName, StationState
from cmcdesk.rules.lesson_checks import CHECKS, STATES, STATIONS, Argument, StepCheck
from cmcdesk.rules.texts import list_languages


def test_every_check_says_in_every_language_what_it_looks_at() -> None:
    for what in CHECKS:
        looks = StepCheck(what, {}).looks
        assert set(looks) == set(list_languages()) and all(looks.values())


def test_keys_are_of_a_known_kind_and_choices_are_of_known_keys() -> None:
    for form in CHECKS.values():
        known = {**form.needs, **form.may}
        assert set(known.values()) <= set(get_args(Argument))
        assert set(form.choices) <= set(known) and not set(form.needs) & set(form.may)


def test_stations_are_those_of_a_journey() -> None:
    assert get_args(StationName) == STATIONS and get_args(StationState) == STATES
