"""Words of the West and of neighbours as 8-bit octets, in every place of a mail, with the charset declared or not."""

from tests.mail.mime.odd_mail import Odd

WESTERN = [
    "José Peña",
    "Grüße",
    "Müller",
    "MÜLLER GMBH",
    "façade",
    "naïve résumé",
    "Søren Ærø",
    "El Niño año",
    "Ça va bien?",
    "über alles",
    "Straße 5",
    "Señor Núñez",
    "Ñandú",
    "Übersicht",
    "Commande n° 1234",
    "Votre commande à 50 €",
    "Bjørn",
    "Ålesund",
    "l’été",
    "“quoted” text",
    "Æsir",
    "Angebot für Sie – 20 % Rabatt",
    "Öffnungszeiten",
    "Ihre Bestätigung",
    "garçon déjà reçu",
    "São Paulo ação coração",
    "Informação não",
    "Zürich",
    "Prénom: Zoë",
    "Crème brûlée à Genève",
]
DECLARED = {
    "iso-8859-1": ["Café René", "Ørsted", "ça"],
    "iso-8859-2": ["Łódź", "Dvořák", "Český Krumlov", "Żółć gęślą jaźń", "Příliš žluťoučký kůň", "Székesfehérvár"],
    "windows-1254": ["Ünal Çağlar", "Şişli İstanbul", "güneş ışığı"],
    "koi8-r": ["Привет", "Счёт на оплату", "Иван Петров"],
    "windows-1251": ["Привет", "Счёт на оплату", "Иван Петров"],
    "iso-8859-7": ["Καλημέρα κόσμε"],
    "windows-1255": ["שלום"],
    "tis-620": ["สวัสดี"],
    "gb2312": ["你好世界", "订单确认"],
    "big5": ["訂單確認", "你好"],
    "euc-kr": ["안녕하세요", "주문 확인"],
    "windows-1252": ["Žižek", *WESTERN],
    "Shift_JIS": ["お問い合わせ", "見積書", "山田太郎", "テスト", "ﾔﾏﾀﾞ", "ソ表能"],
    "EUC-JP": ["お問い合わせ", "見積書の件", "山田太郎様", "テスト"],
}
UNDECLARED = {
    "cp1252": WESTERN,
    "cp932": [
        "お問い合わせ",
        "見積書",
        "山田太郎",
        "テスト",
        "ﾔﾏﾀﾞ",
        "ソ表能",
        "①㈱",
        "（株）山田",
        "Windows版のご案内",
        "JR東日本",
        "X線",
    ],
    "euc_jp": ["お問い合わせ", "見積書の件", "山田太郎様", "テスト", "Windows版のご案内", "JR東日本"],
}


def in_every_place(codec: str, label: str, words: str) -> list[Odd]:
    """A mail with these words as subject, in a sentence, as a name, as a file name."""
    raw = words.encode(codec)
    kind = b"Content-Type: text/plain" + (b"; charset=" + label.encode() if label else b"")
    head = b"To: b@c.example\r\nMIME-Version: 1.0\r\n"
    plain = b"From: a@b.example\r\n" + head
    name = f"raw {codec} as {label or 'nothing'}: {words}"
    attached = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        + kind
        + b"\r\n\r\nx\r\n--b\r\nContent-Type: application/pdf\r\n"
        b'Content-Disposition: attachment; filename="' + raw + b'.pdf"\r\n\r\nx\r\n--b--\r\n'
    )
    found = {"attachments": [{"filename": f"{words}.pdf", "sha256": SHA256_OF_X}]}
    return [
        Odd(f"{name} (subject)", plain + b"Subject: " + raw + b"\r\n" + kind + b"\r\n\r\nx\r\n", {"subject": words}),
        Odd(
            f"{name} (sentence)",
            plain + b"Subject: Re: " + raw + b" (12)\r\n" + kind + b"\r\n\r\nx\r\n",
            {"subject": f"Re: {words} (12)"},
        ),
        Odd(
            f"{name} (name)",
            b'From: "' + raw + b'" <a@b.example>\r\n' + head + kind + b"\r\n\r\nx\r\n",
            {"from_names": [words]},
        ),
        Odd(f"{name} (file)", plain + attached, found),
    ]


SHA256_OF_X = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
CODECS = {"tis-620": "tis-620", "gb2312": "gbk", "euc-kr": "cp949", "Shift_JIS": "cp932", "EUC-JP": "euc_jp"}
ALL = [
    odd
    for label, words in DECLARED.items()
    for word in words
    for odd in in_every_place(CODECS.get(label, label), label, word)
] + [odd for codec, words in UNDECLARED.items() for word in words for odd in in_every_place(codec, "", word)]
