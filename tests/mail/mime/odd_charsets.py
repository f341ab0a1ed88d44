"""Odd but real mails: charsets that are missing, misspelt or wrong. Each is (name, octets, what must be read)."""

import base64

from tests.mail.mime.odd_mail import Odd, mail

TEXT = "お問い合わせありがとうございます。\r\n表示能力：①㈱\r\n"
PLAIN = "お問い合わせありがとうございます。担当の山田です。\r\n"
WANT = {"text": TEXT.replace("\r\n", "\n")}
WANT_PLAIN = {"text": PLAIN.replace("\r\n", "\n")}


def typed(charset: str, body: bytes, kind: str = "text/plain") -> bytes:
    """Return a mail of one text part under this label ("" for none)."""
    label = f"; charset={charset}" if charset else ""
    return mail(b"Subject: s\r\nContent-Type: " + kind.encode() + label.encode(), body)


def labels() -> list[Odd]:
    """The names that one charset goes by."""
    families = {
        "cp932": [
            "x-sjis",
            "MS932",
            "windows-31j",
            "cp932",
            "SJIS",
            "shift-jis",
            "Shift_JIS",
            "ms_kanji",
            '"Shift_JIS"',
            "csShiftJIS",
            "x-ms-cp932",
            "Windows-932",
            "MS_Kanji",
        ],
        "utf-8": [
            "utf8",
            "UTF_8",
            '"utf-8"',
            "'utf-8'",
            "utf-8;",
            "UTF-8\t",
            "unicode-1-1-utf-8",
            "x-utf-8",
            "utf-8-bom",
            "cp65001",
            '"UTF-8"; format=flowed; delsp=yes',
            "utf-8 ; x=y",
        ],
        "euc_jp": ["EUC-JP", "x-euc-jp", "eucJP", "ujis", "x-euc", "EUC_JP", "cseucpkdfmtjapanese", "euc-japan"],
    }
    made = []
    for codec, names in families.items():
        text = PLAIN if codec == "euc_jp" else TEXT
        made += [Odd(f"label {n}", typed(n, text.encode(codec)), {"text": text.replace("\r\n", "\n")}) for n in names]
    jis = PLAIN.encode("iso-2022-jp")
    made += [
        Odd(f"label {n}", typed(n, jis), WANT_PLAIN)
        for n in (
            "csISO2022JP",
            "iso-2022-jp-ms",
            "cp50220",
            "cp50221",
            "ISO-2022-JP-1",
            "jis",
            "iso2022-jp",
            "x-iso-2022-jp",
            "JIS7",
            "cp50222",
        )
    ]
    return made


def wrong_labels() -> list[Odd]:
    """Octets under a label that they cannot be, or under none."""
    pairs = [
        ("iso-2022-jp", "cp932"),
        ("iso-2022-jp", "utf-8"),
        ("us-ascii", "iso-2022-jp"),
        ("us-ascii", "utf-8"),
        ("us-ascii", "cp932"),
        ("", "iso-2022-jp"),
        ("", "cp932"),
        ("", "euc_jp"),
        ("", "utf-8"),
        ("utf-8", "cp932"),
        ("utf-8", "euc_jp"),
        ("utf-8", "iso-2022-jp"),
        ("Shift_JIS", "euc_jp"),
        ("Shift_JIS", "iso-2022-jp"),
        ("EUC-JP", "cp932"),
        ("EUC-JP", "iso-2022-jp"),
        ("Shift_JIS", "utf-8"),
        ("iso-8859-1", "iso-2022-jp"),
        ("x-unknown", "utf-8"),
        ("unknown-8bit", "cp932"),
        ("utf-16", "utf-8"),
        ("ucs-2", "utf-8"),
        ("unicode", "utf-8"),
        ("utf-32", "utf-8"),
        ("ISO-10646-UCS-2", "utf-8"),
        ("utf-16le", "utf-8"),
        ("UTF-16BE", "utf-8"),
        ("_autodetect", "iso-2022-jp"),
        ("japanese", "cp932"),
        ("ansi_x3.4-1968", "utf-8"),
        ("binary", "utf-8"),
    ]
    return [
        Odd(f"{codec} as {label or 'nothing'}", typed(label, PLAIN.encode(codec)), WANT_PLAIN) for label, codec in pairs
    ]


def japanese() -> list[Odd]:
    """What ISO-2022-JP, Shift_JIS and EUC-JP of real programs hold beyond the standard."""
    esc = b"\x1b"
    kana = "ﾔﾏﾀﾞ､ﾊﾅｺ､ﾀﾛｳ"
    row13 = esc + b"$B" + bytes([0x2D, 0x21, 0x2D, 0x6A]) + esc + b"(B\r\n"
    return [
        Odd("nec row 13 in jis", typed("iso-2022-jp", row13), {"text": "①㈱\n"}),
        Odd("ibm kanji in shift_jis", typed("Shift_JIS", "髙橋﨑神\r\n".encode("cp932")), {"text": "髙橋﨑神\n"}),
        Odd(
            "half-width kana by ESC ( I",
            typed("iso-2022-jp", esc + b"(I" + bytes(b & 0x7F for b in kana.encode("cp932")) + esc + b"(B\r\n"),
            {"text": kana + "\n"},
        ),
        Odd(
            "half-width kana raw in jis",
            typed("iso-2022-jp", kana.encode("cp932") + b"\r\n" + "山田".encode("iso-2022-jp") + b"\r\n"),
            {"text": kana + "\n山田\n"},
        ),
        *(
            Odd(
                f"half-width kana {word} between two escapes",
                typed("iso-2022-jp", "件名".encode("iso-2022-jp") + word.encode("cp932") + b"\r\n"),
                {"text": f"件名{word}\n"},
            )
            for word in ("ｶﾅ", "ﾃｽﾄ", "ｱｲｳｴｵ", "･ﾃｽﾄ", "ﾄｳｷｮｳﾄ ﾐﾅﾄｸ")
        ),
        Odd(
            "jis roman",
            typed("iso-2022-jp", esc + b"(J" + b"abc" + esc + b"$B;3ED" + esc + b"(J\r\n"),
            {"text": "abc山田\n"},
        ),
        Odd("jis 1978", typed("iso-2022-jp", esc + b"$@;3ED" + esc + b"(J\r\n"), {"text": "山田\n"}),
        Odd(
            "jis x 0212",
            typed("iso-2022-jp-1", esc + b"$(D" + "丂".encode("iso2022_jp_1")[4:6] + esc + b"(B\r\n"),
            {"text": "丂\n"},
        ),
        Odd("jis without return to ascii", typed("iso-2022-jp", esc + b"$B;3ED\r\nabc\r\n"), {"text": "山田\nabc\n"}),
        Odd("jis with ESC $ ( B", typed("iso-2022-jp", esc + b"$(B;3ED" + esc + b"(B\r\n"), {"text": "山田\n"}),
        Odd("half-width kana in shift_jis", typed("Shift_JIS", kana.encode("cp932") + b"\r\n"), {"text": kana + "\n"}),
        Odd("nakaguro in shift_jis", typed("Shift_JIS", "･ﾃｽﾄ･ｱ･ｲ\r\n".encode("cp932")), {"text": "･ﾃｽﾄ･ｱ･ｲ\n"}),
        Odd("half-width kana in euc", typed("EUC-JP", kana.encode("euc_jp") + b"\r\n"), {"text": kana + "\n"}),
        Odd(
            "kana and kanji in shift_jis",
            typed("Shift_JIS", "ｶﾌﾞｼｷｶﾞｲｼｬ 山田商店\r\n".encode("cp932")),
            {"text": "ｶﾌﾞｼｷｶﾞｲｼｬ 山田商店\n"},
        ),
        Odd(
            "base64 jis",
            mail(
                b"Subject: s\r\nContent-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: base64",
                base64.encodebytes(PLAIN.encode("iso-2022-jp")).replace(b"\n", b"\r\n"),
            ),
            WANT_PLAIN,
        ),
        Odd(
            "shift_jis as 7bit",
            mail(
                b"Subject: s\r\nContent-Type: text/plain; charset=Shift_JIS\r\nContent-Transfer-Encoding: 7bit",
                TEXT.encode("cp932"),
            ),
            WANT,
        ),
        Odd(
            "one wrong octet in utf-8",
            typed("utf-8", "日本語の本文です".encode() + b"\xff" + "続きます\r\n".encode()),
            {"text": "日本語の本文です\ufffd続きます\n"},
        ),
        Odd("bom before the text", typed("utf-8", b"\xef\xbb\xbf" + PLAIN.encode()), WANT_PLAIN),
        Odd("utf-7", typed("utf-7", b"+ZeVnLIqe- 1 +- 1\r\n"), {"text": "日本語 1 + 1\n"}),
        Odd("unicode-1-1-utf-7", typed("unicode-1-1-utf-7", b"+ZeVnLIqe-\r\n"), {"text": "日本語\n"}),
        Odd(
            "utf-16 with mark in base64",
            mail(
                b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64",
                base64.b64encode("日本語".encode("utf-16")),
            ),
            {"text": "日本語"},
        ),
        Odd(
            "utf-16le in base64",
            mail(
                b"Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64",
                base64.b64encode("日本語 abc".encode("utf-16le")),
            ),
            {"text": "日本語 abc"},
        ),
    ]


def latin() -> list[Odd]:
    """Mails of the West and of neighbours, with and without a label."""
    return [
        Odd("windows-1252 as latin-1", typed("iso-8859-1", b"\x93Hi\x94 \x80 5\r\n"), {"text": "“Hi” € 5\n"}),
        Odd(
            "latin-1 in utf-8 label",
            typed("utf-8", "Café à la crème, s'il vous plaît\r\n".encode("latin-1")),
            {"text": "Café à la crème, s'il vous plaît\n"},
        ),
        Odd(
            "latin-1 without label",
            typed("", "Der Käufer hat für das Gerät überwiesen.\r\n".encode("latin-1")),
            {"text": "Der Käufer hat für das Gerät überwiesen.\n"},
        ),
        Odd("koi8-r", typed("koi8-r", "Привет\r\n".encode("koi8-r")), {"text": "Привет\n"}),
        Odd("windows-1251", typed("windows-1251", "Привет\r\n".encode("cp1251")), {"text": "Привет\n"}),
        Odd("big5", typed("big5", "你好嗎\r\n".encode("big5")), {"text": "你好嗎\n"}),
        Odd("gb2312 is gbk", typed("gb2312", "你好鎔\r\n".encode("gbk")), {"text": "你好鎔\n"}),
        Odd("ks_c_5601-1987", typed("ks_c_5601-1987", "안녕하세요\r\n".encode("cp949")), {"text": "안녕하세요\n"}),
        Odd("iso-8859-15", typed("iso-8859-15", b"\xa4 5\r\n"), {"text": "€ 5\n"}),
        Odd("gb18030", typed("gb18030", "你好\r\n".encode("gb18030")), {"text": "你好\n"}),
    ]


def html() -> list[Odd]:
    """HTML that names its charset itself."""
    page = "<html><head><meta {}></head><body>こんにちは、山田です</body></html>\r\n"
    http = 'http-equiv="Content-Type" content="text/html; charset={}"'
    made = []
    for label, codec in (
        ("Shift_JIS", "cp932"),
        ("euc-jp", "euc_jp"),
        ("iso-2022-jp", "iso-2022-jp"),
        ("utf-8", "utf-8"),
        ("unicode", "utf-8"),
        ("utf-16", "utf-8"),
    ):
        for meta in (http.format(label), f'charset="{label}"', f"charset={label}"):
            text = page.format(meta)
            made.append(
                Odd(
                    f"html meta {meta}",
                    typed("", text.encode(codec), "text/html"),
                    {"html": text.replace("\r\n", "\n")},
                )
            )
    text = page.format('charset="Shift_JIS"')
    made.append(
        Odd(
            "html: the label beats the meta",
            typed("utf-8", text.encode(), "text/html"),
            {"html": text.replace("\r\n", "\n")},
        )
    )
    return made


def raw_fields() -> list[Odd]:
    """8-bit fields without encoded words: the charset that the mail declares comes before a guess."""
    made = []
    for label, codec, subject in (
        ("Shift_JIS", "cp932", "お問い合わせ"),
        ("EUC-JP", "euc_jp", "お問い合わせ"),
        ("utf-8", "utf-8", "お問い合わせ"),
        ("", "utf-8", "件名"),
        ("", "cp932", "お問い合わせの件"),
        ("", "euc_jp", "お問い合わせの件"),
        ("iso-2022-jp", "iso-2022-jp", "お問い合わせ"),
        ("", "iso-2022-jp", "件名"),
        ("iso-2022-jp", "cp932", "お問い合わせの件"),
        ("utf-8", "cp932", "お問い合わせの件"),
        ("iso-8859-1", "latin-1", "Café René"),
        ("iso-8859-1", "latin-1", "Müller grüßt"),
        ("windows-1252", "cp1252", "“Größe” – 5 €"),
        ("", "latin-1", "Café à la crème"),
        ("", "latin-1", "Grüße aus München"),
        ("", "latin-1", "señor Núñez"),
        ("koi8-r", "koi8-r", "Привет"),
        ("windows-1251", "cp1251", "Счёт на оплату"),
        ("gb2312", "gbk", "你好"),
        ("big5", "big5", "你好嗎"),
        ("euc-kr", "cp949", "안녕하세요"),
        ("us-ascii", "latin-1", "Résumé"),
        ("Shift_JIS", "cp932", "ﾔﾏﾀﾞ､ﾊﾅｺ"),
        ("iso-8859-2", "iso8859-2", "Żółć"),
        ("utf-8", "latin-1", "Déjà vu à Genève"),
    ):
        kind = b"\r\nContent-Type: text/plain" + (b"; charset=" + label.encode() if label else b"")
        made.append(
            Odd(
                f"raw {codec} subject, declared {label or 'nothing'}: {subject}",
                mail(b"Subject: " + subject.encode(codec) + kind, b"x\r\n"),
                {"subject": subject},
            )
        )
    return made


ALL = labels() + wrong_labels() + japanese() + latin() + html() + raw_fields()
