import email
import email.policy
from email.message import EmailMessage

import pytest

from cmcdesk.console.cmc.email_message import ApiMail, Attached, Party, build_message, find_unheld

ID = "<1@mta01.pro.smtps.jp>"
PLAIN = ApiMail(
    Party("a@shop.example", ""), (Party("b@dest.example", ""),), (), (), (), "utf-8", "Hello", "Dear you\n.\nbye", ""
)


def change(**changes: object) -> ApiMail:
    return ApiMail(**{name: getattr(PLAIN, name) for name in PLAIN.__slots__} | changes)  # type: ignore[arg-type]


def read(mail: ApiMail) -> tuple[bytes, EmailMessage]:
    octets = build_message(mail, ID, 0.0)
    assert (
        octets.isascii() and octets.replace(b"\r\n", b"").count(b"\n") == octets.replace(b"\r\n", b"").count(b"\r") == 0
    )
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(message, EmailMessage) and not message.defects
    return octets, message


def test_a_plain_mail_is_as_plain_as_that() -> None:
    assert read(PLAIN)[0].decode() == (
        "Date: Thu, 01 Jan 1970 09:00:00 +0900\r\nFrom: a@shop.example\r\nTo: b@dest.example\r\nSubject: Hello\r\n"
        f'Message-ID: {ID}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset="UTF-8"\r\n'
        "Content-Transfer-Encoding: 7bit\r\n\r\nDear you\r\n.\r\nbye\r\n"
    )


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp"])
def test_names_subject_headers_and_bodies_are_read_back(charset: str) -> None:
    names = ("株式会社 例え", 'A "quoted" \\ name', "=?utf-8?q?x?=", "a" * 300)
    mail = change(
        charset=charset,
        sender=Party("a@shop.example", names[0]),
        to=tuple(Party(f"{at}@dest.example", name) for at, name in enumerate(names)),
        cc=(Party("c@dest.example", ""),),
        reply_to=(Party("r@shop.example", "返信"),),
        headers=(("X-Api-Data", "注文 7"), ("X-Long", "y" * 990)),
        subject="とても長い件名です。" * 51,
        text="本文です\r\n" + "長い行" * 400 + "\n\n終わり",
        html="<p>本文</p>",
        attachments=(
            Attached("写真.png", "image/png", bytes(range(256)) * 9),
            Attached("a b.txt", "text/plain", b"x\n"),
            Attached("m.eml", "message/rfc822", b"Subject: x\n\ny"),
            Attached("none", "", b""),
        ),
    )
    octets, message = read(mail)
    assert [each.display_name for each in message["To"].addresses] == list(names)
    assert (message["From"].addresses[0].display_name, message["Cc"], message["Reply-To"]) == (
        names[0], "c@dest.example", "返信 <r@shop.example>",
    )  # fmt: skip
    assert (message["Subject"], message["X-Api-Data"], message["X-Long"]) == (mail.subject, "注文 7", "y" * 990)
    text, html, *files = [part for part in message.walk() if not part.is_multipart()]
    assert text.get_content() == "本文です\r\n" + "長い行" * 400 + "\r\n\r\n終わり\r\n"
    assert (html.get_content_type(), html.get_content()) == ("text/html", "<p>本文</p>\r\n")
    assert [(part.get_filename(), part.get_content_type()) for part in files] == [
        ("写真.png", "image/png"), ("a b.txt", "text/plain"), ("m.eml", "application/octet-stream"),
        ("none", "application/octet-stream"),
    ]  # fmt: skip
    assert [part.get_payload(decode=True) for part in files] == [each.octets for each in mail.attachments]
    assert (b"\x1b$B" in octets) == (charset == "iso-2022-jp") and charset.encode() in octets.lower()


def test_iso_2022_jp_is_sent_as_7bit_and_writes_what_windows_means() -> None:
    octets, message = read(change(charset="iso-2022-jp", subject="～", text="価格 10～20 円"))
    assert message["Content-Transfer-Encoding"] == "7bit" and message["Subject"] == "〜"
    assert octets.decode("iso-2022-jp").endswith("価格 10〜20 円\r\n")


@pytest.mark.parametrize(
    ("text", "unheld"),
    [
        ("あいう ABC ～－", []),
        ("髙橋①髙", ["髙", "①"]),
        ("ｱ😀", ["ｱ", "😀"]),
        ("".join(map(chr, range(0x3400, 0x3500))), 10),
    ],
)
def test_what_iso_2022_jp_has_not_is_found(text: str, unheld: list[str] | int) -> None:
    found = find_unheld(text, "iso-2022-jp")
    assert found == unheld or len(found) == unheld
    assert find_unheld(text, "utf-8") == []


def test_properties_are_put_in_and_nothing_else() -> None:
    party = Party("b@dest.example", "山田", {"name": "山田", "code": "7\r\nBcc: x@x", "再": "((#code#))"})
    merged = change(
        subject="((#name#)) ((#code#))", text="((#name#))((#gone#))((#再#)) (#name#)", html="((#name#))"
    ).merge(party)
    assert (merged.to, merged.subject, merged.html) == ((party,), "山田 7 Bcc: x@x", "山田")
    assert merged.text == "山田((#gone#))((#code#)) (#name#)"
