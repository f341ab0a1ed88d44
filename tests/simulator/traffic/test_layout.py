"""Folding, joining, line ends."""

import random
import uuid
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from simulator.traffic.layout import declare_8bit, draw_moment, draw_token, draw_uuid, fold, format_date, join, use_crlf


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


MOMENT = datetime(2026, 5, 2, 10, 35, 6, tzinfo=UTC)


def test_dates_are_of_rfc_5322_in_japanese_time() -> None:
    assert format_date(MOMENT) == "Sat, 2 May 2026 19:35:06 +0900"
    assert format_date(MOMENT, comment="JST") == "Sat, 2 May 2026 19:35:06 +0900 (JST)"


def test_any_drawn_moment_reads_back() -> None:
    rng = random.Random(1)
    for _ in range(500):
        moment = draw_moment(rng)
        assert parsedate_to_datetime(format_date(moment)) == moment


def test_identifiers_are_of_their_kind() -> None:
    assert uuid.UUID(draw_uuid(random.Random(2))).version == 4
    assert set(draw_token(random.Random(3), 200, "ab")) == {"a", "b"}
