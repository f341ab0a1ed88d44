"""Letters that look the same and are written with different characters, as searches take them for one.

An accent or a voiced mark may be a character of its own (NFD, as macOS writes file names) or part of its letter (NFC).
Wave dash, minus and their like have two characters each in Unicode, by which table Japanese text was converted.
"""

import unicodedata

_OF_JIS = "〜−‖—¢£¬"
_OF_MICROSOFT = "～－∥―￠￡￢"
_TO_MICROSOFT = str.maketrans(_OF_JIS, _OF_MICROSOFT)
_TO_JIS = str.maketrans(_OF_MICROSOFT, _OF_JIS)


def unify(text: str) -> str:
    """The text in the one spelling that is compared: NFC, Microsoft's characters."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_TO_MICROSOFT)


def list_spellings(search: str) -> list[str]:
    """The ways in which `search` may stand in a column that is kept as it came; one for ASCII, at most four."""
    if search.isascii():
        return [search]
    forms = [unicodedata.normalize(form, search) for form in ("NFC", "NFD")]
    return list(dict.fromkeys(form.translate(table) for form in forms for table in (_TO_MICROSOFT, _TO_JIS)))
