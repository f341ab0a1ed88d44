"""What a person at a terminal is told, in the language of the locale."""

import os
import re
import threading
from collections.abc import Callable, Sequence

from cmcdesk.processes.placing import Placement
from cmcdesk.rules.texts import SOURCE_LANGUAGE, Text, list_languages, translate


def choose_language() -> str:
    """The language of the locale's messages (POSIX order of the variables) where it has a catalogue, else en."""
    chosen = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    locale = re.split("[.@]", chosen)[0]  # ja_JP.eucJP@modifier
    known = list_languages()
    return next((code for code in (locale, locale.partition("_")[0]) if code in known), SOURCE_LANGUAGE)


def in_locale(text: Text | str, **values: object) -> str:
    """The text in the language of the locale: out of all languages, or of its English."""
    language = choose_language()
    return translate(language, text, **values) if isinstance(text, str) else text[language]


def describe_place(place: Placement, language: str) -> str:
    """One line: where a composition takes mails and relays them, or why it does not."""
    told = f"{place.name}: {_describe_receiving(place, language)}"
    if place.relay:
        return told + translate(language, ", relay %(place)s", place=place.relay)
    if place.relay_reason:
        return told + translate(language, "; not relaying: %(reason)s", reason=place.relay_reason)
    return told


def _describe_receiving(place: Placement, language: str) -> str:
    if place.receiving:
        return f"SMTP {place.receiving}"
    deaf = translate(language, "not receiving")
    return f"{deaf}: {place.reason[language]}" if place.reason else deaf


class PlaceTeller:
    """Tells all places when it is called first, later what changed. `list_places` is `Desk.placements`."""

    def __init__(self, list_places: Callable[[], Sequence[Placement]], tell: Callable[[str], None]) -> None:
        self._list_places = list_places
        self._tell = tell
        self._language = choose_language()
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self) -> None:
        """Look and tell; from any thread."""
        with self._lock:
            lines = [describe_place(place, self._language) for place in self._list_places()]
            before, self._told = self._told, set(lines)
            for line in lines:
                if line not in before:
                    self._tell(line)
