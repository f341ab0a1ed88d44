"""Numbers are read as people type them; what is no number stays as it was typed."""

import pytest

from cmcdesk.rules.numbers import plain_number


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("1000", "1000"), ("1,000", "1000"), ("１０００", "1000"), ("１，０００", "1000"), (" 12 ", "12"),
        ("1,234,567", "1234567"), ("0.5", "0.5"), ("１，０００．５", "1000.5"), ("-3", "-3"), ("＋3", "+3"),
        # no numbers
        ("", ""), ("1,00", "1,00"), ("1,0000", "1,0000"), (",100", ",100"), ("1000,", "1000,"),
        ("12,345,67", "12,345,67"),
        ("1 000", "1 000"), ("10M", "10M"), ("many", "many"), ("¹", "1"), ("½", "½"), ("一", "一"), ("1e3", "1e3"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_typed(typed: str, plain: str) -> None:
    assert plain_number(typed) == plain
