"""Sizes, filling, stamps."""

import random

import pytest

from simulator.load.source import BadSize, Sizes, fill, make_plain, make_pool, parse_sizes, prepare
from simulator.traffic.mail import Mail


@pytest.mark.parametrize(
    ("text", "sizes"),
    [("2048", Sizes(2048, 2048)), ("100k", Sizes(102400, 102400)), ("1K-2M", Sizes(1024, 2 * 1024**2))],
)
def test_sizes(text: str, sizes: Sizes) -> None:
    assert parse_sizes(text) == sizes


@pytest.mark.parametrize("text", ["", "0", "2k-1k", "-5", "1-2-3", "many", "1.5k"])
def test_bad_sizes_are_told(text: str) -> None:
    with pytest.raises(BadSize):
        parse_sizes(text)


@pytest.mark.parametrize("length", [2, 3, 76, 77, 78, 79, 80, 154, 155, 1000])
def test_filling_is_exact_and_made_of_whole_short_lines(length: int) -> None:
    text = fill(length)
    assert len(text) == length
    assert text.endswith(b"\r\n")
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert max(len(line) for line in text.split(b"\r\n")) <= 80


def test_a_size_too_small_is_told() -> None:
    with pytest.raises(BadSize):
        make_pool(make_plain("a@example.com", ["b@example.com"]), random.Random(1), 1, Sizes(40, 40))


def test_a_folded_message_id_gives_way_and_one_in_the_text_stays() -> None:
    octets = b"Subject: x\r\nMessage-ID:\r\n <own@example.com>\r\n\r\nMessage-ID: <text@example.com>\r\n"
    mail = prepare(lambda rng, size: Mail("a@example.com", ("b@example.com",), octets), random.Random(1), None, True)
    assert mail.octets == b"Subject: x\r\n\r\nMessage-ID: <text@example.com>\r\n"
    assert mail.declared_size == mail.size


def test_a_lie_about_the_size_is_declared_as_told() -> None:
    pool = make_pool(make_plain("", ["b@example.com"]), random.Random(1), 1, Sizes(500, 500), declare=9_999_999)
    mail, stamp = pool.take(0)
    assert (mail.size, mail.declared_size) == (500, 9_999_999)
    assert len(stamp) + len(mail.octets) == 500
