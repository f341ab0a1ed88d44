"""JSON as strangers send it: what could not be stored or walked through is no JSON here, which is an answer of 400."""

import json
from typing import Any

from flask.json.provider import DefaultJSONProvider

DEEPEST = 100  # tables in tables; settings need five


class StrictJson(DefaultJSONProvider):
    """Flask's own, with bounds on what it reads."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ValueError too for what is nested deeper than DEEPEST, and for half of a surrogate pair: such text can
        be written nowhere (RFC 8259 section 8.2)."""
        try:
            read = super().loads(s, **kwargs)
            json.dumps(read, ensure_ascii=False).encode("utf-8")
        except RecursionError:
            raise ValueError("nested too deeply") from None
        except UnicodeEncodeError:
            raise ValueError("half of a surrogate pair") from None
        if is_deep(read, DEEPEST):
            raise ValueError("nested too deeply")
        return read


def is_deep(value: Any, limit: int) -> bool:
    """Whether lists and tables are nested deeper than `limit`."""
    inside = [value]
    for _ in range(limit):
        inside = [
            each
            for one in inside
            if isinstance(one, (dict, list))
            for each in (one.values() if isinstance(one, dict) else one)
        ]
        if not inside:
            return False
    return any(isinstance(one, (dict, list)) for one in inside)
