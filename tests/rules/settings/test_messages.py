"""Both languages say the same: the same places, and every message has a use."""

import re
import string
from pathlib import Path

from cmcdesk.rules.settings.messages import MESSAGES, say


def places_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_two_languages_have_the_same_places() -> None:
    for code, (japanese, english) in MESSAGES.items():
        assert places_of(japanese) == places_of(english), code


def test_every_message_is_used_somewhere(root: Path) -> None:
    sources = [*(root / "cmcdesk/rules").rglob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in sources if path.name != "messages.py")
    unused = [code for code in MESSAGES if not re.search(rf"[\"']{code}[\"']", text)]
    assert unused == []


def test_say_fills_the_places() -> None:
    assert say("too_long", limit=5) == {
        "ja": "長すぎます。5 文字以内で指定してください",
        "en": "is too long; at most 5 characters",
    }
