"""Every message has a use, and its places are filled in every language."""

import re
from pathlib import Path

from cmcdesk.rules.settings.messages import MESSAGES, tell_code


def test_every_message_is_used_somewhere(root: Path) -> None:
    sources = [*(root / "cmcdesk/rules").rglob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in sources if path.name != "messages.py")
    unused = [code for code in MESSAGES if not re.search(rf"[\"']{code}[\"']", text)]
    assert unused == []


def test_a_code_is_told_with_its_places_filled() -> None:
    assert tell_code("too_long", limit=5) == {
        "ja": "長すぎます。5 文字以内で指定してください",
        "en": "is too long; at most 5 characters",
    }
