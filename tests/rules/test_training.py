"""Lessons are read against their vocabulary; what is wrong is named by line, field, what was given and allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.rules.training import LessonFault, LessonVocabulary, find_line, fold_text, list_texts, read_lesson

WORDS = LessonVocabulary(["receiving.size_kb"], ["here", "here.save"], ["here.save"])
GOOD = """\
title = { ja = "大きさ", en = "Size" }
goal = "You see it."
order = 5

[[step]]
do = '''Set it
  to 50.'''
why = { en = "Because." }
places = ["here"]
check = { what = "saved", setting = "receiving.size_kb", is = 50 }

[[step]]
do = "Send."
why = "So."
places = ["here"]
traffic = { mail = "plain", count = 2, rate = 0.5 }
plan = "standard"
check = { what = "refused", gate = "size", fresh = true }

[mistake]
do = "Too much."
why = "No."
places = ["here"]
check = { what = "refused_save", screen = "here.save" }
"""


def read(text: str, key: str = "size") -> LessonFault:
    with pytest.raises(LessonFault) as raised:
        read_lesson(key, text.encode(), WORDS)
    return raised.value


def test_a_lesson_is_read_as_it_is_written() -> None:
    lesson = read_lesson("size", GOOD.encode(), WORDS, is_own=True)
    assert (lesson.key, lesson.order, lesson.minutes, lesson.plan, lesson.is_own) == ("size", 5, 5, "pro", True)
    assert lesson.title == {"ja": "大きさ", "en": "Size"}
    first, second, mistake = lesson.all_steps
    assert first.do["ja"] == "Set it to 50." and first.check.arguments == {"setting": "receiving.size_kb", "is": 50}
    assert second.traffic == {"mail": "plain", "count": "2", "rate": "0.5"} and second.plan == "standard"
    assert mistake is lesson.mistake and lesson.plans == ("pro", "standard")


def test_a_language_that_is_missing_falls_back() -> None:
    lesson = read_lesson("size", GOOD.encode(), WORDS)
    assert lesson.steps[0].why == {"ja": "Because.", "en": "Because."}
    only_japanese = GOOD.replace('{ en = "Because." }', '{ ja = "だから" }')
    assert read_lesson("size", only_japanese.encode(), WORDS).steps[0].why["en"] == "だから"


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('order = 5', "order = = 5", 3, "no TOML"),
        ('order = 5', 'order = "5"', 3, "order: Give a whole number"),
        ('goal = "You see it."', "", 1, "“goal” is missing"),
        ('order = 5', "odrer = 5", 3, "“odrer” here; there is: order"),
        ('do = "Send."', 'do = ""', 13, "step 2: do: Give a text"),
        ('do = "Send."', "do = 5", 13, "step 2: do: Give a text"),
        ('why = "So."', "", 12, "step 2: The key “why” is missing"),
        ('is = 50', 'is = 50, iss = 1', 10, "step 1: check: There is no “saved: iss” here; there is: setting"),
        ('"receiving.size_kb"', '"receiving.size"', 10, "“receiving.size” here; there is: receiving.size_kb"),
        ('gate = "size"', 'gate = "door"', 18, "“door” here; there is: sessions"),
        ('gate = "size", ', "", 18, "“refused” needs the key “gate”"),
        ("fresh = true", 'fresh = "yes"', 18, "fresh is true or false, not 'yes'"),
        ('what = "refused"', 'what = "denied"', 18, "“denied” here; there is: saved"),
        ('what = "refused", ', "", 18, "“None” here"),
        ('"plain"', "true", 16, "mail is a text"),
        ("rate = 0.5", "speed = 1", 16, "“speed” here; there is: preset"),
        ('plan = "standard"', 'plan = "light"', 17, "“light” here; there is: pro, standard"),
        ('places = ["here"]\ncheck = { what = "ref', 'places = []\ncheck = { what = "ref', 23, "Give a list of places"),
        ('screen = "here.save"', 'screen = "here"', 24, "mistake: check: There is no “here” here; there is: here.save"),
        ("[mistake]", "[mistakes]", 20, "“mistakes” here"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, line: int, told: str) -> None:
    assert old in GOOD
    fault = read(GOOD.replace(old, new))
    assert told in fault.reason["en"] and fault.line == line
    assert fault.reason["ja"] != fault.reason["en"]
    assert "Invalid value" not in fault.reason["ja"]  # the words of a library


def test_names_sizes_and_charsets_are_bounded() -> None:
    assert "Bad Name" in read(GOOD, "Bad Name").reason["en"]
    assert "64 KByte" in read(GOOD + "#" * 70_000).reason["en"]
    with pytest.raises(LessonFault) as raised:
        read_lesson("size", "# 1\n# 2\n# 研修".encode("shift_jis"), WORDS)
    assert raised.value.line == 3 and "UTF-8" in raised.value.reason["en"]
    many = GOOD.split("[mistake]")[0] + GOOD.split("[[step]]")[1].join(["[[step]]"] * 21)
    assert "1 to 20 steps" in read(many + "\n[mistake]" + GOOD.split("[mistake]")[1]).reason["en"]


@given(st.text(max_size=200), st.integers(0, len(GOOD)))
def test_whatever_a_file_holds_it_is_a_lesson_or_a_fault(noise: str, at: int) -> None:
    try:
        read_lesson("size", (GOOD[:at] + noise + GOOD[at:]).encode("utf-8", "replace"), WORDS)
    except LessonFault as fault:
        assert fault.line >= 0 and set(fault.reason) == {"ja", "en"}


def test_lines_are_found_in_their_part() -> None:
    lines = GOOD.split("\n")
    assert find_line(lines, "", "goal") == 2 and find_line(lines, "step 2", "do") == 13
    assert find_line(lines, "mistake", "") == 20 and find_line(lines, "step 9", "do") == 1


def test_texts_for_the_catalogue_are_those_in_one_language() -> None:
    assert list(list_texts(GOOD.encode())) == [
        "You see it.", "Set it to 50.", "Send.", "So.", "Too much.", "No.",
    ]  # fmt: skip
    assert fold_text(" a\n  b ") == "a b"
