"""A faulty pattern or file is explained in Japanese without a word of English."""

import re
import tomllib

import pytest
import regex

from cmcdesk.rules.settings import SettingsError, check_composition, defaults_of
from cmcdesk.rules.settings.reasons import NO_REASON, explain_pattern, explain_toml
from cmcdesk.rules.texts import tell, translate

BAD = [
    "(",
    ")",
    "[a",
    "a**",
    "*a",
    "a{3,1}",
    "\\",
    "\\q",
    "\\x1",
    "(?P<1a>x)",
    "(?P=no)",
    "\\2(a)",
    "(?Zz)",
    "[z-a]",
    "\\p{Nothing}",
]


@pytest.mark.parametrize("pattern", BAD)
def test_the_reason_is_japanese(pattern: str) -> None:
    with pytest.raises(regex.error) as caught:
        regex.compile(pattern)
    explained = explain_pattern(caught.value.msg)
    told = explained["ja"]
    assert explained["en"] == caught.value.msg and told != translate("ja", NO_REASON), caught.value.msg
    assert not re.search("[A-Za-z]{2}", told), told


BAD_FILES = [
    "a",
    "a = ",
    "a = 1 b",
    "[a",
    "[[a]",
    "a = 1\na = 2",
    "[a]\n[a]",
    "a = [1",
    "a = {b = 1",
    'a = "x',
    'a = "\\d"',
    "?",
]


@pytest.mark.parametrize("text", BAD_FILES)
def test_the_reason_of_a_file_is_japanese(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    told = explain_toml(str(caught.value).partition(" (at ")[0])["ja"]
    assert told != translate("ja", NO_REASON), caught.value
    assert not re.search("[A-Za-z]{3}", told), told


def test_a_message_that_is_not_known_is_still_japanese() -> None:
    assert (
        explain_pattern("something new") == explain_toml("something new") == tell(NO_REASON) | {"en": "something new"}
    )


def test_the_error_of_a_setting_says_it_in_both_languages() -> None:
    data = defaults_of("pro", "pro", "pro").as_data()
    one = {"name": "f", "endpoint": "https://example.com/", "condition": [{"header": "To", "pattern": "a("}]}
    with pytest.raises(SettingsError) as caught:
        check_composition(data | {"inbound_webhook": [one]})
    message = caught.value.errors[0].message
    assert "（3 文字目: 「)」がありません）" in message["ja"] and "missing )" in message["en"]
