"""Octets under right, wrong, unknown and missing labels."""

import pytest

from cmcdesk.mail.mime.charsets import decode_octets

TEXT = "お問い合わせの件、日本語のテストです。"


@pytest.mark.parametrize(
    "label", ["", "us-ascii", "iso-2022-jp", "Shift_JIS", "EUC-JP", "utf-8", "iso-8859-1", "x-nobody-knows"]
)
@pytest.mark.parametrize("codec", ["utf-8", "cp932", "euc_jp", "iso2022_jp"])
def test_japanese_is_read_whatever_the_label_says(label: str, codec: str) -> None:
    assert decode_octets(TEXT.encode(codec), label).text == TEXT


@pytest.mark.parametrize(
    "label", ["Shift_JIS", "x-sjis", '"windows-31j"', "MS932", "cp932", "SHIFT-JIS; format=flowed"]
)
def test_windows_characters_under_every_name_of_shift_jis(label: str) -> None:
    text = "①㈱髙﨑～－ﾊﾝｶｸ"
    assert decode_octets(text.encode("cp932"), label).text == text


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("中文测试", "gbk", "gb2312"),
        ("𠮷野家", "gb18030", "GB18030"),
        ("繁體中文", "big5", "Big5"),
        ("한국어", "euc_kr", "ks_c_5601-1987"),
        ("한국어 똠방각하", "cp949", "EUC-KR"),
        ("歐元€碁", "cp950", "Big5"),
        ("香港㗎啫", "big5hkscs", "big5"),
        ("한국어", "iso2022_kr", "ISO-2022-KR"),
        ("你好", "hz", "HZ-GB-2312"),
        ("日本 §", "utf-7", "UTF-7"),
        ("日本語です", "utf-16", "utf-16"),
        ("日本語です", "utf-16-le", "utf-16"),
        ("日本語です", "utf-16-be", "utf-16"),
        ("“smart” €", "cp1252", "iso-8859-1"),
        ("привет", "koi8_r", "koi8-r"),
        ("привет", "cp1251", "windows-1251"),
        ("ěšč", "iso8859_2", "ISO-8859-2"),
        ("สวัสดี", "cp874", "tis-620"),
    ],
)
def test_other_charsets(text: str, codec: str, label: str) -> None:
    assert decode_octets(text.encode(codec), label).text == text


@pytest.mark.parametrize(
    ("octets", "label", "text"),
    [
        (b"\xef\xbb\xbfabc", "utf-8", "abc"),
        (b"a\x00b", "", "a\x00b"),
        ("あい".encode()[:-1], "utf-8", "あ\ufffd"),  # cut by length
        ("あい".encode()[:-1] + b"\r\n", "utf-8", "あ\ufffd\r\n"),  # and a line end after it
        ("設定".encode()[:-1] + b"... (more)", "utf-8", "設\ufffd... (more)"),
        ("設定無し".encode()[:-2] + b"...", "", "設定無\ufffd..."),
        (b"caf\xe9 cr\xe8me\r\n", "utf-8", "café crème\r\n"),  # not a cut one
        (b"\xed\xa0\xbd\xed\xb8\x80", "utf-8", "😀"),  # CESU-8
        ("café à la".encode("latin-1"), "", "café à la"),
        ("テスト".encode("euc_jp"), "Shift_JIS", "テスト"),
        ("「受信間隔」".encode("euc_jp"), "Shift_JIS", "「受信間隔」"),  # no kana in it
        ("「受信間隔」".encode("cp932"), "iso-8859-1", "「受信間隔」"),
        ("渡邊".encode("cp932"), "iso-2022-jp", "渡邊"),
        ("Müller".encode("latin-1"), "iso-2022-jp", "Müller"),
        ("ﾌﾘｺﾐ ｶ)ﾔﾏﾀﾞ".encode("cp932"), "Shift_JIS", "ﾌﾘｺﾐ ｶ)ﾔﾏﾀﾞ"),
        ("ﾃｽﾄ".encode("cp932"), "Shift_JIS", "ﾃｽﾄ"),
        (b"$B$3$s(B", "iso-2022-jp", "こん"),
        (b"$B$3$s(B", "utf-8", "$B$3$s(B"),
        (b"+2AA-", "utf-7", "\ufffd"),  # half a surrogate pair is no character
    ],
)
def test_odd_octets(octets: bytes, label: str, text: str) -> None:
    assert decode_octets(octets, label).text == text


def test_the_charset_that_was_read_is_told() -> None:
    assert decode_octets(TEXT.encode(), "iso-2022-jp").charset == "utf-8"
    assert decode_octets(TEXT.encode("cp932"), "x-sjis").charset == "cp932"


def test_a_label_can_not_call_a_codec_that_is_no_charset() -> None:
    for label in ("zlib", "rot13", "hex", "unicode_escape", "base64", "punycode", "undefined", "idna"):
        assert decode_octets(b"\\u3042 abc", label).text == "\\u3042 abc"
