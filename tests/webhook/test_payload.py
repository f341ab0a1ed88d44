"""Golden payloads, octet for octet, and the same octets read back by form parsers that receivers use."""

import email
import email.policy
import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from werkzeug.formparser import parse_form_data

from cmcdesk.mail.mime.message import Attachment, read_message
from cmcdesk.webhook.payload import (
    EXCERPT_LIMIT,
    Addressing,
    MailParts,
    Payload,
    build_event_payload,
    build_payload,
    escape_filename,
    shape_event_bounce,
    take_parts,
    use_crlf,
    write_json,
)
from cmcdesk.webhook.target import Target

GOLDEN = Path(__file__).parents[1] / "golden" / "webhook"
BOUNDARY = "0123456789abcdef0123456789abcdef"
PICTURE = bytes(range(256)) + b"\r\n--" + b"\x00\xff"


def read_golden_mail() -> MailParts:
    return take_parts("info@example.com", read_message((GOLDEN / "inquiry.eml").read_bytes()))


ADDRESSING = Addressing("pro", "お問い合わせ <フォーム>", "mail@mailform.example.com", "key & <4711>")


def build(form: Any, addressing: Addressing = ADDRESSING) -> Payload:
    return build_payload(form, read_golden_mail(), addressing, BOUNDARY)


@pytest.mark.parametrize(("form", "file"), [("multipart", "inquiry.multipart"), ("json", "inquiry.json")])
def test_golden(form: str, file: str) -> None:
    assert build(form).octets == (GOLDEN / file).read_bytes()


def test_multipart_as_werkzeug_reads_it() -> None:
    payload = build("multipart")
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": payload.content_type,
        "CONTENT_LENGTH": str(len(payload.octets)),
        "wsgi.input": io.BytesIO(payload.octets),
    }
    _, form, files = parse_form_data(environ)
    assert list(form) == [
        "api_key", "server_composition", "filter", "headers", "subject", "envelope-from", "envelope-to", "text", "html",
        "attachments",
    ]  # fmt: skip
    assert form["api_key"] == "key & <4711>"
    assert form["filter"] == "お問い合わせ <フォーム>"
    assert form["subject"] == "お問い合わせ（見積の件）"
    assert form["text"] == "株式会社テスト 様\r\n\r\n添付をご覧ください。\r\n"
    assert form["attachments"] == "2"
    headers = json.loads(form["headers"])
    assert headers[0] == {"name": "Return-Path", "value": "<info@example.com>"}
    assert [one["value"] for one in headers if one["name"] == "Received"] == [
        "from b.example by a.example; Tue, 24 Nov 2026 10:00:01 +0900",
        "from c.example by b.example; Tue, 24 Nov 2026 10:00:00 +0900",
    ]
    assert {"name": "SUBJECT", "value": "お問い合わせ（見積の件）"} in headers
    assert [(name, one.filename, one.content_type) for name, one in files.items()] == [
        ("attachment1", "御見積書（第2版）.pdf", "application/pdf"),
        ("attachment2", "名簿.csv", "text/csv"),
    ]
    contents = [one.read() for one in files.values()]
    for one in files.values():
        one.close()
    assert contents == [b"%PDF-1.4 \xff\x00 raw", "氏名,番号\r\n".encode("cp932")]


def read_as_header_parser(payload: Payload) -> list[tuple[str, str | None, bytes]]:
    """As Django, PHP and busboy do it: header lines decoded as UTF-8, parameters between quotes."""
    boundary = payload.content_type.partition("boundary=")[2].encode()
    parts = payload.octets.split(b"--" + boundary)[1:-1]
    found = []
    for part in parts:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        disposition = head.decode("utf-8").split("\r\n")[0]
        name = re.search(r' name="([^"]*)"', disposition)
        filename = re.search(r' filename="([^"]*)"', disposition)
        assert name is not None
        found.append((name[1], filename[1] if filename else None, content.removesuffix(b"\r\n")))
    return found


def test_multipart_as_a_parser_of_utf8_header_lines_reads_it() -> None:
    found = read_as_header_parser(build("multipart"))
    names = [filename for _, filename, _ in found if filename]
    assert names == ["御見積書（第2版）.pdf", "名簿.csv"]
    assert {name: content for name, _, content in found}["attachment1"] == b"%PDF-1.4 \xff\x00 raw"


def test_multipart_as_the_standard_librarys_mail_parser_reads_it() -> None:
    payload = build("multipart")
    octets = f"Content-Type: {payload.content_type}\r\n\r\n".encode() + payload.octets
    message = email.message_from_bytes(octets, policy=email.policy.HTTP)
    names = [part.get_param("name", header="content-disposition") for part in message.iter_parts()]
    assert names[0] == "api_key"
    assert names[-2:] == ["attachment1", "attachment2"]


def test_json_has_the_samples_keys_in_its_order_and_no_attachments() -> None:
    payload = build("json")
    content = json.loads(payload.octets)
    assert payload.content_type == "application/json"
    assert list(content) == [
        "api_key", "filter", "headers", "subject", "envelope-to", "server_composition", "html", "text", "envelope-from",
    ]  # fmt: skip
    assert content["headers"][0] == {"name": "Return-Path", "value": "<info@example.com>"}
    assert content["api_key"] == "key & <4711>"
    assert b"<" not in payload.octets and b">" not in payload.octets
    assert rb"\u003Cinfo@example.com\u003E" in payload.octets


@pytest.mark.parametrize("form", ["multipart", "json"])
def test_what_a_mail_or_the_settings_lack_is_not_sent(form: str) -> None:
    parts = take_parts("", read_message(b"Subject: =?utf-8?b?44GC?=\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n"))
    payload = build_payload(form, parts, Addressing("pro", "f", "b@example.com"), BOUNDARY)  # type: ignore[arg-type]
    text = payload.octets.decode()
    assert "api_key" not in text
    assert re.search(r'"text"', text) is None
    assert re.search(r'"html"', text)
    assert "あ" in text
    if form == "multipart":
        fields = {name: content for name, _, content in read_as_header_parser(payload)}
        assert fields["attachments"] == b"0"
        assert fields["envelope-from"] == b""
        assert json.loads(fields["headers"])[0] == {"name": "Return-Path", "value": "<>"}


@pytest.mark.parametrize("form", ["multipart", "json"])
def test_the_excerpt_is_what_is_sent_with_the_key_masked_and_cut(form: str) -> None:
    long = MailParts(
        "a@example.com", [], "[]", "s", "x" * 5000, None, (Attachment("a", "b/c", "", b"y" * 9000, False),)
    )
    masked = build_payload(form, long, ADDRESSING, BOUNDARY).excerpt  # type: ignore[arg-type]
    assert len(masked) == EXCERPT_LIMIT
    assert b"4711" not in masked and b"********" in masked
    plain = build_payload(form, long, Addressing("pro", "f", "b@example.com"), BOUNDARY)  # type: ignore[arg-type]
    assert plain.octets.startswith(plain.excerpt)


def test_any_octets_of_an_attachment_arrive_as_they_are() -> None:
    parts = MailParts("", [], "[]", "", None, None, (Attachment("絵.png", "image/png", "", PICTURE, False),))
    payload = build_payload("multipart", parts, Addressing("pro", "f", "b@example.com"), BOUNDARY)
    assert read_as_header_parser(payload)[-1] == ("attachment1", "絵.png", PICTURE)


def test_a_strangers_file_name_and_type_cannot_forge_header_lines_or_parts() -> None:
    name = 'a"; name="subject"\r\nX-Forged: 1\r\n\r\n\0.txt'
    forged = Attachment(name, "text/plain\r\nX-Forged: 1", "", b"z", False)
    parts = MailParts("", [], "[]", "", None, None, (forged,))
    payload = build_payload("multipart", parts, Addressing("pro", "f", "b@example.com"), BOUNDARY)
    head = payload.octets.rpartition(b"attachment1")[2].partition(b"\r\n\r\n")[0]
    assert b"\r\nX-Forged" not in head
    assert b"\r\nContent-Type: application/octet-stream" in head
    assert escape_filename(name) == "a%22; name=%22subject%22%0D%0AX-Forged: 1%0D%0A%0D%0A.txt"


def test_an_attachment_without_a_name_is_still_a_file() -> None:
    parts = MailParts("", [], "[]", "", None, None, (Attachment("", "", "", b"z", False),))
    payload = build_payload("multipart", parts, Addressing("pro", "f", "b@example.com"), BOUNDARY)
    assert read_as_header_parser(payload)[-1] == ("attachment1", "attachment1", b"z")


def test_lone_surrogates_do_not_stop_a_delivery() -> None:
    parts = MailParts("", [], write_json([{"name": "X", "value": "\udc80"}]), "\ud800", "\udfff", None, ())
    for form in ("multipart", "json"):
        payload = build_payload(form, parts, Addressing("pro", "f", "b@example.com"), BOUNDARY)  # type: ignore[arg-type]
        assert payload.octets.decode()


def test_line_ends() -> None:
    assert use_crlf("a\nb\r\nc\rd\n\n") == "a\r\nb\r\nc\r\nd\r\n\r\n"
    assert use_crlf(None) is None
    assert use_crlf("") == ""


RECORDS = [
    {
        "created": "2026-11-24 10:00:00",
        "status": "2",
        "from": "news@sender.example",
        "to": "no-such-user~1@dest.example",
        "messageId": "<1@sender.example>",
        "returnPath": "news@return.sender.example",
        "subject": "お知らせ *特価* 50% & more",
        "apiData": "order=7",
        "reason": "550 5.1.1 <no-such-user~1@dest.example>: User unknown",
    },
    {
        "created": "2026-11-24 10:00:01",
        "status": "5",
        "from": "news@sender.example",
        "to": "full@dest.example",
        "messageId": "<2@sender.example>",
        "returnPath": "news@return.sender.example",
        "subject": "",
        "apiData": "",
        "reason": "552 5.2.2 Mailbox full",
    },
]


def build_event(form: Any, version: int, **secrets: str) -> Any:
    event = json.dumps({"bounces": [shape_event_bounce(record, version) for record in RECORDS]})
    return build_event_payload(Target("https://a.example/", form, **secrets), "pro", "bounces", event)


@pytest.mark.parametrize(
    ("form", "version", "file"),
    [("form", 1, "bounces-v1.form"), ("form", 2, "bounces-v2.form"), ("json", 2, "bounces-v2.json")],
)
def test_event_payload_golden(form: str, version: int, file: str) -> None:
    assert build_event(form, version).octets == (GOLDEN / file).read_bytes()


def test_the_form_holds_the_event_as_a_json_string() -> None:
    payload = build_event("form", 2, api_key="key & 4711")
    assert payload.content_type == "application/x-www-form-urlencoded"
    fields = parse_qsl(payload.octets.decode("ascii"), strict_parsing=True)
    assert [name for name, _ in fields] == ["api_key", "server_composition", "event_type", "event"]
    assert [value for _, value in fields[:3]] == ["key & 4711", "pro", "bounces"]
    assert json.loads(fields[3][1]) == {"bounces": RECORDS}
    assert "<" not in fields[3][1]


def test_a_form_is_encoded_as_java_encodes_it() -> None:
    octets = build_event("form", 2).octets
    assert b"+*%E7%89%B9%E4%BE%A1*+50%25+%26+more" in octets
    assert b"no-such-user%7E1%40dest.example" in octets


def test_json_holds_the_event_as_an_object() -> None:
    payload = build_event("json", 2, api_key="k")
    assert payload.content_type == "application/json"
    content = json.loads(payload.octets)
    assert list(content) == ["api_key", "server_composition", "event_type", "event"]
    assert content["event"] == {"bounces": RECORDS}
    assert b"\\u003C1@sender.example\\u003E" in payload.octets


def test_version_1_has_the_older_names() -> None:
    first = shape_event_bounce(RECORDS[0], 1)
    assert first["envelopeFrom"] == "news@return.sender.example"
    assert first["envelopeTo"] == "no-such-user~1@dest.example"
    assert not {"from", "to", "returnPath", "apiData"} & set(first)


@pytest.mark.parametrize("form", ["form", "json"])
def test_the_key_is_not_in_what_the_log_keeps(form: str) -> None:
    payload = build_event(form, 2, api_key="hidden-key")
    assert b"hidden-key" in payload.octets
    assert b"hidden-key" not in payload.excerpt
    assert len(payload.excerpt) <= EXCERPT_LIMIT
