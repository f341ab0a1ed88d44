"""Dates and tokens."""

import random
import uuid
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from simulator.traffic.seeds import draw_moment, draw_token, draw_uuid, format_date

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
