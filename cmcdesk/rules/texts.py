"""A text of the page in both languages."""

Text = dict[str, str]


def both(ja: str, en: str) -> Text:
    """The same text in Japanese and English, as the page and the API carry it: {"ja", "en"}."""
    return {"ja": ja, "en": en}
