import pytest

from cmcdesk.store.search.spellings import list_spellings, unify

GA_NFC, GA_NFD = "\u304c", "\u304b\u3099"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (GA_NFC, GA_NFD),
        ("caf\u00e9", "cafe\u0301"),
        ("10\u301c20", "10\uff5e20"),
        ("\u2212", "\uff0d"),
        ("\u2016", "\u2225"),
        ("\u2014", "\u2015"),
    ],
)
def test_two_spellings_are_one_and_each_finds_the_other(one: str, other: str) -> None:
    assert unify(one) == unify(other)
    assert other in list_spellings(one)
    assert one in list_spellings(other)


def test_ascii_has_one_spelling_and_nothing_else_becomes_another() -> None:
    assert list_spellings("a~-b") == ["a~-b"]
    assert unify("a~-b") == "a~-b"
    assert unify("ＡＢＣ①ｶﾞ") == "ＡＢＣ①ｶﾞ"  # full and half width stay apart
    assert len(list_spellings("\u304c\u301c")) == 4
