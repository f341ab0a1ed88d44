"""Forms send strings; typed data comes out, and what cannot be typed stays as it was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.rules.settings import SettingsError, check_composition, read_form
from cmcdesk.rules.settings.form import plain_date, plain_number, read_form_value


def test_a_whole_form() -> None:
    data = read_form(
        [
            ("name", "pro"),
            ("receiving.max_sessions", "10"),
            ("receiving.interval_ms", "１００ "),
            ("receiving.inbound_domains", "mailform.example.com\r\n\r\n  form2.example.com \r\n"),
            ("advanced.envelope_from.rewrite", "false"),
            ("advanced.envelope_from.rewrite", "true"),
            ("inbound_webhook[4].name", "受信"),
            ("inbound_webhook[4].endpoint", "https://example.com/"),
            ("inbound_webhook[4].condition[2].header", "To"),
            ("inbound_webhook[4].condition[2].pattern", " a b "),
            ("inbound_webhook[4].condition[10].header", "Subject"),
            ("inbound_webhook[4].condition[10].pattern", "x"),
        ]
    )
    assert data == {
        "name": "pro",
        "receiving": {
            "max_sessions": 10,
            "interval_ms": 100,
            "inbound_domains": ["mailform.example.com", "form2.example.com"],
        },
        "advanced": {"envelope_from": {"rewrite": True}},
        "inbound_webhook": [
            {
                "name": "受信",
                "endpoint": "https://example.com/",
                "condition": [{"header": "To", "pattern": " a b "}, {"header": "Subject", "pattern": "x"}],
            }
        ],
    }
    assert check_composition(data).receiving.max_sessions == 10


@pytest.mark.parametrize("text", ["", "ten", "1.5", "0x10", "1e3", "1 000", "9" * 30])
def test_what_is_no_number_is_told_as_it_was_typed(text: str) -> None:
    assert read_form_value("receiving.max_sessions", text) == text
    with pytest.raises(SettingsError) as refused:
        check_composition({"name": "pro", "receiving": {"max_sessions": text}})
    assert refused.value.errors[0].field == "receiving.max_sessions"


def test_a_number_out_of_range_is_told_as_such() -> None:
    data = read_form([("name", "pro"), ("receiving.max_sessions", "-5")])
    with pytest.raises(SettingsError, match="out of range"):
        check_composition(data)


@given(st.lists(st.tuples(st.text(alphabet="ab.[]01", max_size=8), st.text(max_size=5)), max_size=6))
def test_read_form_is_total(fields: list[tuple[str, str]]) -> None:
    assert isinstance(read_form(fields), dict | list)


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


def test_dates_and_times_may_be_typed_full_width() -> None:
    assert plain_date("　２０２６－１１－３０　０６：３０ ") == "2026-11-30 06:30"
