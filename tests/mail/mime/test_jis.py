"""ISO-2022-JP and EUC-JP: the standard's characters, Windows', and the slips of old mailers."""

import pytest

from cmcdesk.mail.mime import jis


def read(octets: bytes) -> str:
    return jis.decode_iso_2022_jp(octets, lambda rest: rest.decode("cp932", "replace"))


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("日本語〜−".encode("iso2022_jp"), "日本語〜−"),  # to the standard: U+301C, U+2212
        (b"\x1b$B-!-j!A\x1b(B", "①㈱～"),  # NEC row 13 tells of Windows: U+FF5E
        (b"\x1b$B|byu\x1b(B", "髙﨑"),  # NEC selected IBM characters
        (b"\x1b(I6E\x1b(B!", "ｶﾅ!"),
        (b"\x0e6E\x0f!", "ｶﾅ!"),  # JIS X 0201 by SO and SI
        (b"\x1b$@F|K\\\x1b(J\\~", "日本¥‾"),
        (b'\x1b$(D"o\x1b(B', "™"),  # JIS X 0212
        (b'\x1b$B$"', "あ"),  # no escape back to ASCII
        (b'\x1b$B$"\r\nab cd', "あ\r\nab cd"),  # forgotten at the line end
        (b'\x1b$B$"\n$$\x1b(B', "あ\nい"),  # two lines in one stretch
        (b'\x1b$B$"$\n $$&\x1b(B', "あいう"),  # a fold in the middle of a character
        (b'\x1b$B$"$\x1b(B', "あ\ufffd"),
        (b'abc\x83\x65\x1b$B$"\x1b(B', "abcテあ"),  # a stretch of Shift_JIS
    ],
)
def test_iso_2022_jp(octets: bytes, text: str) -> None:
    assert read(octets) == text


def test_every_cell_of_the_table_is_what_cp932_has() -> None:
    """Row and cell of each double-octet character that cp932 has below its user rows, by the rule of the two codes."""
    compared = 0
    for row in range(0x21, 0x7F):
        for cell in range(0x21, 0x7F):
            euc = bytes((row | 0x80, cell | 0x80))
            try:
                standard = euc.decode("euc_jp")
            except UnicodeDecodeError:
                continue
            mine = jis._decode_pairs(bytes((row, cell)))
            compared += 1
            assert mine == standard or standard in "〜‖−¢£¬"
    assert compared == 6879


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("日本〜".encode("euc_jp"), "日本〜"),
        (b"\xad\xa1\xad\xea\xa1\xc1", "①㈱～"),
        (b"\x8f\xf3\xf3\x8f\xf4\xab\x8f\xf4\xbd\xb0\xa1", "ⅰ㈱﨑亜"),  # eucJP-ms
        (b"\xfc\xe2\x8e\xb1", "髙ｱ"),  # CP51932
        (b"\xa4\xa2\xa4", "あ\ufffd"),
    ],
)
def test_euc_jp(octets: bytes, text: str) -> None:
    assert jis.decode_euc_jp(octets) == text


def test_lost_escapes_come_back_only_where_they_fit() -> None:
    assert read(jis.restore_lost_escapes(b"$B$3$s(B ok")) == "こん ok"
    assert jis.restore_lost_escapes(b"cost $B~~(B") == b"cost $B~~(B"
