"""Odd but real mails: line ends, lines before and between the fields, encoded words."""

import base64

from tests.mail.mime.odd_mail import Odd, b_word, mail

JIS_NAME = "山田太郎"


def line_ends() -> list[Odd]:
    """The same mail under every line end that senders were seen to use."""
    octets = mail(b"Subject: hello\r\nX-Long: a\r\n b\r\nContent-Type: text/plain", b"one\r\n\r\nthree\r\n")
    want = {
        "subject": "hello",
        "text": "one\n\nthree\n",
        "from": ["sender@client.example"],
        "headers": {"X-Long": "a b"},
    }
    ends = {"crcrlf": b"\r\r\n", "lf": b"\n", "crcrcrlf": b"\r\r\r\n"}
    forms = [Odd(f"ends {name}", octets.replace(b"\r\n", end), want) for name, end in ends.items()]
    forms.append(Odd("ends cr, the last crlf", octets.replace(b"\r\n", b"\r").removesuffix(b"\r") + b"\r\n", want))
    head, _, body = octets.partition(b"\r\n\r\n")
    forms.append(Odd("head crcrlf, body crlf", head.replace(b"\r\n", b"\r\r\n") + b"\r\r\n\r\r\n" + body, want))
    forms.append(Odd("head crlf, body lf", head + b"\r\n\r\n" + body.replace(b"\r\n", b"\n"), want))
    forms.append(Odd("php lf inside a crlf head", octets.replace(b"\r\n b", b"\n b"), want))
    return forms


def before_the_fields() -> list[Odd]:
    """What stands before the first field: marks of an editor, of an archive, of a mailbox file."""
    octets = mail(b"Subject: hello\r\nContent-Type: text/plain", b"body\r\n")
    want = {"subject": "hello", "text": "body\n", "from": ["sender@client.example"], "to": ["info@form.example.jp"]}
    banners = {
        "bom": b"\xef\xbb\xbf",
        "microsoft banner": b"Microsoft Mail Internet Headers Version 2.0\r\n",
        "mbox line": b"From sender@client.example Mon Oct  6 10:11:12 2025\r\n",
        "quoted mbox line": b">From sender@client.example Mon Oct  6 10:11:12 2025\r\n",
        "blank line": b"\r\n",
        "two blank lines": b"\r\n\r\n",
        "line of white space": b" \t\r\n",
        "line that begins with a blank": b" (by way of relay)\r\n",
        "tab and a field": b"\tX-Was-Folded: 1\r\n",
        "bom and mbox line": b"\xef\xbb\xbfFrom sender@client.example Mon Oct  6 10:11:12 2025\r\n",
        "smtp leftover": b"DATA\r\n",
    }
    return [Odd(f"before: {name}", banner + octets, want) for name, banner in banners.items()]


def between_the_fields() -> list[Odd]:
    """A line among the fields that is no field costs no field, and is part of none."""
    want = {"subject": "hello", "html": "<p>body</p>\n", "from": ["sender@client.example"]}
    lines = {
        "blank in the name": b"X-abuse contact: http://x.example/",
        "mbox line": b"From sender@client.example Mon Oct  6 10:11:12 2025",
        "quoted mbox line": b">From sender@client.example Mon Oct  6 10:11:12 2025",
        "colon first": b": nothing",
        "8-bit name": "件名: x".encode(),
        "url": b"http://www.example.com/",
        "blank before the colon": b"X-Old : value",
        "php warning": b"PHP Warning:  mail() expects parameter 2 in /var/www/x.php on line 3",
        "continuation of blanks": b"X-A: a\r\n   \r\n b",
        "empty value": b"X-Empty:",
    }
    made = []
    for name, line in lines.items():
        octets = mail(
            b"Subject: hello\r\n" + line + b"\r\nX-Mailer: P\r\nContent-Type: text/html; charset=utf-8",
            b"<p>body</p>\r\n",
        )
        made.append(Odd(f"between: {name}", octets, want | {"headers": {"X-Mailer": "P"}}))
    for name in ("Date", "From", "Content-Type"):
        at = mail(b"Subject: hello\r\nContent-Type: text/html; charset=utf-8\r\nX-Mailer: P", b"<p>body</p>\r\n")
        line = at.index(b"\r\n", at.index(name.encode())) + 2
        made.append(Odd(f"between: no colon, after {name}", at[:line] + b"this is no field\r\n" + at[line:], want))
        made.append(
            Odd(
                f"between: two such lines, after {name}",
                at[:line] + b"this is no field\r\nnor is this\r\n" + at[line:],
                want,
            )
        )
    made.append(
        Odd(
            "between: two such lines, after Subject",
            mail(
                b"X-A: 1\r\nX-abuse contact: x\r\n more\r\nAnd more: y\r\nSubject: hello\r\nContent-Type: text/html",
                b"<p>body</p>\r\n",
            ),
            want,
        )
    )
    made.append(
        Odd(
            "between: a byte order mark",
            b"Received: by x.example; Mon, 6 Oct 2025 10:11:12 +0900\r\n\xef\xbb\xbf"
            + mail(b"Subject: hello\r\nContent-Type: text/html", b"<p>body</p>\r\n"),
            want,
        )
    )
    made.append(
        Odd(
            "no blank line before the body",
            b"From: a@b.example\r\nSubject: s\r\nThis is the body\r\nof two lines\r\n",
            {"subject": "s", "text": "This is the body\nof two lines\n"},
        )
    )
    made.append(Odd("subject with a blank before its colon", mail(b"Subject : hello", b"x\r\n"), {"subject": "hello"}))
    made.append(
        Odd(
            "names in capitals",
            mail(b"SUBJECT: hello\r\nCONTENT-TYPE: TEXT/HTML; CHARSET=UTF-8", b"x\r\n"),
            {"subject": "hello", "html": "x\n"},
        )
    )
    return made


def words() -> list[Odd]:
    """Encoded words as real programs wrote them (RFC 2047, and against it)."""
    jis, utf = JIS_NAME.encode("iso-2022-jp"), "お問い合わせの件".encode()
    cut = base64.b64encode
    forms = {
        "lower case": (b"=?iso-2022-jp?b?" + cut(jis) + b"?=", JIS_NAME),
        "language": (b"=?utf-8*ja?B?" + cut(utf) + b"?=", "お問い合わせの件"),
        "cut inside a character": (b_word(utf[:4]) + b"\r\n " + b_word(utf[4:]), "お問い合わせの件"),
        "cut inside a character, two names of one charset": (
            b_word(utf[:4], b"UTF-8") + b" " + b_word(utf[4:], b"utf8"),
            "お問い合わせの件",
        ),
        "ideographic space first": (b_word("　件名".encode()), "　件名"),
        "raw behind a byte order mark": (b"\xef\xbb\xbf" + "件名".encode(), "件名"),
        "no blank between": (b_word(utf[:6]) + b_word(utf[6:]), "お問い合わせの件"),
        "state carried over words": (
            b"=?iso-2022-jp?B?" + cut(jis[:7]) + b"?=\r\n =?iso-2022-jp?B?" + cut(jis[7:]) + b"?=",
            JIS_NAME,
        ),
        "jis cut inside a character": (
            b"=?iso-2022-jp?B?" + cut(jis[:6]) + b"?=\r\n =?iso-2022-jp?B?" + cut(jis[6:]) + b"?=",
            JIS_NAME,
        ),
        "blanks in q": (b"=?utf-8?Q?Hello World of mails?=", "Hello World of mails"),
        "underscore in q": (b"=?utf-8?q?a=5Fb_c?=", "a_b c"),
        "question mark in q": (b"=?utf-8?Q?really??=", "really?"),
        "cut before its last character": (b"=?utf-8?B?" + cut("件名".encode()) + b"?", "件名"),
        "no padding": (b"=?utf-8?B?" + cut("件名".encode() + b"a").rstrip(b"=") + b"?=", "件名a"),
        "folded inside the word": (b"=?utf-8?B?5Lu2\r\n 5ZCN?=", "件名"),
        "reply before it": (b"Re: " + b_word("件名".encode()), "Re: 件名"),
        "glued to text": (b"[ML:12]" + b_word("件名".encode()) + b"(1)", "[ML:12]件名(1)"),
        "quoted": (b'"' + b_word("件名".encode()) + b'"', '"件名"'),
        "unknown charset, utf-8": (b"=?x-unknown?B?5Lu25ZCN?=", "件名"),
        "utf8 without hyphen": (b"=?UTF8?B?5Lu25ZCN?=", "件名"),
        "windows-31j": (b"=?Windows-31J?B?" + cut("①㈱髙橋".encode("cp932")) + b"?=", "①㈱髙橋"),
        "q in jis": (b"=?ISO-2022-JP?Q?=1B$B;3ED=1B(B?=", "山田"),
        "q in shift_jis with 5C": (b"=?Shift_JIS?Q?=95=5C=8E=A6?=", "表示"),
        "euc": (b"=?EUC-JP?B?" + cut("見積".encode("euc_jp")) + b"?=", "見積"),
        "latin q": (b"=?ISO-8859-1?Q?Caf=E9_cr=E8me?=", "Café crème"),
        "windows-1252 as latin-1": (b"=?ISO-8859-1?Q?=93Hi=94_=80?=", "“Hi” €"),
        "gb2312": (b"=?gb2312?B?" + cut("你好".encode("gbk")) + b"?=", "你好"),
        "utf-7": (b"=?utf-7?Q?+ZeVnLIqe-?=", "日本語"),
        "unicode label on ascii": (b"=?unicode?Q?Test_of_order?=", "Test of order"),
        "not a word": (b"=?utf-8?X?abc?= rest", "=?utf-8?X?abc?= rest"),
        "two charsets": (
            b"=?iso-2022-jp?B?" + cut(jis) + b"?= =?utf-8?B?" + cut(utf) + b"?=",
            JIS_NAME + "お問い合わせの件",
        ),
        "empty word": (b"=?utf-8?B??= =?utf-8?Q?a?=", "a"),
        "blank between word and text stays": (b_word("件".encode()) + b" abc " + b_word("名".encode()), "件 abc 名"),
    }
    return [
        Odd(f"word: {name}", mail(b"Subject: " + value, b"x\r\n"), {"subject": want})
        for name, (value, want) in forms.items()
    ]


ALL = line_ends() + before_the_fields() + between_the_fields() + words()
