"""CMC's names of the error statuses."""

from cmcdesk.console.bounces.error_status import ADVICE, NAMES, OURS, advise, list_statuses, name_status
from cmcdesk.rules.texts import translate
from cmcdesk.store.desk.bounces import ERROR_STATUSES


def test_every_status_has_its_names_and_an_unknown_one_is_shown_as_it_is() -> None:
    assert [status for status, _texts in list_statuses()] == list(ERROR_STATUSES) == list(NAMES)
    assert set(NAMES) >= OURS
    assert name_status(2) == {"ja": "ユーザ不明", "en": "Unknown user"}
    assert name_status(42) == {"ja": "42", "en": "42"}


def test_every_status_has_a_sentence_of_advice_in_both_languages() -> None:
    assert list(ADVICE) == list(ERROR_STATUSES)
    for text in ADVICE.values():
        assert translate("ja", text).endswith("。") and text.endswith(".")
    assert advise(42)["en"] == ADVICE[99]
