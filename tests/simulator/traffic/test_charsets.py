"""Octets and encoded-words in the charsets of Japanese mail."""

from email.header import decode_header, make_header

import pytest

from simulator.traffic.charsets import encode_text, encode_words, write_base64, write_quoted


@pytest.mark.parametrize(
    ("charset", "text", "octets"),
    [
        ("shift_jis", "表ｱ", b"\x95\x5c\xb1"),
        ("euc-jp", "表ｱ", b"\xc9\xbd\x8e\xb1"),
        ("iso-2022-jp", "表", b"\x1b$BI=\x1b(B"),
        ("iso-2022-jp-ms", "表ｱ①A", b"\x1b$BI=\x1b(B\x1b(I1\x1b(B\x1b$B-!\x1b(BA"),
        ("iso-2022-jp-ms", "髙", b"\x1b$B|b\x1b(B"),
        ("windows-31j", "㈱", b"\x87\x8a"),
    ],
)
def test_octets_are_those_of_the_standard(charset: str, text: str, octets: bytes) -> None:
    assert encode_text(text, charset) == octets


def test_the_arithmetic_agrees_with_the_codec_for_all_of_jis_x_0208() -> None:
    for row in range(0x21, 0x75):
        for cell in range(0x21, 0x7F):
            octets = b"\x1b$B" + bytes((row, cell)) + b"\x1b(B"
            try:
                text = octets.decode("iso2022_jp")
                text.encode("cp932")
            except UnicodeError:
                continue
            assert encode_text(text, "iso-2022-jp-ms") == octets, text


def test_what_windows_lacks_too_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode_text("한", "iso-2022-jp-ms")


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp", "shift_jis", "euc-jp"])
def test_encoded_words_keep_to_75_octets_and_read_back(charset: str) -> None:
    text = "長い件名を折りたたむときには、文字の途中で切ってはなりません。" * 3
    words = encode_words(text, charset)
    assert max(map(len, words.split("\r\n "))) <= 75
    assert str(make_header(decode_header(words.replace("\r\n ", " ")))) == text


def test_ascii_is_left_alone() -> None:
    assert encode_words("Hello", "iso-2022-jp") == "Hello"


def test_transfer_encodings() -> None:
    assert write_base64("é", "utf-8") == "w6k=\n"
    assert write_quoted("é=", "iso-8859-1") == "=E9=3D"
