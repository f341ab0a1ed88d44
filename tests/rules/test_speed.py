"""配信速度: which filter a destination falls under."""

from typing import Any

import pytest

from cmcdesk.rules.settings import SpeedFilter
from cmcdesk.rules.speed import DEFAULT_SPEED, Speed, Speeds


def speed_filter(name: str, *patterns: str, **other: Any) -> SpeedFilter:
    return SpeedFilter(name=name, patterns=list(patterns), **other)


SPEEDS = Speeds.of(
    [
        speed_filter("carriers", r"@docomo\.ne\.jp$", r"@ezweb\.ne\.jp$", max_connections=2, interval_ms=500),
        speed_filter("google", r"\.google\.com$", match_host=True, max_connections=20, interval_ms=10),
        speed_filter("all of example", r"example\.(net|org)$", max_connections=1, interval_ms=10000),
        speed_filter("never", r"@docomo\.ne\.jp$"),
    ]
)


@pytest.mark.parametrize(
    ("address", "host", "found"),
    [
        ("taro@docomo.ne.jp", "mx.docomo.ne.jp", Speed("carriers", 2, 0.5)),  # the first of two
        ("taro@EZWEB.ne.jp", "", Speed("carriers", 2, 0.5)),  # any of the patterns, whatever the case
        ("info@example.com", "aspmx.l.google.com", Speed("google", 20, 0.01)),  # by its MX host
        ("info@mail.google.com", "mx.example.com", DEFAULT_SPEED),  # an address is no host
        ("info@example.org", "aspmx.l.google.com", Speed("google", 20, 0.01)),
        ("info@example.org", "", Speed("all of example", 1, 10.0)),
        ("info@example.com", "", DEFAULT_SPEED),
    ],
)
def test_the_first_filter_with_a_pattern_that_is_found_counts(address: str, host: str, found: Speed) -> None:
    assert SPEEDS.find(address, host) == found
    assert SPEEDS.find(address, host) == found  # remembered


def test_without_filters_all_have_the_default() -> None:
    assert Speeds.of([]).find("taro@docomo.ne.jp", "") == DEFAULT_SPEED


def test_a_pattern_that_runs_away_is_no_match() -> None:
    speeds = Speeds.of([speed_filter("slow", "(a|aa)+$")])
    for number in range(5):
        assert speeds.find("a" * (200 + number) + "!", "") == DEFAULT_SPEED
    assert [(one.filter, one.header, one.text) for one in speeds.set_aside()] == [("slow", "RCPT TO", "(a|aa)+$")]
    assert SPEEDS.set_aside() == []
