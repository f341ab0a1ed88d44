"""Texts for people: English in the code (gettext's msgid), every other language in a catalogue of `translations`.

What is carried to a page, over the API or over a pipe is a Text: the same words in every language that has a catalogue.
Nothing is read at import: a table of texts holds their English, marked by `N_`, and `tell` makes a Text of it where it
is wanted. Catalogues are read once, when the first text is asked for.
"""

import gettext
from functools import cache
from pathlib import Path

#: A folder a language (`ja/LC_MESSAGES/messages.mo`), as gettext and Flask-Babel look for them.
FOLDER = Path(__file__).parent.parent / "translations"
DOMAIN = "messages"
SOURCE_LANGUAGE = "en"
DEFAULT_TIME_ZONE = "Asia/Tokyo"  # of times in texts, until another is chosen (ours)

#: Language → words.
Text = dict[str, str]


def N_(msgid: str) -> str:
    """The same text: a mark for those who gather what is to be translated (`packaging/dev.py translate`)."""
    return msgid


@cache
def list_languages() -> tuple[str, ...]:
    """The codes of all languages: those with a catalogue by name, then English."""
    found = sorted(path.parts[-3] for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (*found, SOURCE_LANGUAGE)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, FOLDER, [language], fallback=True)


def translate(language: str, msgid: str, **values: object) -> str:
    """The text in one language, its places (`%(name)s`) filled; a value may be a Text. Without values a % is a %.
    English where the language, or this text in it, is not there."""
    words = _catalogue(language).gettext(msgid) if msgid else ""  # gettext gives the catalogue's head for ""
    if not values:
        return words
    return words % {name: value[language] if isinstance(value, dict) else value for name, value in values.items()}


def tell(msgid: str, **values: object) -> Text:
    """The text in every language: {"ja": …, "en": …}."""
    return {language: translate(language, msgid, **values) for language in list_languages()}


def same(words: str) -> Text:
    """What is the same in every language: a name, an address, an answer of somebody else."""
    return dict.fromkeys(list_languages(), words)


class TellingError(Exception):
    """An error with a text for people: `message`, in every language. As a str it is English."""

    def __init__(self, message: Text) -> None:
        super().__init__(message[SOURCE_LANGUAGE])
        self.message = message
