"""What of a mail is searched, and the terms that ask for it."""

import sqlite3

import pytest

from cmcdesk.store.search.entry import (
    PIECES,
    TEXT_LENGTH,
    ask_for_fields,
    ask_for_marks,
    ask_for_text,
    clean_for_search,
    extract_text,
    is_indexed,
    list_spellings,
    unify,
    write_marks,
)


def test_the_text_is_what_a_reader_sees() -> None:
    plain = "Subject: x\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n本文です".encode("iso-2022-jp")
    assert extract_text(plain) == "本文です"
    html = b"Content-Type: text/html\r\n\r\n<style>hidden</style><p>shown &amp; <b>bold</b></p>"
    assert "shown & bold" in extract_text(html) and "hidden" not in extract_text(html)


@pytest.mark.parametrize("octets", [b"", b"\xff\x00", b"Content-Type: multipart/mixed\r\n\r\n"])
def test_any_octets_have_a_text(octets: bytes) -> None:
    assert isinstance(extract_text(octets), str)


def test_a_long_text_is_cut() -> None:
    assert len(extract_text(b"Subject: x\r\n\r\n" + b"word " * 50_000)) == TEXT_LENGTH


def test_what_is_too_short_or_unsayable_is_not_asked_of_the_index() -> None:
    assert [is_indexed(search) for search in ("ab", "受信", "abc", "a\0bc")] == [False, False, True, False]
    assert clean_for_search("a\0b\ud800") == "a b?"


def test_the_rarest_pieces_are_asked_for() -> None:
    sample = ["user1@EXAMPLE.com", "user2@example.com", "other1@example.com"]
    terms = ask_for_fields("user77@example.com", sample)
    assert set(terms) == {'"r77"', '"77@"', '"7@e"', '"er7"', '"use"'}
    assert ask_for_fields("abcdef") == ['"abc"', '"def"', '"bcd"', '"cde"'], (
        "without a sample first what overlaps least"
    )


def test_a_long_search_asks_for_a_bounded_number_of_pieces() -> None:
    assert ask_for_fields("abcd") == ['"abc"', '"bcd"'] and ask_for_fields("") == []
    assert len(ask_for_fields("".join(map(chr, range(0x4E00, 0x4E00 + 200))))) <= PIECES


@pytest.mark.parametrize("search", ['say "so"', "a OR b", "NEAR(a b)", "col:abc", "-abc*", "100% _x", "(((", '"""'])
def test_no_search_is_syntax(search: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE x USING fts5(t, content='', columnsize=0, tokenize='trigram')")
    connection.execute("INSERT INTO x(rowid, t) VALUES(5, ?)", (f"before {search} after" + write_marks(1, 2),))
    for terms in (ask_for_text(search), ask_for_fields(search)):
        match = " AND ".join([*terms, *ask_for_marks(1, "inbound")])
        assert connection.execute("SELECT rowid FROM x WHERE x MATCH ?", (match,)).fetchall() == [(5,)]
        match = " AND ".join([*terms, *ask_for_marks(1, "bounce")])
        assert connection.execute("SELECT rowid FROM x WHERE x MATCH ?", (match,)).fetchall() == []
    connection.close()


GA_NFC, GA_NFD = "\u304c", "\u304b\u3099"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (GA_NFC, GA_NFD),
        ("caf\u00e9", "cafe\u0301"),
        ("10\u301c20", "10\uff5e20"),
        ("\u2212", "\uff0d"),
        ("\u2016", "\u2225"),
        ("\u2014", "\u2015"),
    ],
)
def test_two_spellings_are_one_and_each_finds_the_other(one: str, other: str) -> None:
    assert unify(one) == unify(other)
    assert other in list_spellings(one)
    assert one in list_spellings(other)


def test_ascii_has_one_spelling_and_nothing_else_becomes_another() -> None:
    assert list_spellings("a~-b") == ["a~-b"]
    assert unify("a~-b") == "a~-b"
    assert unify("ＡＢＣ①ｶﾞ") == "ＡＢＣ①ｶﾞ"  # full and half width stay apart
    assert len(list_spellings("\u304c\u301c")) == 4
