"""Charset labels as they are written."""

import codecs

import pytest

from cmcdesk.mail.mime.labels import _FAMILIES, find_codec


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("UTF8", "utf-8"),
        ('"utf-8;"', "utf-8"),
        ("utf-8*ja", "utf-8"),
        ("x-euc-jp", "euc-jp"),
        ("ISO_8859-1:1987", "cp1252"),
        ("iso8859-15", "iso8859-15"),
        ("Windows-1250", "cp1250"),
        ("cp437", "cp437"),
        ("", ""),
        ("zlib", ""),
        ("cp99999", ""),
        ("é", ""),
    ],
)
def test_find_codec(label: str, codec: str) -> None:
    assert find_codec(label) == codec


def test_every_family_is_a_text_codec_and_its_own_alias() -> None:
    for family in _FAMILIES:
        assert codecs.lookup(family)._is_text_encoding
        assert find_codec(family) == family
