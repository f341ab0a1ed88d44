"""Encoded words as they are met in Japanese mail."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.mail.mime.words import MAX_VALUE, decode_field


def word(octets: bytes, charset: str) -> str:
    return f"=?{charset}?B?{base64.b64encode(octets).decode()}?="


JIS = "件名のテスト".encode("iso2022_jp")
UTF8 = "件名のテスト".encode()
BASE64 = base64.b64encode(UTF8).decode()


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (f"{word(JIS[:9], 'ISO-2022-JP')} {word(JIS[9:], 'iso-2022-jp')}", "件名のテスト"),  # escape state runs on
        (f"{word(JIS[:10], 'ISO-2022-JP')}\r\n\t{word(JIS[10:], 'ISO-2022-JP')}", "件名のテスト"),  # cut in a character
        (f"{word(JIS[:-3], 'ISO-2022-JP')} tail", "件名のテスト tail"),  # no escape back
        (f"{word(JIS[:-3], 'ISO-2022-JP')} {word(b'abc', 'ISO-2022-JP')}", "件名のテストabc"),
        (f"{word(UTF8[:7], 'utf-8')} {word(UTF8[7:], 'UTF-8')}", "件名のテスト"),
        (f"=?utf-8?B?{BASE64[:9]}?= =?utf-8?B?{BASE64[9:]}?=", "件名のテスト"),  # the base64 text was cut
        (f"=?utf-8?B?{BASE64[:6]} {BASE64[6:]}?=", "件名のテスト"),  # folded within
        ("=?utf-8?B?44GC44E?=", "あ\ufffd"),
        ("=?utf-8?b?44G!C?=", "あ"),
        ("Re:=?utf-8?Q?=e3=81=82_b c?=さん", "Re:あ b cさん"),
        ("=?utf-8*ja?Q?=E3=81=82?= =?utf-8?Q?a=3D?= =?utf-8?Q?what?why?=", "あa=what?why"),
        ('"=?utf-8?B?44GC?=" (=?utf-8?B?44GE?=)', '"あ" (い)'),
        ("=?x-unknown?Q?=82=A0=82=A2?=", "あい"),
        ("=?utf-8?B?44GC?= =?Shift_JIS?B?gqI=?=  plain", "あい  plain"),
        ("=?iso-2022-jp?B?GyRCLSEtahsoQg==?=", "①㈱"),
        ("=?utf-8?Q??=x =?utf-8?B??=", "x "),
        ("=?utf-8?B?44GC44GE", "あい"),  # cut by length
        ("=?nothing 1=?2", "=?nothing 1=?2"),
        ("=?utf-8?Q?a=0D=0ABcc:=20x?=", "a Bcc: x"),  # a line end in a word starts no field
    ],
)
def test_words(raw: str, text: str) -> None:
    assert decode_field(raw.encode()) == text.strip()
    assert decode_field(raw) == text.strip()


@pytest.mark.parametrize("codec", ["utf-8", "cp932", "euc_jp", "iso2022_jp"])
def test_raw_octets(codec: str) -> None:
    assert decode_field(b" " + "件名、表示のテスト".encode(codec) + b"\r\n") == "件名、表示のテスト"
    assert decode_field("件名".encode(codec) + b" =?utf-8?B?44GC?=") == "件名 あ"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b" a\r\n\tb\r\n c\r\n", "a\tb c"),
        (b"a\n b\x00\x07", "a b"),
        (b"a\rb", "a b"),
        (JIS[:8] + b"\r\n " + JIS[8:], "件名のテスト"),  # folded between characters of ISO-2022-JP
        (b"", ""),
    ],
)
def test_folding(raw: bytes, text: str) -> None:
    assert decode_field(raw) == text


@given(st.one_of(st.binary(max_size=200), st.from_regex(rb"(=\?(utf-8|iso-2022-jp|x)\?[bqBQ]\?[ -~]{0,20}\?= ?){0,5}")))
def test_total(raw: bytes) -> None:
    decode_field(raw).encode("utf-8")


@pytest.mark.parametrize("unit", [b"\r", b"\r\n ", b"=?", b"=?a?q?", b"=?utf-8?q?a?= ", b"\x1b$B", b"=?=?b?"])
def test_hostile_values_end(unit: bytes) -> None:
    decode_field(unit * 60_000)


def test_a_plain_value_is_whole_however_long_and_one_to_be_decoded_has_a_bound() -> None:
    assert decode_field(b" " + b"x" * 1_000_000 + b"\r\n y") == "x" * 1_000_000 + " y"
    assert len(decode_field("件".encode() * MAX_VALUE)) < MAX_VALUE
