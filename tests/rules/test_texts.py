"""Texts in every language that has a catalogue."""

import subprocess
import sys

from cmcdesk.rules.texts import N_, TellingError, list_languages, same, tell, translate


def test_a_text_is_told_in_every_language() -> None:
    assert list_languages() == ("ja", "en")
    assert tell("not receiving") == {"ja": "受信していません", "en": "not receiving"}


def test_values_come_into_their_places_and_may_be_texts_themselves() -> None:
    told = tell("%(sentence)s %(next)s", sentence=tell("The note was removed."), next="100 %")
    assert told == {"ja": "記録を消しました。100 %", "en": "The note was removed. 100 %"}


def test_what_is_not_in_the_catalogue_is_english_and_a_percent_sign_needs_a_value_to_mean_something() -> None:
    assert tell("100 % new") == {"ja": "100 % new", "en": "100 % new"}
    assert translate("xx", "not receiving") == N_("not receiving") and translate("ja", "") == ""


def test_no_catalogue_is_read_when_the_program_is_imported() -> None:
    watch = "lambda event, given: event == 'open' and str(given[0]).endswith('.mo') and exit(3)"
    code = f"import sys; sys.addaudithook({watch}); import cmcdesk.desk, cmcdesk.cli, cmcdesk.worker"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_has_no_language_is_the_same_in_all() -> None:
    assert same("return.example.com") == {"ja": "return.example.com", "en": "return.example.com"}


def test_an_error_tells_itself_in_every_language_and_is_english_as_a_str() -> None:
    error = TellingError(tell("not receiving"))
    assert (str(error), error.message["ja"]) == ("not receiving", "受信していません")
