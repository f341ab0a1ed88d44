"""make_form: charsets, attachments, exact sizes, spam on purpose; all from the seed."""

import random
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from simulator.traffic.forms import Charset, FormOptions, make_form
from simulator.traffic.mail import Mail

from .conftest import Parse

CODECS = {
    "utf-8": "utf-8",
    "iso-2022-jp": "iso2022_jp",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "shift_jis": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jp",
}


def make(seed: int = 1, **options: Any) -> Mail:
    return make_form(random.Random(seed), FormOptions(**options))


@pytest.mark.parametrize("charset", get_args(Charset))
def test_subject_name_and_text_are_in_the_charset_asked_for(charset: Charset, parse: Parse) -> None:
    mail = make(charset=charset, subject="ご予約について", text="表示とソース、能力の件です。\n")
    message = parse(mail)
    octets = message.get_payload(decode=True)
    assert isinstance(octets, bytes)
    assert octets.decode(CODECS[charset]) == "表示とソース、能力の件です。\r\n"
    assert str(message.get_content_charset()).startswith(charset.removesuffix("-ms"))
    assert f"Subject: =?{charset.removesuffix('-ms')}?B?".lower().encode() in mail.octets.lower()
    assert message.defects == []


def test_half_width_kana_travels_in_shift_jis_and_in_the_outlook_kind_of_jis(parse: Parse) -> None:
    for charset in ("shift_jis", "iso-2022-jp-ms", "utf-8", "windows-31j", "euc-jp"):
        octets = parse(make(charset=charset, half_width=True)).get_payload(decode=True)
        assert isinstance(octets, bytes)
        assert any(0xFF61 <= ord(one) <= 0xFF9F for one in octets.decode(CODECS[charset]))


def test_windows_characters_are_those_of_nec_row_13(parse: Parse) -> None:
    octets = parse(make(charset="iso-2022-jp-ms", windows_characters=True)).get_payload(decode=True)
    assert isinstance(octets, bytes)
    assert b'\x1b$B-!-"-#\x1b(B' in octets  # ①②③ are row 13 (2D), cells 1 to 3 (JIS X 0208 plus NEC)
    assert octets.isascii()


def test_a_plain_jis_mail_refuses_what_jis_lacks() -> None:
    with pytest.raises(UnicodeEncodeError):
        make(charset="iso-2022-jp", text="㈱サンプル")


def test_seven_bits_are_refused_for_eight_bit_text() -> None:
    with pytest.raises(ValueError, match="7bit was asked for"):
        make(charset="euc-jp", encoding="7bit")


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_each_encoding_carries_the_same_text(encoding: str, parse: Parse) -> None:
    assert parse(make(encoding=encoding, text="件名=本文\n")).get_content() == "件名=本文\r\n"


@pytest.mark.parametrize("size", [3_000, 3_001, 9_999, 65_536, 1_048_576])
@pytest.mark.parametrize(
    "options", [{"encoding": "8bit"}, {"encoding": "base64"}, {"encoding": "quoted-printable"}, {"html": True}]
)
def test_sizes_are_exact_to_the_octet(size: int, options: dict[str, Any], parse: Parse) -> None:
    mail = make(size=size, **options)
    assert len(mail.octets) == size
    assert [part.defects for part in parse(mail).walk() if part.defects] == []
    assert max(map(len, mail.octets.split(b"\r\n"))) <= 998


def test_a_range_of_sizes_is_drawn_from() -> None:
    sizes = {len(make(seed, size=(3_000, 3_010)).octets) for seed in range(40)}
    assert sizes <= set(range(3_000, 3_011))
    assert len(sizes) > 5


def test_a_size_too_small_is_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match=r"size: 10 was asked for, but this form mail has \d+ octets"):
        make(size=10)


def test_an_ordinary_form_mail_breaks_no_spam_rule(parse: Parse) -> None:
    for seed in range(50):
        message = parse(make(seed, to="info@example.org"))
        assert message["From"].addresses[0].domain != "example.org"


def test_spam_on_purpose(parse: Parse) -> None:
    own, same = parse(make(spam="own-domain")), parse(make(spam="same-address"))
    assert own["From"].addresses[0].domain == "mailform.example.com"
    assert own["From"].addresses[0].addr_spec != own["To"].addresses[0].addr_spec
    assert same["From"].addresses[0].addr_spec == same["To"].addresses[0].addr_spec == "info@mailform.example.com"


def test_envelope_tag_customer_and_moment_are_the_callers(parse: Parse) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    mail = make(tag="web", customer="a@b.example", envelope_sender="", moment=moment)
    assert (mail.sender, mail.recipients) == ("", ("info+web@mailform.example.com",))
    assert parse(mail)["From"].addresses[0].addr_spec == "a@b.example"
    assert parse(mail)["Date"].datetime == moment


def test_html_is_an_alternative_to_the_same_text(parse: Parse) -> None:
    message = parse(make(html=True, attachments=("png",)))
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "image/png"]


def test_the_same_seed_gives_the_same_octets() -> None:
    options: dict[str, Any] = {"html": True, "attachments": ("text", "png", "pdf", "zip"), "size": (20_000, 30_000)}
    assert make(9, **options) == make(9, **options)
    assert make(9, **options).octets != make(10, **options).octets
