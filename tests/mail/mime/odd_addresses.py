"""Odd but real mails: the lists of addresses in From and To. Each is (name, octets, what must be read)."""

from tests.mail.mime.odd_mail import Odd, b_word

YAMADA = "山田".encode()


def lists() -> list[Odd]:
    """A To field and the addresses and names in it."""
    jis = "あがえ".encode("iso-2022-jp")
    forms: dict[str, tuple[bytes, list[str], list[str]]] = {
        "encoded name": (
            b_word("山田".encode("iso-2022-jp"), b"iso-2022-jp") + b" <a@b.example>",
            ["a@b.example"],
            ["山田"],
        ),
        "encoded name in quotes": (b'"' + b_word(YAMADA) + b'" <a@b.example>', ["a@b.example"], ["山田"]),
        "encoded name glued to the angle": (b_word(YAMADA) + b"<a@b.example>", ["a@b.example"], ["山田"]),
        "two words": (
            b_word(YAMADA) + b"\r\n " + b_word("太郎".encode()) + b" <a@b.example>",
            ["a@b.example"],
            ["山田太郎"],
        ),
        "undisclosed": (b"undisclosed-recipients:;", [], []),
        "undisclosed with a blank": (b"Undisclosed recipients: ;", [], []),
        "group": (
            b"Sales: a@x.example, Bob <b@y.example>;, c@z.example",
            ["a@x.example", "b@y.example", "c@z.example"],
            ["", "Bob", ""],
        ),
        "comment": (b"a@b.example (Taro Yamada)", ["a@b.example"], ["Taro Yamada"]),
        "encoded comment": (b"a@b.example (" + b_word(YAMADA) + b")", ["a@b.example"], ["山田"]),
        "quoted comma": (
            b'"Yamada, Taro" <a@b.example>, c@d.example',
            ["a@b.example", "c@d.example"],
            ["Yamada, Taro", ""],
        ),
        "comma in a word": (b"=?utf-8?Q?Yamada=2C_Taro?= <a@b.example>", ["a@b.example"], ["Yamada, Taro"]),
        "bare comma in a word": (b"=?utf-8?Q?Yamada,_Taro?= <a@b.example>", ["a@b.example"], ["Yamada, Taro"]),
        "list inside a q word": (
            b"=?utf-8?Q?A_<a@x.example>,_B_<b@y.example>?=",
            ["a@x.example", "b@y.example"],
            ["A", "B"],
        ),
        "list inside a b word": (
            b_word("山田 <a@x.example>, 佐藤 <b@y.example>".encode()),
            ["a@x.example", "b@y.example"],
            ["山田", "佐藤"],
        ),
        "mailbox inside a word": (b_word("山田 <a@b.example>".encode()), ["a@b.example"], ["山田"]),
        "mailbox inside a q word": (b"=?utf-8?Q?Taro=20=3Ca=40b.example=3E?=", ["a@b.example"], ["Taro"]),
        "address alone inside a word": (b"=?us-ascii?Q?a=40b.example?=", ["a@b.example"], [""]),
        "list over two q words": (
            b"=?utf-8?Q?A_<a@x.example>,?= =?utf-8?Q?_B_<b@y.example>?=",
            ["a@x.example", "b@y.example"],
            ["A", "B"],
        ),
        "docomo": (b"a..b.@docomo.example", ["a..b.@docomo.example"], [""]),
        "docomo in angles": (b"<.a..b-@docomo.example>", [".a..b-@docomo.example"], [""]),
        "quoted local part": (b'"a..b."@docomo.example', ['"a..b."@docomo.example'], [""]),
        "quoted local part in angles": (b'Taro <"a..b."@docomo.example>', ['"a..b."@docomo.example'], ["Taro"]),
        "quoted local part with a blank": (b'"a b"@c.example', ['"a b"@c.example'], [""]),
        "semicolons": (b"a@x.example; b@y.example", ["a@x.example", "b@y.example"], ["", ""]),
        "empty places": (b"a@x.example, , b@y.example,", ["a@x.example", "b@y.example"], ["", ""]),
        "comma first": (b", a@x.example", ["a@x.example"], [""]),
        "comma in a bare name": (
            b"Yamada, Taro <a@b.example>, c@d.example",
            ["a@b.example", "c@d.example"],
            ["Yamada, Taro", ""],
        ),
        "comma between words": (
            b_word(YAMADA) + b", " + b_word("太郎".encode()) + b" <a@b.example>",
            ["a@b.example"],
            ["山田, 太郎"],
        ),
        "a name without an address at the end": (b"a@x.example, Sales Department", ["a@x.example"], [""]),
        "empty brackets at the end": (b"a@x.example, <>", ["a@x.example"], [""]),
        "empty quotes": (b'"" <a@x.example>, ""', ["a@x.example"], [""]),
        "empty angles": (b"Nobody <>, a@x.example", ["a@x.example"], [""]),
        "raw shift_jis name": ("山田 <a@b.example>".encode("cp932"), ["a@b.example"], ["山田"]),
        "raw utf-8 name": ("山田 <a@b.example>".encode(), ["a@b.example"], ["山田"]),
        'raw jis name with " , ( in its octets': (jis + b" <a@b.example>", ["a@b.example"], ["あがえ"]),
        "raw jis name in quotes": (b'"' + jis + b'" <a@b.example>', ["a@b.example"], ["あがえ"]),
        "ideographic space in a raw name": ("山田　太郎 <a@b.example>".encode(), ["a@b.example"], ["山田　太郎"]),
        "ideographic space in a raw quoted name": (
            '"山田　太郎" <a@b.example>'.encode("iso-2022-jp"),
            ["a@b.example"],
            ["山田　太郎"],
        ),
        "brackets in the name": (b"Taro [Sales] <a@b.example>", ["a@b.example"], ["Taro [Sales]"]),
        "dots in the name": (b"A. B. Yamada <a@b.example>", ["a@b.example"], ["A. B. Yamada"]),
        "route": (b"<@x.example,@y.example:a@b.example>", ["a@b.example"], [""]),
        "the address as name": (b"a@b.example <a@b.example>", ["a@b.example"], ["a@b.example"]),
        "quotes in quotes": (b'"Taro \\"T\\" Yamada" <a@b.example>', ["a@b.example"], ['Taro "T" Yamada']),
        "angles twice": (b"<<a@b.example>>", ["a@b.example"], [""]),
        "no closing angle": (b"Taro <a@b.example", ["a@b.example"], ["Taro"]),
        "utf-8 address": ("山田@例え.example".encode(), ["山田@例え.example"], [""]),
        "no blank before the angle": (b"Taro<a@b.example>", ["a@b.example"], ["Taro"]),
        "blanks in the angle": (b"Taro < a@b.example >", ["a@b.example"], ["Taro"]),
        "two mailboxes folded": (b"a@x.example,\r\n\tBob <b@y.example>", ["a@x.example", "b@y.example"], ["", "Bob"]),
        "apostrophes": (b"'Taro' <o'neil@b.example>", ["o'neil@b.example"], ["'Taro'"]),
        "domain literal": (b"a@[192.0.2.1]", ["a@[192.0.2.1]"], [""]),
        "a long quoted name": (
            b'"' + b"Yamada, Taro " * 400 + b'" <a@b.example>',
            ["a@b.example"],
            [("Yamada, Taro " * 400).strip()],
        ),
        "no comma between two mailboxes": (
            b"A <a@x.example> B <b@y.example>\r\n <c@z.example>",
            ["a@x.example", "b@y.example", "c@z.example"],
            ["A", "B", ""],
        ),
        "no comma between two addresses": (b"a@x.example b@y.example", ["a@x.example", "b@y.example"], ["", ""]),
        "brackets around a word of the name": (b"A <B> <a@x.example>", ["a@x.example"], ["A <B>"]),
        "a bracket in the name": (b"A < B <a@x.example>", ["a@x.example"], ["A < B"]),
        "the whole mailbox in quotes": (b'"Taro <a@b.example>"', ["a@b.example"], ["Taro"]),
        "the address alone in quotes": (b'"a@b.example" (Taro)', ["a@b.example"], ["Taro"]),
        "quoted local part with an @": (b'"a@b"@c.example', ['"a@b"@c.example'], [""]),
        "a scheme from exchange": (b'"Taro" <SMTP:a@b.example>', ["a@b.example"], ["Taro"]),
        "a scheme in square brackets": (b"Taro [mailto:a@b.example]", ["a@b.example"], ["Taro"]),
        "nested comment": (b"a@b.example (Taro (Sales))", ["a@b.example"], ["Taro (Sales)"]),
    }
    make = b"From: s@c.example\r\nTo: %s\r\nSubject: s\r\n\r\nx\r\n"
    return [
        Odd(f"to: {name}", make % value, {"to": to, "to_names": names}) for name, (value, to, names) in forms.items()
    ]


ALL = lists()
