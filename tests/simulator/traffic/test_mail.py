"""The mail that bounced."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from simulator.traffic.mail import Filler, Mail, OriginalOptions, fill_original, make_original, read_original

DATE = datetime(2026, 4, 5, tzinfo=UTC)
OPTIONS = OriginalOptions("bounce@return.example.com", "info@example.com", "a@b.example")


def test_a_made_mail_is_seven_bit_and_reads_back_as_itself() -> None:
    original = make_original(random.Random(1), OPTIONS, DATE)
    assert original.octets.isascii()
    read = read_original(Mail(original.sender, ("a@b.example",), original.octets))
    assert replace(read, subject=original.subject, header_from=original.header_from) == original
    assert read.octets == original.header + b"\r\n" + original.body


@pytest.mark.parametrize("octets", [0, 1, 75, 76, 77, 5000])
def test_a_filler_in_the_body_is_exact(octets: int) -> None:
    original = make_original(random.Random(1), OPTIONS, DATE)
    filled = fill_original(original, Filler(octets))
    assert len(filled.octets) == len(original.octets) + octets
    assert filled.header == original.header


@pytest.mark.parametrize("octets", [13, 90, 5000])
def test_a_filler_in_the_header_is_exact(octets: int) -> None:
    original = make_original(random.Random(1), OPTIONS, DATE)
    filled = fill_original(original, Filler(octets, in_header=True))
    assert len(filled.header) == len(original.header) + octets
    assert filled.body == original.body


def test_a_field_shorter_than_its_name_is_refused() -> None:
    with pytest.raises(ValueError, match="too few for a header field"):
        fill_original(make_original(random.Random(1), OPTIONS, DATE), Filler(5, in_header=True))
