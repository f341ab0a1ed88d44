"""Numbers as people type them into a form."""

import re
import unicodedata

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}|[0-9]{1,3}(?:,[0-9]{3}){1,12})(?:\.[0-9]{1,40})?")


def plain_number(text: str) -> str:
    """A number that was typed full-width or with separators of thousands ("1,000"), in plain ASCII digits; other text
    as it is, without spaces around it."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return plain.replace(",", "") if _NUMBER.fullmatch(plain) else text.strip()
