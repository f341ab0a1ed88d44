"""Octets that nobody labelled."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmcdesk.mail.mime.guess import decode_utf_8, guess_charset, is_plainly_japanese, is_plainly_utf_8


@pytest.mark.parametrize(
    ("octets", "charset"),
    [
        (b"plain", "us-ascii"),
        ("日本語".encode("iso2022_jp"), "iso-2022-jp"),
        ("日本語".encode(), "utf-8"),
        ("ご注文の確認".encode("cp932"), "cp932"),
        ("ご注文の確認".encode("euc_jp"), "euc-jp"),
        ("résumé, Andréas".encode("latin-1"), "cp1252"),
        ("hello, world".encode("utf-16-le"), "utf-16-le"),
        ("hello, world".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_guess(octets: bytes, charset: str) -> None:
    assert guess_charset(octets) == charset


def test_a_hint_wins_where_the_octets_leave_a_choice() -> None:
    octets = "漢字".encode("euc_kr", "ignore") + "한국".encode("euc_kr")
    assert guess_charset(octets, hint="euc-kr") == "euc-kr"


def test_plain_cases() -> None:
    assert is_plainly_utf_8("あ".encode())
    assert not is_plainly_utf_8("é".encode())
    assert is_plainly_utf_8("é".encode(), any_length=True)
    assert is_plainly_japanese("テスト".encode("euc_jp"))
    assert not is_plainly_japanese("漢字".encode("cp932"))
    assert decode_utf_8(b"\xff") is None


@given(st.binary(max_size=200), st.sampled_from(["", "utf-8", "cp932", "euc-jp", "gb18030", "cp1252"]))
@settings(max_examples=200, deadline=None)
def test_every_guess_is_a_charset(octets: bytes, hint: str) -> None:
    octets.decode(guess_charset(octets, hint).replace("us-ascii", "ascii"), "replace")
