"""Leaves of strangers' mails as text."""

import pytest

from cmcdesk.mail.bounce.decoding import decode_body, strip_html, undo_transfer


@pytest.mark.parametrize(
    ("octets", "encoding", "charset"),
    [
        ("宛先不明".encode("iso2022_jp"), "7bit", "iso-2022-jp"),
        ("宛先不明".encode("iso2022_jp"), "", ""),
        ("送信先メールアドレスが見つかりませんでした".encode("euc_jp"), "7bit", "ISO-2022-JP"),  # as au's gateway does
        ("宛先不明".encode(), "8bit", "us-ascii"),
        (b"5a6b5YWI5LiN5piO", "base64", "utf-8"),
        (b"=E5=AE=9B=E5=85=88=E4=B8=8D=E6=98=8E", "quoted-printable", "utf-8"),
    ],
)
def test_japanese_is_read_as_what_it_is(octets: bytes, encoding: str, charset: str) -> None:
    text = decode_body(octets.decode("latin-1"), encoding, charset)
    assert text in ("宛先不明", "送信先メールアドレスが見つかりませんでした")


def test_undoing_the_transfer_encoding_keeps_octets() -> None:
    assert undo_transfer("RnJvbTogYQ0KDQpi", "base64") == "From: a\n\nb"


def test_html_becomes_lines_without_what_is_not_seen() -> None:
    page = "<head><title>x</title></head><style>p{}</style><p>Your mail to<br>&lt;a@b.example&gt;</p><!-- no --><td>y"
    assert strip_html(page) == "Your mail to\n<a@b.example>\ny"


def test_what_is_never_closed_ends_with_the_text() -> None:
    assert strip_html("a<style>b<style>c") == "a"
    assert strip_html("a < b") == "a < b"
