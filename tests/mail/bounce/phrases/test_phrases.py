"""The notation of the tables."""

import pytest

from cmcdesk.mail.bounce.phrases.phrases import Cause, compile_rows, find_cause, make_flat


def is_found(phrase: str, text: str) -> bool:
    return find_cause(compile_rows((Cause(1, "row", (phrase,)),)), make_flat(text)) is not None


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("user unknown", "550 USER-UNKNOWN"),
        ("user unknown", "User_Unknown: nobody"),
        ("user doesnt exist", "the user doesn't exist"),
        ("attachment", "two attachments"),
        ("mailbox … full", "mailbox of taro is full"),
        ("virus|", "a virus was found"),
        ("@p nosuchuser", "see https://support.google.com/mail/?p=NoSuchUser for more"),
        ("宛先が見つかりません", "宛先が見つか\n  りません"),
        ("@dest example", "<a@dest.example>"),
    ],
)
def test_it_is_found(phrase: str, text: str) -> None:
    assert is_found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("user unknown", "superuser unknown"),
        ("virus|", "InterScan VirusWall"),
        ("mailbox … full", "full mailbox"),
        ("mailbox … full", "mailbox " + "x " * 60 + "full"),
        ("user unknown", "<user-unknown@dest.example>"),
        ("spam", "see https://spam.example/why"),
        ("dul", "duly noted"),
    ],
)
def test_it_is_not_found(phrase: str, text: str) -> None:
    assert not is_found(phrase, text)


def test_the_first_row_wins() -> None:
    rows = compile_rows((Cause(1, "one", ("full",)), Cause(2, "two", ("mailbox",))))
    found = find_cause(rows, make_flat("mailbox full"))
    assert found is not None
    assert found[0].name == "one"


def test_a_short_word_of_korean_is_open_at_its_end() -> None:
    rows = compile_rows((Cause(5, "full", ("용량 … 초과",)), Cause(2, "row", ("no … it",))))
    assert find_cause(rows, make_flat("편지함 용량이 초과되었습니다")) is not None
    assert find_cause(rows, make_flat("nothing itself")) is None
