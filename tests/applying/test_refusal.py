"""Refusals as errors by field."""

from cmcdesk.applying.refusal import ApplyRefused, read_refusal, tell


def test_read_refusal_joins_composition_and_field() -> None:
    error = read_refusal({"composition": "pro", "field": "subdomain", "message": "taken"})
    assert (error.field, error.message) == ("pro.subdomain", {"ja": "taken", "en": "taken"})


def test_read_refusal_is_total() -> None:
    assert read_refusal({}).field == "mail_server"


def test_a_refusal_says_all_in_its_text() -> None:
    refused = ApplyRefused([tell("a", "あ", "first"), tell("b", "い", "second")])
    assert str(refused) == "a: first; b: second"
