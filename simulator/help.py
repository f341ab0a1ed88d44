"""The help of cmcsim in the language of the locale: English in the code, the others in `translations`.

The simulator shares no code with cmcdesk, so it has its own catalogue; `packaging/dev.py translate` makes both.
"""

import gettext
import inspect
import os
from pathlib import Path
from typing import Any

import click

FOLDER = Path(__file__).parent / "translations"
DOMAIN = "messages"  # click's own words are looked up under this name


class SpokenGroup(click.Group):
    """A group whose help, and that of all below it, is in the language of the locale."""

    def make_context(self, *given: Any, **more: Any) -> click.Context:
        """Before anything is read or said."""
        speak(self)
        return super().make_context(*given, **more)


def speak(command: click.Command) -> None:
    """Put the help of this command, its options and the commands below it into the language of the locale."""
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    words = gettext.translation(DOMAIN, FOLDER, [choose_locale()], fallback=True)
    _put(command, words)


def choose_locale() -> str:
    """That of messages, by the order of POSIX, without its charset."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next((os.environ[name] for name in names if os.environ.get(name)), "C").partition(".")[0]


def _put(command: click.Command, words: gettext.NullTranslations) -> None:
    command.help = _say(command.help, words)
    for each in command.params:
        if isinstance(each, click.Option):
            each.help = _say(each.help, words)
    for below in getattr(command, "commands", {}).values():
        _put(below, words)


def _say(text: str | None, words: gettext.NullTranslations) -> str:
    """A paragraph that click shows as it is written (it begins with a backspace) stays so."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    folded = "\n\n".join(each if each.startswith("\b") else " ".join(each.split()) for each in paragraphs)
    return words.gettext(folded) if folded else ""
