"""Address lists as they are met."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.mail.mime.addresses import read_addresses


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a@b", [("", "a@b")]),
        ('"Tanaka, Taro" <a@b.jp>, c@d', [("Tanaka, Taro", "a@b.jp"), ("", "c@d")]),
        ("=?utf-8?Q?=E7=94=B0=E4=B8=AD=2C_=E5=A4=AA=E9=83=8E?= <a@b>, c@d", [("田中, 太郎", "a@b"), ("", "c@d")]),
        ("=?utf-8?Q?Tanaka, Taro?= <a@b>", [("Tanaka, Taro", "a@b")]),
        ('"=?ISO-2022-JP?B?GyRCRURDZhsoQg==?=" <a@b>', [("田中", "a@b")]),
        ("=?utf-8?B?55Sw?= =?utf-8?B?5Lit?= <a@b>", [("田中", "a@b")]),
        ("=?utf-8?B?55Sw5Lit?=<a@b>", [("田中", "a@b")]),
        ("田中 太郎 <a@例え.jp>, 用户@例子.cn", [("田中 太郎", "a@例え.jp"), ("", "用户@例子.cn")]),
        ("a@b (田中 (営業))", [("田中 (営業)", "a@b")]),
        ("<a@b> (name)", [("name", "a@b")]),
        ("Sales: a@b, X <c@d>; e@f", [("", "a@b"), ("X", "c@d"), ("", "e@f")]),
        ("undisclosed-recipients:;", []),
        ("営業部:田中 <a@b>", [("営業部:田中", "a@b")]),
        ("<@relay1,@relay2:a@b>", [("", "a@b")]),
        (
            "abc..def@docomo.ne.jp, .x.@ezweb.ne.jp, a.@docomo.ne.jp",
            [("", "abc..def@docomo.ne.jp"), ("", ".x.@ezweb.ne.jp"), ("", "a.@docomo.ne.jp")],
        ),
        ('"a..b."@docomo.ne.jp', [("", '"a..b."@docomo.ne.jp')]),
        ('"a b"@c.d', [("", '"a b"@c.d')]),
        ("a@[IPv6:2001:db8::1]", [("", "a@[IPv6:2001:db8::1]")]),
        ("Tanaka Taro a@b.jp", [("Tanaka Taro", "a@b.jp")]),
        ("a @ b . jp", [("", "a@b.jp")]),
        ("MAILER-DAEMON", [("", "MAILER-DAEMON")]),
        ("MAILER-DAEMON (Mail System)", [("Mail System", "MAILER-DAEMON")]),
        ("田中", [("田中", "")]),
        ("=?utf-8?B?55Sw5LitIDxhQGI+?=", [("田中", "a@b")]),  # the whole value in one word
        ('"unclosed <a@b>, c@d', [("unclosed", "a@b"), ("", "c@d")]),
        ("Taro <a@b, Jiro <c@d>", [("Taro", "a@b"), ("Jiro", "c@d")]),
        ("a@b; c@d", [("", "a@b"), ("", "c@d")]),
        ("<<a@b>>, <mailto:c@d>", [("", "a@b"), ("", "c@d")]),
        ("A@B <c@d>", [("A@B", "c@d")]),
        ('"a \\" b" <q@r>', [('a " b', "q@r")]),
        ("<>", []),
        (" ,,, ", []),
        ("", []),
    ],
)
def test_addresses(raw: str, expected: list[tuple[str, str]]) -> None:
    assert [(found.name, found.address) for found in read_addresses(raw.encode())] == expected


@pytest.mark.parametrize("codec", ["cp932", "euc_jp", "iso2022_jp", "utf-8"])
def test_raw_names(codec: str) -> None:
    found = read_addresses('表示ソ <a@b>, "能力, 太郎" <c@d>'.encode(codec))
    assert [(one.name, one.address) for one in found] == [("表示ソ", "a@b"), ("能力, 太郎", "c@d")]


@pytest.mark.parametrize("unit", [b'"\\', b"<a,", b"((", b'"', b"=?utf-8?q?", b"a:", b'<"', b"a", b"(a) ", b"a@"])
def test_hostile_lists_end(unit: bytes) -> None:
    read_addresses(unit * 20_000)


@given(st.text('ab@<>"(),;:\\= ?.あ', max_size=60))
def test_total(text: str) -> None:
    for found in read_addresses(text.encode()):
        assert found.name or found.address
