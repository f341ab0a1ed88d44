"""Parameters, above all the file names of Japanese mail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.mail.mime.parameters import clean_file_name, media_type, read_parameterized

NAME = "見積書 表.pdf"


@pytest.mark.parametrize(
    "raw",
    [
        "attachment; filename*=UTF-8''%E8%A6%8B%E7%A9%8D%E6%9B%B8%20%E8%A1%A8.pdf; filename=\"x.pdf\"",
        "attachment; filename=\"x.pdf\"; filename*=utf-8'ja'%E8%A6%8B%E7%A9%8D%E6%9B%B8%20%E8%A1%A8.pdf",
        "attachment; filename*2*=%A1%A8.pdf; filename*0*=utf-8''%E8%A6%8B%E7%A9; filename*1*=%8D%E6%9B%B8%20%E8",
        "attachment; filename*0*=utf-8''%E8%A6%8B%E7%A9%8D%E6%9B%B8; filename*1=\" \"; filename*2*=%E8%A1%A8.pdf",
        "attachment; filename*=Shift_JIS''%8C%A9%90%CF%8F%91%20%95%5C.pdf",
        "attachment; filename*=%E8%A6%8B%E7%A9%8D%E6%9B%B8%20%E8%A1%A8.pdf",
        "attachment; filename*=\"utf-8''%E8%A6%8B%E7%A9%8D%E6%9B%B8%20%E8%A1%A8.pdf\"",
        "attachment; filename*=iso-2022-jp''%1B%24B8%2B%40Q%3Dq%1B%28B%20%1B%24BI%3D%1B%28B.pdf",
        'attachment; filename="=?UTF-8?B?6KaL56mN5pu4IOihqC5wZGY=?="',
        'attachment;\r\n filename="=?UTF-8?B?6KaL56mN5pu4?=\r\n =?UTF-8?B?IOihqC5wZGY=?="',
        "attachment; filename==?UTF-8?Q?=E8=A6=8B=E7=A9=8D=E6=9B=B8_=E8=A1=A8.pdf?=; size=3",
        'attachment; filename*0="=?UTF-8?B?6KaL56mN5pu4I"; filename*1="OihqC5wZGY=?="',
        'attachment; filename="%E8%A6%8B%E7%A9%8D%E6%9B%B8%20%E8%A1%A8.pdf"',
        'attachment; filename="見積書 表.pdf"',
        "attachment; filename=見積書 表.pdf",
        'attachment filename="見積書 表.pdf"',
    ],
)
def test_file_names(raw: str) -> None:
    assert read_parameterized(raw.encode()).parameters["filename"] == NAME


@pytest.mark.parametrize("codec", ["cp932", "euc_jp", "iso2022_jp", "utf-8"])
def test_raw_names_whose_octets_look_like_punctuation(codec: str) -> None:
    raw = 'attachment; filename="見積書 表.pdf"; size=12'.encode(codec)
    assert read_parameterized(raw).parameters == {"filename": NAME, "size": "12"}


@pytest.mark.parametrize(
    ("raw", "value", "parameters"),
    [
        (b"Text/PLAIN; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}),
        (b"multipart/mixed; boundary=----=_Part_1=2", "multipart/mixed", {"boundary": "----=_Part_1=2"}),
        (b'multipart/mixed; boundary="a\\"b;c"', "multipart/mixed", {"boundary": 'a"b;c'}),
        (b"multipart/mixed; boundary*0=ab; boundary*1=cd", "multipart/mixed", {"boundary": "abcd"}),
        (b"a/b; name=foo bar.txt ; x = y", "a/b", {"name": "foo bar.txt", "x": "y"}),
        (b'a/b; name="un"quoted".txt"; c=d', "a/b", {"name": 'un"quoted".txt', "c": "d"}),
        (b'a/b; name="open; c=d', "a/b", {"name": "open", "c": "d"}),
        (b"a/b; name", "a/b", {}),
        (b";;; name=x;;", "", {"name": "x"}),
        (b"charset=utf-8", "", {"charset": "utf-8"}),
        (b'a/b; name="100%25.txt"', "a/b", {"name": "100%25.txt"}),
        (b"", "", {}),
    ],
)
def test_values_and_parameters(raw: bytes, value: str, parameters: dict[str, str]) -> None:
    found = read_parameterized(raw)
    assert (found.value, found.parameters) == (value, parameters)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\taro\\見積.xls", "見積.xls"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("..", ""),
        ("", ""),
    ],
)
def test_a_name_chooses_no_place(name: str, clean: str) -> None:
    assert clean_file_name(name) == clean


def test_media_type() -> None:
    assert media_type("text / html") == "text/html"
    assert media_type("text") == ""


@given(
    st.one_of(st.binary(max_size=200), st.from_regex(rb"a/b(; ?[a-c]\*?[0-2]?\*?=(\"[^\n]{0,9}\"|[ -~]{0,9})){0,6}"))
)
def test_total(raw: bytes) -> None:
    for text in read_parameterized(raw).parameters.values():
        text.encode("utf-8")
