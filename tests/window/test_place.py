"""Where the window was, and where it goes on the screens that there are now."""

from typing import Any

import pytest

from cmcdesk.window.place import Area, WindowPlace, read_place

SCREEN, BESIDE = Area(0, 0, 1920, 1080), Area(1920, 200, 1280, 1024)
HERE = WindowPlace(1000, 700, 100, 50)


def test_what_was_kept_comes_back() -> None:
    assert read_place(HERE.as_saved()) == HERE
    assert HERE.fit([SCREEN]) == HERE
    assert HERE.as_options([SCREEN]) == {"width": 1000, "height": 700, "x": 100, "y": 50, "maximized": False}


@pytest.mark.parametrize(
    "saved", [{}, {"width": "wide"}, {"x": 1.5}, {"is_maximized": 1}, {"width": None}, {"width": True}, {"more": 1}]
)
def test_what_makes_no_sense_is_as_new(saved: dict[str, Any]) -> None:
    assert read_place(saved) == WindowPlace()


def test_a_screen_that_is_gone_leaves_it_in_the_middle_of_the_first() -> None:
    there = WindowPlace(1000, 700, 2000, 300)
    assert there.fit([SCREEN, BESIDE]) == there
    assert there.fit([SCREEN]) == WindowPlace(1000, 700)
    assert "x" not in there.fit([SCREEN]).as_options([SCREEN])


@pytest.mark.parametrize(("x", "y"), [(-950, 50), (1850, 50), (100, 1060), (100, -40)])
def test_a_head_that_cannot_be_taken_does_not_count_as_on_a_screen(x: int, y: int) -> None:
    assert WindowPlace(1000, 700, x, y).fit([SCREEN]).x is None


def test_it_is_no_larger_than_its_screen_and_no_smaller_than_it_can_be() -> None:
    large = WindowPlace(4000, 3000, 10, 10).fit([SCREEN])
    assert (large.width, large.height) == (1920, 1080)
    small = WindowPlace(10, 10, 10, 10).fit([SCREEN])
    assert (small.width, small.height) == (720, 480)


def test_places_are_counted_from_the_first_screen() -> None:
    assert WindowPlace(1000, 700, 2000, 300).as_options([BESIDE])["x"] == 80
    assert HERE.fit([]) == HERE and "x" not in HERE.as_options([])
