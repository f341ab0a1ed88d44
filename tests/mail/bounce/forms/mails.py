"""The words of `golden/forms`, and the mails that are made of them."""

from email.header import Header
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).resolve().parents[3] / "golden" / "forms"


SENDERS = tuple(sorted(path.stem for path in (_FOLDER / "senders").glob("*.eml")))


class Row(NamedTuple):
    """A mail that is no bounce, as `ordinary.txt` has it."""

    sender: str
    subject: str
    return_path: str
    more_fields: str
    text: str


def read_rows(name: str) -> list[list[str]]:
    """The rows of a file, split at the bars; \\n is a line end."""
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n").split("|") for line in lines if line and not line.startswith("#")]


def read_groups(name: str) -> dict[str, list[str]]:
    """Texts by the class that is right for them; of several classes each digit is one."""
    groups: dict[str, list[str]] = {}
    for right, text in read_rows(name):
        groups.setdefault(right, []).append(text)
    return groups


MIXED = [(right, recipient, Row(*row)) for right, recipient, *row in read_rows("mails.txt")]
ORDINARY = [Row(*row) for row in read_rows("ordinary.txt")]


def write_bounce(sender: str, reply: str, to: str, host: str) -> bytes:
    """The notice of a mail system about one recipient and one answer of the remote server."""
    answer = reply.replace("{to}", to).replace("{host}", host).replace("{ip}", "192.0.2.1")
    answer = answer.replace("{local}", to.rpartition("@")[0])
    stated = answer.replace("-", " ", 1).split(" ")[1].lstrip("#")
    status = stated if stated[:1] in "45" and stated[1:2] == "." else f"{answer[0]}.0.0"
    text = (_FOLDER / "senders" / f"{sender}.eml").read_text(encoding="utf-8")
    for name, value in (("status", status), ("host", host), ("reply", answer), ("to", to)):
        text = text.replace(f"{{{name}}}", value)
    return text.encode()


def write_notice(heading: list[str], text: str, charset: str = "utf-8") -> bytes:
    """A notice in Japanese without a machine-readable report; heading: From and Subject."""
    sender, subject = heading
    head = (
        f"Return-Path: <>\nFrom: {_encode_name(sender)}\nTo: info@return.example.com\n"
        f"Subject: {_encode(subject, charset)}\nMIME-Version: 1.0\nContent-Type: text/plain; charset={charset}\n"
        "Content-Transfer-Encoding: 8bit\n\n"
    )
    returned = "\n\n---------- 元のメール ----------\nFrom: info@example.com\nTo: \nSubject: order 4711\n"
    return head.encode() + (text + returned).encode(charset, "replace")


def write_ordinary(row: Row, charset: str = "utf-8", to_html: bool = False) -> bytes:
    """The mail of a row."""
    html = f"<html><body><p>{row.text}</p></body></html>".replace("\n", "<br>\n")
    head = (
        f"Return-Path: {row.return_path}\nFrom: {_encode_name(row.sender)}\nTo: info@return.example.com\n"
        f"Subject: {_encode(row.subject, charset)}\n{row.more_fields}MIME-Version: 1.0\nMessage-ID: <p1@dest.example>\n"
        f"Content-Type: text/{'html' if to_html else 'plain'}; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
    )
    return head.encode() + (html if to_html else row.text).encode(charset, "replace") + b"\n"


def _encode(words: str, charset: str) -> str:
    return words if words.isascii() else Header(words, charset).encode()


def _encode_name(sender: str) -> str:
    name, _, address = sender.rpartition(" ")
    return sender if sender.isascii() else f"{Header(name, 'utf-8').encode()} {address}"
