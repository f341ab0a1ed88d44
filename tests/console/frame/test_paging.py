"""Reading what stands in an address."""

import pytest

from cmcdesk.console.frame.paging import choose_part, read_number, read_own_path


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("0", None), ("-1", None), ("x", None), ("", None), (None, None), ("٣", None), ("9" * 30, None)],
)
def test_numbers(text: str | None, number: int | None) -> None:
    assert read_number(text) == number


def test_parts() -> None:
    assert (
        choose_part("b", ("a", "b")) == "b" and choose_part("c", ("a",)) is None and choose_part(None, ("a",)) is None
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [("/mails?x=1", "/mails?x=1"), ("//evil", "/"), ("/\\evil", "/"), ("https://evil", "/"), ("mails", "/"), ("", "/")],
)
def test_paths_lead_nowhere_else(text: str, place: str) -> None:
    assert read_own_path(text, "/") == place
