"""Texts in two languages."""

from cmcdesk.rules.texts import both


def test_both_carries_the_two_languages_by_their_codes() -> None:
    assert both("保存", "Save") == {"ja": "保存", "en": "Save"}
