"""The reader of scenario files, and what every scenario that we ship must declare."""

from pathlib import Path
from typing import Any

import pytest

from simulator.acceptance.scenario import BadScenario, Expectation, list_scenarios, make_scenario, read_scenario

SAID = {"ja": "あ", "en": "a"}
STEP = {"do": "form", "count": 2, **SAID}
FACT = {"fact": "mails", "is": 2, "falsely": {"is": 3}, **SAID}


def scenario(**changed: Any) -> dict[str, Any]:
    given = {"composition": [{"name": "pro", "plan": "pro", "subdomain": "pro"}]}
    return {"title": SAID, "about": SAID, "given": given, "when": [STEP], "then": [FACT]} | changed


def test_a_good_one_is_read() -> None:
    read = make_scenario("x", scenario())
    assert (read.when[0].name, read.when[0].options) == ("form", {"count": 2})
    assert (read.then[0].expected, read.then[0].falsely) == (Expectation("is", 2), Expectation("is", 3))
    assert read.then[0].within == 10


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"when": [STEP | {"colour": 1}]}, "when 1.*colour"),
        ({"when": [STEP | {"do": "fly"}]}, "do = 'fly'"),
        ({"then": [FACT | {"fact": "weather"}]}, "fact = 'weather'"),
        ({"then": [FACT | {"gate": "size"}]}, "then 1.*gate"),
        ({"then": [{**FACT, "falsely": {}}]}, "falsely: give one of"),
        ({"then": [FACT | {"at_most": 3}]}, "give one of is"),
        ({"then": [{key: value for key, value in FACT.items() if key != "ja"}]}, "both languages"),
        ({"then": [FACT | {"fact": "lost", "of": "nothing"}]}, "'nothing'"),
        ({"when": [{"do": "finish", "of": "later", **SAID}]}, "'later'"),
        ({"given": {}}, "given.composition"),
        ({"then": []}, "then"),
        ({"whne": []}, "whne"),
    ],
)
def test_a_bad_one_is_refused_with_the_place(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(BadScenario, match=f"(?s)x.*{told}"):
        make_scenario("x", scenario(**changed))


@pytest.mark.parametrize(
    ("operator", "value", "good", "bad"),
    [
        ("is", 2, [2], [3, None, "2", True]),
        ("is", "a", ["a"], ["b", None]),
        ("is", 1, [1], [True]),
        ("at_least", 2, [2, 3.5], [1.9, None, "3"]),
        ("at_most", 2, [2, 0], [2.1, None]),
        ("between", [1, 2], [1, 1.5, 2], [0.9, 2.1, None]),
    ],
)
def test_expectations_hold_and_fail(operator: str, value: Any, good: list[Any], bad: list[Any]) -> None:
    expectation = Expectation(operator, value)
    assert all(expectation.holds(seen) for seen in good)
    assert not any(expectation.holds(seen) for seen in bad)


def test_files_that_are_no_scenario(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("title = ")
    with pytest.raises(BadScenario, match=r"bad\.toml"):
        read_scenario(tmp_path / "bad.toml")
    with pytest.raises(BadScenario, match="no scenario nowhere"):
        list_scenarios(("nowhere",))


def test_ours_are_all_readable_and_chosen_by_name() -> None:
    ours = list_scenarios()
    assert len(ours) >= 18
    assert [one.name for one in list_scenarios(("05-size",))] == ["05-size"]
