"""Half-width kana."""

from simulator.traffic.form_texts import CUSTOMERS, narrow_kana


def test_voiced_kana_become_two_characters() -> None:
    assert narrow_kana("ヤマダ タロウ、パーティー") == "ﾔﾏﾀﾞ ﾀﾛｳ､ﾊﾟｰﾃｨｰ"


def test_no_reading_of_a_customer_stays_full_width() -> None:
    assert [
        one.kana for one in CUSTOMERS if any(0x30A0 <= ord(letter) <= 0x30FF for letter in narrow_kana(one.kana))
    ] == []
