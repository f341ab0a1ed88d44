"""Attachments are real files, and their names are written in each way that mailers write them."""

import io
import random
import zipfile
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from PIL import Image

from simulator.traffic.charsets import encode_text
from simulator.traffic.parts import (
    CUSTOMERS,
    FILE_STEMS,
    Part,
    make_attachment,
    make_png,
    make_text,
    narrow_kana,
    nest,
    write_part,
)


def parse(part: Part) -> EmailMessage:
    message = message_from_bytes(write_part(part), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def read_name(octets: bytes, style: str) -> str | None:
    """policy.default decodes each continuation alone and so breaks a character cut in two; compat32 does not."""
    if style == "encoded-word":
        return message_from_bytes(octets, policy=policy.default).get_filename()
    return message_from_bytes(octets).get_filename()


@pytest.mark.parametrize("style", ["rfc2231", "rfc2231-continued", "encoded-word"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp", "shift_jis", "euc-jp"])
def test_names_are_read_back_in_every_standard_style(style: str, charset: str) -> None:
    names = {f"{stem}.txt" for stem in FILE_STEMS}
    parts = [make_attachment(random.Random(seed), "text", style, charset) for seed in range(30)]  # type: ignore[arg-type]
    seen = {read_name(write_part(part), style) for part in parts}
    assert seen == names


def test_raw_names_are_octets_of_the_charset() -> None:
    fields = b"".join(make_attachment(random.Random(seed), "text", "raw", "shift_jis").fields for seed in range(30))
    assert encode_text("見積書.txt", "shift_jis") in fields


def test_continued_names_do_not_split_a_triplet() -> None:
    for seed in range(30):
        fields = make_attachment(random.Random(seed), "pdf", "rfc2231-continued", "utf-8").fields.decode("ascii")
        pieces = [line.partition("*=")[2].rstrip(";") for line in fields.split("\r\n") if "*=" in line]
        assert [piece for piece in pieces if piece[-1:] == "%" or piece[-2:-1] == "%"] == []
        assert max(map(len, fields.split("\r\n"))) <= 78


def test_the_picture_opens() -> None:
    picture = Image.open(io.BytesIO(make_png(random.Random(1))))
    picture.load()
    assert picture.size == (8, 8)


def test_the_archive_opens() -> None:
    octets = parse(make_attachment(random.Random(1), "zip", "rfc2231", "utf-8")).get_payload(decode=True)
    assert isinstance(octets, bytes)
    assert zipfile.ZipFile(io.BytesIO(octets)).testzip() is None


def test_the_document_points_at_its_own_table() -> None:
    octets = parse(make_attachment(random.Random(1), "pdf", "rfc2231", "utf-8")).get_payload(decode=True)
    assert isinstance(octets, bytes)
    start = int(octets.rpartition(b"startxref\n")[2].split()[0])
    assert octets[start:].startswith(b"xref\n0 4\n")
    for line in octets[start:].split(b"\n")[3:6]:
        assert octets[int(line[:10]) :].split(b" ")[2].startswith(b"obj")


def test_a_multipart_holds_its_parts_in_order() -> None:
    both = nest(
        "alternative", "b1", (make_text("plain", "a", "utf-8", "8bit"), make_text("html", "<p>", "utf-8", "8bit"))
    )
    assert [part.get_content_type() for part in parse(both).iter_parts()] == ["text/plain", "text/html"]  # type: ignore[union-attr]


def test_voiced_kana_become_two_characters() -> None:
    assert narrow_kana("ヤマダ タロウ、パーティー") == "ﾔﾏﾀﾞ ﾀﾛｳ､ﾊﾟｰﾃｨｰ"


def test_no_reading_of_a_customer_stays_full_width() -> None:
    assert [
        one.kana for one in CUSTOMERS if any(0x30A0 <= ord(letter) <= 0x30FF for letter in narrow_kana(one.kana))
    ] == []
