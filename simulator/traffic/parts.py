"""MIME parts (RFC 2045, 2046, 2183) of form mails, with file names in the ways that mailers write them; and the words
of contact forms: who writes, about what, and text that tries each charset's corners.
"""

import io
import random
import struct
import unicodedata
import zipfile
import zlib
from base64 import encodebytes
from dataclasses import dataclass
from quopri import encodestring
from typing import Literal
from urllib.parse import quote

from simulator.traffic.charsets import LABELS, encode_text, encode_words
from simulator.traffic.layout import join, use_crlf


@dataclass(frozen=True)
class Customer:
    """A person who fills in a form; kana is the reading, full width."""

    name: str
    kana: str
    user: str


CUSTOMERS = (
    Customer("山田 太郎", "ヤマダ タロウ", "taro.yamada"),
    Customer("佐藤 花子", "サトウ ハナコ", "hanako.sato"),
    Customer("高橋 一郎", "タカハシ イチロウ", "ichiro.takahashi"),
    Customer("渡辺 由美子", "ワタナベ ユミコ", "yumiko.watanabe"),
    Customer("長谷川 健", "ハセガワ ケン", "ken.hasegawa"),
    Customer("Alice Martin", "アリス マーティン", "alice.martin"),
)
# The customers' own domains: names that RFC 2606 and JPRS keep for examples, none of them a receiving server's.
CUSTOMER_DOMAINS = ("customer.example", "example.org", "example.co.jp", "shop.example.ne.jp", "mail.example.net")
SUBJECTS = (
    "お問い合わせ",
    "【お問い合わせフォーム】商品の在庫について",
    "資料請求",
    "予約の変更をお願いします",
    "ポイントが反映されていない件について、ご確認いただけますでしょうか",
    "表示とソースの能力表",  # 表, ソ, 能: their second octet in Shift_JIS is 5C, a backslash in ASCII
)
BODIES = (
    "商品の在庫について教えてください。\n希望数量は 12 個です。\n",
    "先日注文した品物がまだ届きません。\n注文番号: A-10234\n確認をお願いいたします。\n",
    "資料を郵送してください。\n〒100-0001 東京都千代田区千代田1-1\n",
    "表示がおかしいようです。ソフトの十分な機能を能率よく使うには？\n",
)
# Characters of windows-31j (NEC row 13) that JIS X 0208 lacks; they break readers that trust the label.
WINDOWS_LINE = "①②③ ㈱サンプル ℡ 03-0000-0000 № 15 ㎏\n"
FILE_STEMS = ("見積書", "お問い合わせ内容の詳細と添付資料一覧（二〇二六年度版・改訂第三稿）", "写真", "report")

_FULL_TO_HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF61, 0xFF9E)}
_FULL_TO_HALF |= {"\u3099": "ﾞ", "\u309a": "ﾟ"}  # the combining marks that NFD leaves of a voiced kana


def narrow_kana(text: str) -> str:
    """Return the text with katakana as half-width kana, a voiced one as two characters (JIS X 0201)."""
    pieces = (unicodedata.normalize("NFD", one) if "\u30a0" <= one <= "\u30ff" else one for one in text)
    return "".join(_FULL_TO_HALF.get(one, one) for piece in pieces for one in piece)


AttachmentKind = Literal["text", "png", "pdf", "zip"]
FileNameStyle = Literal["rfc2231", "rfc2231-continued", "encoded-word", "raw"]

_USUAL_ENCODING = {
    "utf-8": "base64",
    "iso-2022-jp": "7bit",
    "iso-2022-jp-ms": "7bit",
    "shift_jis": "8bit",
    "windows-31j": "base64",
    "euc-jp": "8bit",
}
_TYPES = {"text": "text/plain", "png": "image/png", "pdf": "application/pdf", "zip": "application/zip"}
_SUFFIXES = {"text": "txt", "png": "png", "pdf": "pdf", "zip": "zip"}
_PIECE_OCTETS = 60


@dataclass(frozen=True)
class Part:
    """fields: header fields, each with CRLF; content: encoded octets with CRLF line ends."""

    fields: bytes
    content: bytes


def make_text(subtype: str, text: str, charset: str, encoding: str | None) -> Part:
    """Return a text part. Raises ValueError where 7bit is asked for and the octets are not."""
    octets = encode_text(text, charset)
    way = encoding or _USUAL_ENCODING[charset]
    if way == "7bit" and not octets.isascii():
        raise ValueError(f"encoding: 7bit was asked for, but text in {charset} has octets above 127")
    fields = f"Content-Type: text/{subtype}; charset={LABELS[charset]}\r\nContent-Transfer-Encoding: {way}\r\n"
    return Part(fields.encode("ascii"), _encode_content(octets, way))


def nest(subtype: str, boundary: str, parts: tuple[Part, ...]) -> Part:
    """Return the parts as one multipart."""
    fields = f'Content-Type: multipart/{subtype};\r\n\tboundary="{boundary}"\r\n'
    each = b"".join(join(f"--{boundary}\r\n", write_part(part), "\r\n") for part in parts)
    return Part(fields.encode("ascii"), join(each, f"--{boundary}--\r\n"))


def write_part(part: Part) -> bytes:
    """Return header, empty line and content."""
    return join(part.fields, "\r\n", part.content)


def make_attachment(rng: random.Random, kind: AttachmentKind, style: FileNameStyle, charset: str) -> Part:
    """Return an attachment with a drawn name and content, in base64."""
    name = f"{rng.choice(FILE_STEMS)}.{_SUFFIXES[kind]}"
    fields = join(
        f"Content-Type: {_TYPES[kind]};\r\n",
        _name_parameter("name", name, style, charset),
        "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n",
        _name_parameter("filename", name, style, charset),
    )
    return Part(fields, _encode_content(_CONTENTS[kind](rng), "base64"))


def _encode_content(octets: bytes, way: str) -> bytes:
    if way == "base64":
        return use_crlf(encodebytes(octets))
    if way == "quoted-printable":
        return use_crlf(encodestring(octets.replace(b"\r\n", b"\n")))
    return octets


def _name_parameter(parameter: str, name: str, style: FileNameStyle, charset: str) -> bytes:
    """Return one parameter with its line end.

    encoded-word inside quotes is what Outlook and most Japanese webmail write, though RFC 2047 §5 forbids it; raw
    octets in the mail's charset are what old form scripts write.
    """
    if style == "encoded-word":
        return f' {parameter}="{encode_words(name, charset)}"\r\n'.encode("ascii")
    if style == "raw":
        return join(f' {parameter}="', encode_text(name, charset), '"\r\n')
    escaped = quote(encode_text(name, charset), safe="")
    if style == "rfc2231":
        return f" {parameter}*={LABELS[charset]}''{escaped}\r\n".encode("ascii")
    pieces = _cut(f"{LABELS[charset]}''{escaped}")
    return ";\r\n".join(f" {parameter}*{at}*={piece}" for at, piece in enumerate(pieces)).encode("ascii") + b"\r\n"


def _cut(escaped: str) -> list[str]:
    """Cut into pieces that do not split a percent triplet (RFC 2231 §4.1)."""
    pieces, rest = [], escaped
    while rest:
        end = _PIECE_OCTETS
        while "%" in rest[max(end - 2, 0) : end] and end < len(rest):
            end -= 1
        pieces.append(rest[:end])
        rest = rest[end:]
    return pieces


def _make_text_file(rng: random.Random) -> bytes:
    return "".join(f"{number},{rng.randrange(10**6)}\r\n" for number in range(20)).encode("ascii")


def make_png(rng: random.Random) -> bytes:
    """Return the octets of a whole 8 by 8 RGB picture (PNG, third edition, §5)."""
    rows = b"".join(b"\0" + rng.randbytes(24) for _ in range(8))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _make_pdf(rng: random.Random) -> bytes:
    """Return a document of one empty page, with its cross-reference table (ISO 32000-1 §7.5)."""
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 {rng.randrange(600, 843)}]>>",
    )
    text, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(text))
        text += f"{number} 0 obj{one}endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"trailer<</Size 4/Root 1 0 R>>\nstartxref\n{len(text)}\n%%EOF\n"
    return f"{text}xref\n0 4\n0000000000 65535 f \n{table}{trailer}".encode("ascii")


def _make_zip(rng: random.Random) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("data.csv", (2026, 4, 1, 9, 0, 0)), _make_text_file(rng))
    return target.getvalue()


_CONTENTS = {"text": _make_text_file, "png": make_png, "pdf": _make_pdf, "zip": _make_zip}
