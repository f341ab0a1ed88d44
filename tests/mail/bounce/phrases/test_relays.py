"""What a relay says of its own."""

import pytest

from cmcdesk.mail.bounce.phrases.relays import decode_octal, strip_relay


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<<< 552 5.3.4 too big\n554 5.0.0 Service unavailable", "<<< 552 5.3.4 too big\n"),
        ("<<< 550-no\n<<< 550 no\n550 5.1.1 <a@b>... User unknown", "<<< 550-no\n<<< 550 no\n"),
        ("192.0.2.1 does not like recipient.\nRemote host said: 550 no", "192.0.2.1 Remote host said: 550 no"),
        ("192.0.2.1 does not like recipient.", "192.0.2.1 does not like recipient."),
        ("a\nSubject: virus\nb", "a\n\nb"), ("a\n 件名：迷惑メール\nb", "a\n\nb"), ("Remote-MTA: dns; dns.x\nb", "\nb"),
        ("1: [2:3] Resolving MX records for [a.example]\n1: [2:3] <-- 550 no", "\n1: [2:3] <-- 550 no"),
        ("<-- 250-STARTTLS\n--> STARTTLS\n<-- 550 no", "\n\n<-- 550 no"),
        ("1: [2:3] SSL negotiation successful (TLS 1.3)\n>>> DATA\n<<< 354 ok\n<<< 550 no", "\n>>> DATA\n\n<<< 550 no"),
        ("scanned for viruses and dangerous content by x", " by x"),
        ("the following: checked for spam", "the following: "),
        ("it was rejected by the recipient domain: 550 no", "it : 550 no"),
        (
            "following: some mail systems refuse messages with invalid header information,\nor if they are too large",
            "following: ",
        ),
        ("This is a MIME-encapsulated message.\n\n--b\nContent-Type: text/plain\n\n550 no", "\n\n--b\n\n\n550 no"),
        ("Envelope sender: <a@b.example>\n Sender IP: 192.0.2.9\nno", "\n\nno"),
        ("Sender: rejected", "Sender: rejected"),
        ("Sender address: x.example refused", "Sender address: x.example refused"),
        ("Error resolving MX records", "Error resolving MX records"),
        ("the subject of (user unknown) is bad", "the   is bad"), ("550 5.1.1 no", "550 5.1.1 no"),
    ],
)  # fmt: skip
def test_it_is_taken_out(text: str, left: str) -> None:
    assert strip_relay(text) == left


def test_octets_in_octal_are_read() -> None:
    """Exim escapes every octet over 127; in Shift_JIS and EUC-JP too, where only whole runs can be read."""
    for charset in ("utf-8", "euc_jp"):
        written = "".join(f"\\{octet:03o}" for octet in "宛先不明".encode(charset))
        assert decode_octal(f"550 {written}") == "550 宛先不明"


@pytest.mark.parametrize("text", [r"C:\123\mail", r"\101\102", "no backslash"])
def test_other_backslashes_are_left_alone(text: str) -> None:
    assert decode_octal(text) == text
