"""Transfer encodings, sound and damaged."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.mail.mime.transfer import decode_base64, decode_quoted_printable, decode_transfer, name_encoding


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (" Base64\r\n", "base64"),
        ("BASE-64;", "base64"),
        ('"quoted-printable"', "quoted-printable"),
        ("", "7bit"),
        ("x-odd", ""),
        ("(as ever) BASE64 (really)", "base64"),
        ("quoted printable", "quoted-printable"),
        ("base64, 8bit", "base64"),
    ],
)
def test_name_encoding(value: str, name: str) -> None:
    assert name_encoding(value) == name


@pytest.mark.parametrize(
    ("encoded", "octets"),
    [
        (b"QUJD\r\nRA==", b"ABCD"),
        (b"QUJDRA", b"ABCD"),  # no padding
        (b"QUJDR", b"ABC"),  # one character too many
        (b"QU*JD!RA==", b"ABCD"),
        (b"QUI=\r\nQUI=\r\n", b"ABAB"),  # two pieces joined
        (b"QUI=\r\n-- \r\nlist footer\r\n", b"AB"),
        (b"", b""),
        (b"====", b""),
    ],
)
def test_base64(encoded: bytes, octets: bytes) -> None:
    assert decode_base64(encoded) == octets


def test_text_that_is_called_base64_and_is_not() -> None:
    assert decode_transfer("これは平文".encode("iso2022_jp"), "base64") == "これは平文".encode("iso2022_jp")
    assert decode_transfer("これは平文".encode(), "base64") == "これは平文".encode()


@pytest.mark.parametrize(
    "footer",
    [
        b"\r\n_______________\r\nML mailing list\r\nhttps://lists.example.jp/ml\r\n",
        "\r\n-- \r\nこのメールは検査済みです。\r\n".encode("iso2022_jp"),
        "\r\nこのメールは検査済みです。\r\n".encode(),
    ],
)
@pytest.mark.parametrize("text", ["本文です!", "本文です" * 9, "本文です。" + "あ" * 60])
def test_a_footer_in_the_clear_behind_base64_costs_nothing(text: str, footer: bytes) -> None:
    encoded = base64.encodebytes(text.encode()).replace(b"\n", b"\r\n")
    assert decode_transfer(encoded + footer, "base64") == text.encode()


@pytest.mark.parametrize("text", ["Dear\r\n\r\n山田です。", "TestMail\r\n\r\n山田です。", "\r\n\r\n山田"])
def test_a_greeting_in_the_clear_is_no_base64(text: str) -> None:
    assert decode_transfer(text.encode(), "base64") == text.encode()


@pytest.mark.parametrize(
    ("encoded", "octets"),
    [
        (b"=E3=81=82=e3=81=84", "あい".encode()),
        (b"a=\r\nb=  \r\nc  \r\nd", b"abc\r\nd"),
        (b"1==2 =zz 100%=", b"1==2 =zz 100%"),
        (b"a==E3", b"a=\xe3"),
    ],
)
def test_quoted_printable(encoded: bytes, octets: bytes) -> None:
    assert decode_quoted_printable(encoded) == octets


def test_uuencode_and_what_nobody_knows() -> None:
    assert decode_transfer(b"begin 644 a.txt\r\n#04)#\r\n`\r\nend\r\n", "uuencode") == b"ABC"
    assert decode_transfer(b"no begin", "uuencode") == b"no begin"
    assert decode_transfer(b"=41", "") == b"=41"


@given(st.binary(max_size=300))
def test_base64_comes_back(octets: bytes) -> None:
    assert decode_transfer(base64.encodebytes(octets), "base64") == octets


@given(st.binary(max_size=300), st.sampled_from(["base64", "quoted-printable", "uuencode", "7bit", ""]))
def test_total(octets: bytes, encoding: str) -> None:
    assert isinstance(decode_transfer(octets, encoding), bytes)
    assert isinstance(decode_transfer(b"begin 644 a\n" + octets, encoding), bytes)
