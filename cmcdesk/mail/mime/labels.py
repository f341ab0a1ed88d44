"""Charset labels as mailers write them, to the codec that is meant. Text codecs only: a label cannot call zlib."""

import codecs
import re
from functools import lru_cache

_FAMILIES = {
    "us-ascii": "ascii usascii ansix341968 iso646us 7bit 8bit none default unknown unknown8bit xunknown binary",
    "iso-2022-jp": "iso2022jp jis iso2022jp1 iso2022jpms iso2022jpext cp50220 cp50221 cp50222 xwindowsiso2022jp "
    "csiso2022jp xiso2022jp windows50220 windows50221 windows50222",
    "cp932": "shiftjis sjis xsjis xshiftjis mskanji ms932 windows31j cp932 windows932 cswindows31j csshiftjis ibm943 "
    "cp943 xmscp932 mscp932 xshiftjiscp932 sjiswin",
    "euc-jp": "eucjp xeucjp xeuc eucjpms eucjpwin cp51932 ujis eucpkdfmtjapanese cseucpkdfmtjapanese windows51932",
    "utf-8": "utf8 unicode11utf8 xunicode20utf8 utf8mb4 utf8bom cp65001 unicodeutf8 cesu8",
    "utf-16": "utf16 unicode xunicode ucs2 iso10646ucs2 csunicode",
    "utf-16-le": "utf16le ucs2le",
    "utf-16-be": "utf16be ucs2be",
    "utf-32": "utf32 ucs4 iso10646ucs4 csucs4",
    "utf-32-le": "utf32le ucs4le",
    "utf-32-be": "utf32be ucs4be",
    "utf-7": "utf7 unicode11utf7 csunicode11utf7 cp65000",
    "gb18030": "gb18030 gbk xgbk gb2312 gb231280 xgb2312 cngb eucgb2312cn xeuccn euccn cp936 ms936 windows936 chinese "
    "csgb2312 isoir58 gb23121980",
    "hz": "hz hzgb2312 hzgb",
    "big5": "big5 xxbig5 xbig5 cnbig5 csbig5 cp950 ms950 windows950 big5hkscs big5eten",
    "euc-kr": "euckr xeuckr ksc5601 ksc56011987 ksc56011989 ksx1001 cp949 ms949 uhc xwindows949 windows949 "
    "korean cseuckr isoir149",
    "iso-2022-kr": "iso2022kr csiso2022kr",
    "johab": "johab",
    "cp1252": "iso88591 latin1 l1 iso8859 csisolatin1 ansi windows1252 cp1252 xansi ibm819 cp819 xcp1252 iso885911987",
    "cp1254": "iso88599 latin5 windows1254 cp1254",
    "cp874": "windows874 cp874 tis620 iso885911 dos874",
    "iso2022_jp_2": "iso2022jp2 csiso2022jp2",
    "iso2022_jp_3": "iso2022jp3",
    "iso2022_jp_2004": "iso2022jp2004",
    "shift_jis_2004": "shiftjis2004 sjis2004 shiftjisx0213 sjisx0213",
    "euc_jis_2004": "eucjis2004 eucjp2004 eucjisx0213",
    "mac_roman": "macintosh mac macroman xmacroman",
    "mac_cyrillic": "maccyrillic xmaccyrillic",
    "koi8_r": "koi8r koi8 cskoi8r",
    "koi8_u": "koi8u koi8ru",
    "hp_roman8": "hproman8",
}
_SINGLE_OCTET = re.compile(r"(?:iso)?(8859)(\d{1,2})[ei]?|(?:windows|xcp|cp|ibm|x?win)(\d{3,4})")
_PUNCTUATION = re.compile(r"[\W_]+")


@lru_cache(1024)
def find_codec(label: str) -> str:
    """The codec for a label such as `"Shift_JIS"`, `x-sjis; format=flowed` or `utf-8*ja`; "" for an unknown one."""
    word = re.split(r"[;,*\s(]", label[:100].strip(" \t\r\n\"'<>=").lower(), maxsplit=1)[0]
    plain = _PUNCTUATION.sub("", word)
    family = _aliases().get(plain)
    if family:
        return family
    numbered = _SINGLE_OCTET.fullmatch(plain)
    if not numbered:
        return ""
    return _known_codec(f"iso8859-{numbered[2]}" if numbered[1] else f"cp{numbered[3]}")


@lru_cache(1)
def _aliases() -> dict[str, str]:
    return {alias: codec for codec, aliases in _FAMILIES.items() for alias in aliases.split()}


def _known_codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""
