import json
from typing import Any

import pytest

from cmcdesk.console.cmc.calls import CmcRefused
from cmcdesk.console.cmc.email_message import Attached, Party
from cmcdesk.console.cmc.email_request import SendOrder, make_order

LEAST = {
    "api_user": "app@example.com", "api_key": "abcd1234", "to": [{"address": "b@dest.example", "name": "B"}],
    "from": {"address": "a@shop.example", "name": "Shop"}, "subject": "s", "text": "t",
}  # fmt: skip
MANY = [str(number) for number in range(101)]
FILE = Attached("a.txt", "text/plain", b"x")


def read(is_bulk: bool = False, files: int = 0, **changes: Any) -> SendOrder:
    named = {{"sender": "from"}.get(name, name): value for name, value in changes.items()}
    return make_order(LEAST | named, dict.fromkeys(range(1, files + 1), FILE), is_bulk)


@pytest.mark.parametrize(
    "given",
    [
        "b@dest.example", {"address": "b@dest.example"}, [{"address": "b@dest.example", "name": ""}],
        [{"address": "b@dest.example", "name": None}], ["b@dest.example"], '{"address":"b@dest.example","name":""}',
        '[{"address": "b@dest.example"}]', '{:address=>"b@dest.example", :name=>""}', '{address: "b@dest.example"}',
        '{"address"=>"b@dest.example", "name"=>nil}', [{"address": "b@dest.example", "code": "7"}],
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["to", "cc", "bcc", "replyto"])
def test_an_address_may_come_in_each_of_cmcs_forms(name: str, given: object) -> None:
    order = read(**{name: given})
    found = {"to": order.mail.to, "cc": order.mail.cc, "bcc": order.bcc, "replyto": order.mail.reply_to}[name]
    assert found == (Party("b@dest.example", ""),)


@pytest.mark.parametrize("nothing", [None, "", [], {}, "[]", "{}"])
def test_what_is_empty_is_not_there(nothing: object) -> None:
    assert read(**dict.fromkeys(("cc", "bcc", "replyto", "headers"), nothing)) == read()


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_text_is_not_there(nothing: object) -> None:
    assert read(**dict.fromkeys(("charset", "html", "envfrom", "attachments", "server_composition"), nothing)) == read()


@pytest.mark.parametrize(
    "given",
    [
        {"X-Api-Data": "7", "X-N": 3}, [{"name": "X-Api-Data", "value": "7"}, {"name": "X-N", "value": "3"}],
        '{"X-Api-Data": "7", "X-N": "3"}', '[{"name": "X-Api-Data", "value": "7"}, {"name": "X-N", "value": 3}]',
    ],
)  # fmt: skip
def test_headers_are_an_object_or_a_list(given: object) -> None:
    assert read(headers=given).mail.headers == (("X-Api-Data", "7"), ("X-N", "3"))


def test_domains_become_a_labels_and_odd_local_parts_stay() -> None:
    order = read(to="Info@例え.JP", cc=["a..b.@docomo.ne.jp"], envfrom="return@例え.jp")
    assert (order.mail.to[0].address, order.mail.cc[0].address) == ("Info@xn--r8jz45g.jp", "a..b.@docomo.ne.jp")
    assert order.envelope_from == "return@xn--r8jz45g.jp" and read().envelope_from == "a@shop.example"


def test_in_bulk_properties_are_kept_as_text() -> None:
    [party] = read(True, to=[{"address": "b@dest.example", "name": "B", "n": 7, "none": None}]).mail.to
    assert party.properties == {"address": "b@dest.example", "name": "B", "n": "7", "none": ""}
    assert len(read(True, to=[f"{number}@x.example" for number in range(1000)]).mail.to) == 1000


@pytest.mark.parametrize(
    ("field", "changes", "told"),
    [
        ("api_user", {"api_user": ""}, "is required"),
        ("to", {"to": []}, "is required"),
        ("to", {"to": "nobody"}, "'nobody' is no e-mail address"),
        ("to", {"to": "a@x.example, b@x.example"}, "is no e-mail address"),
        ("to", {"to": "あ@x.example"}, "is no e-mail address"),
        ("to", {"to": "a@" + "x." * 150 + "jp"}, "is no e-mail address"),
        ("to", {"to": [{"name": "B"}]}, "must be an address"),
        ("to", {"to": [7]}, "must be an address"),
        ("to", {"to": "[{"}, "cannot be read as JSON"),
        ("to", {"to": [{"address": "b@x.example", "name": "a\r\nBcc: c@x.example"}]}, "text of one line"),
        ("to", {"to": [f"{number}@x.example" for number in range(11)]}, "has 11 addresses; up to 10"),
        ("cc", {"cc": [f"{number}@x.example" for number in range(11)]}, "up to 10"),
        ("from", {"sender": ["a@x.example", "b@x.example"]}, "has 2 addresses; up to 1"),
        ("from", {"sender": {"address": "x"}}, "'x' is no e-mail address"),
        ("replyto", {"replyto": "r@x\n.example"}, "is no e-mail address"),
        ("envfrom", {"envfrom": "nobody"}, "is no e-mail address"),
        ("subject", {"subject": "あ" * 513}, "has 513 characters; up to 512"),
        ("subject", {"subject": "a\r\nBcc: c@x.example"}, "text of one line"),
        ("subject", {"subject": ["a"]}, "text of one line"),
        ("text", {"text": {"a": 1}}, "must be text"),
        ("text", {"text": "\ud800"}, "must be text"),
        ("html", {"html": "\0"}, "must be text"),
        ("charset", {"charset": "Shift_JIS"}, "'Shift_JIS': must be UTF-8 or ISO-2022-JP"),
        ("text", {"charset": "iso-2022-jp", "text": "①"}, "ISO-2022-JP has no ①"),
        ("from", {"charset": "ISO-2022-JP", "sender": {"address": "a@x.example", "name": "髙"}}, "has no 髙"),
        ("headers", {"headers": {"To": "x@x.example"}}, "To cannot be set"),
        ("headers", {"headers": {"Content-Type": "x"}}, "cannot be set"),
        ("headers", {"headers": {"X-A": "a\nb"}}, "one line"),
        ("headers", {"headers": {"X A": "a"}}, "must be an object, or a list"),
        ("headers", {"headers": ["x"]}, "must be an object, or a list"),
        ("headers", {"headers": "X-A: b"}, "must be an object, or a list"),
        ("attachments", {"attachments": "2", "files": 1}, "says 2, and these files came: attachment1"),
        ("attachments", {"attachments": "1"}, "these files came: -"),
        ("attachments", {"attachments": "x"}, "must be a number from 0 to 10"),
        ("attachments", {"files": 11}, "must be a number from 0 to 10"),
        ("colour", {"colour": "red"}, "no such parameter; allowed: api_user"),
        ("cc", {"is_bulk": True, "cc": "c@x.example"}, "is not taken in bulk"),
        ("to", {"is_bulk": True, "to": [f"{number}@x.example" for number in range(1001)]}, "up to 1000"),
        ("to", {"is_bulk": True, "to": [{"address": "b@x.example"} | dict.fromkeys(MANY)]}, "more than 100"),
        ("to", {"is_bulk": True, "to": [{"address": "b@x.example", "p": "あ" * 1707}]}, "p of b@x.example"),
        ("to", {"is_bulk": True, "to": [{"address": "b@x.example", "p": ["a"]}]}, "p of b@x.example"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(field: str, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(CmcRefused) as refused:
        read(**changes)
    [error] = refused.value.errors
    assert error.field == field and told in error.message["en"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(CmcRefused) as refused:
        make_order({"to": "x", "text": "①", "charset": "iso-2022-jp"}, {}, False)
    told = {error.field: error.code for error in refused.value.errors}
    assert told == {
        "api_user": "90-002", "api_key": "90-002", "from": "90-002", "subject": "90-002", "to": "90-004",
        "text": "90-004",
    }  # fmt: skip


def test_json_text_within_json_is_read_like_the_object() -> None:
    packed = {name: json.dumps(LEAST[name]) for name in ("to", "from")}
    assert read(to=packed["to"], sender=packed["from"], html="", envfrom="") == read()
