"""Golden events, octet for octet, and the same octets read back as receivers read them."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from cmcdesk.webhook.event_payload import build_event_payload, shape_bounce
from cmcdesk.webhook.payload import EXCERPT_LIMIT
from cmcdesk.webhook.target import Target

GOLDEN = Path(__file__).parents[1] / "golden" / "webhook"
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


def build(form: Any, version: int, **secrets: str) -> Any:
    event = json.dumps({"bounces": [shape_bounce(record, version) for record in RECORDS]})
    return build_event_payload(Target("https://a.example/", form, **secrets), "pro", "bounces", event)


@pytest.mark.parametrize(
    ("form", "version", "file"),
    [("form", 1, "bounces-v1.form"), ("form", 2, "bounces-v2.form"), ("json", 2, "bounces-v2.json")],
)
def test_golden(form: str, version: int, file: str) -> None:
    assert build(form, version).octets == (GOLDEN / file).read_bytes()


def test_the_form_holds_the_event_as_a_json_string() -> None:
    payload = build("form", 2, api_key="key & 4711")
    assert payload.content_type == "application/x-www-form-urlencoded"
    fields = parse_qsl(payload.octets.decode("ascii"), strict_parsing=True)
    assert [name for name, _ in fields] == ["api_key", "server_composition", "event_type", "event"]
    assert [value for _, value in fields[:3]] == ["key & 4711", "pro", "bounces"]
    assert json.loads(fields[3][1]) == {"bounces": RECORDS}
    assert "<" not in fields[3][1]


def test_a_form_is_encoded_as_java_encodes_it() -> None:
    octets = build("form", 2).octets
    assert b"+*%E7%89%B9%E4%BE%A1*+50%25+%26+more" in octets
    assert b"no-such-user%7E1%40dest.example" in octets


def test_json_holds_the_event_as_an_object() -> None:
    payload = build("json", 2, api_key="k")
    assert payload.content_type == "application/json"
    content = json.loads(payload.octets)
    assert list(content) == ["api_key", "server_composition", "event_type", "event"]
    assert content["event"] == {"bounces": RECORDS}
    assert b"\\u003C1@sender.example\\u003E" in payload.octets


def test_version_1_has_the_older_names() -> None:
    first = shape_bounce(RECORDS[0], 1)
    assert first["envelopeFrom"] == "news@return.sender.example"
    assert first["envelopeTo"] == "no-such-user~1@dest.example"
    assert not {"from", "to", "returnPath", "apiData"} & set(first)


@pytest.mark.parametrize("form", ["form", "json"])
def test_the_key_is_not_in_what_the_log_keeps(form: str) -> None:
    payload = build(form, 2, api_key="hidden-key")
    assert b"hidden-key" in payload.octets
    assert b"hidden-key" not in payload.excerpt
    assert len(payload.excerpt) <= EXCERPT_LIMIT
