"""Folding, joining, line ends."""

import pytest

from simulator.traffic.layout import declare_8bit, fold, join, use_crlf


def test_long_reasons_are_folded_and_long_words_stay_whole() -> None:
    assert fold("aaa bbb ccc", 7, "  ") == "aaa bbb\n  ccc"
    assert fold("x-" * 50, 20, " ") == "x-" * 50


def test_any_line_end_becomes_crlf_once() -> None:
    assert use_crlf(b"a\nb\r\nc\rd") == b"a\r\nb\r\nc\r\nd"


def test_text_beyond_ascii_is_not_joined_by_chance() -> None:
    assert join("a", b"\xe9") == b"a\xe9"
    with pytest.raises(UnicodeEncodeError):
        join("é")


def test_eight_bit_is_declared_only_where_it_is() -> None:
    assert declare_8bit(b"abc") == ""
    assert declare_8bit(b"\xe9") == "Content-Transfer-Encoding: 8bit\n"
