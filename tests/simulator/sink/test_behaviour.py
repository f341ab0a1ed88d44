"""Scripts of the sink, by posts and by time."""

import pytest

from simulator.sink.behaviour import ANSWER_200, BadScript, Behaviours, Script, parse_script


def statuses(text: str, times: list[float]) -> list[int]:
    script = Script(parse_script(text))
    return [script.next_act(now).status for now in times]


def test_acts_by_number_of_posts() -> None:
    assert statuses("500x3,302,200", [0] * 5) == [500, 500, 500, 302, 302]


def test_acts_by_time_begin_with_their_first_post() -> None:
    assert statuses("503@2,200", [100, 101.9, 102, 103]) == [503, 503, 200, 200]


def test_the_end_of_a_script_is_200() -> None:
    assert statuses("500x1", [0, 0]) == [500, 200]


def test_every_act_reads() -> None:
    slow, hang, redirect = parse_script("slow:2.5x1, hang-up@3, redirect:/elsewhere")
    assert (slow.status, slow.delay, slow.times) == (200, 2.5, 1)
    assert (hang.status, hang.lasting) == (0, 3.0)
    assert (redirect.status, redirect.location) == (302, "/elsewhere")


@pytest.mark.parametrize("text", ["600", "fast", "slow", "500x", "redirect:", "200 200"])
def test_a_bad_script_is_told_and_changes_nothing(text: str) -> None:
    behaviours = Behaviours()
    behaviours.put("/a", "500")
    with pytest.raises(BadScript):
        behaviours.put("/a", text)
    assert behaviours.choose("/a", "", 0).status == 500


def test_the_latest_pattern_that_fits_and_the_query_wins() -> None:
    behaviours = Behaviours()
    behaviours.put("/hooks/*", "500")
    behaviours.put("/hooks/a", "503")
    assert behaviours.choose("/hooks/a", "", 0).status == 503
    assert behaviours.choose("/hooks/b", "", 0).status == 500
    assert behaviours.choose("/hooks/b", "404", 0).status == 404
    assert behaviours.choose("/other", "", 0) == ANSWER_200
