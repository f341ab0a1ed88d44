import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from cmcdesk.console.cmc.calls import CmcRefused
from cmcdesk.console.cmc.email_fields import as_text, read_body, read_uploads, unpack
from cmcdesk.console.cmc.email_message import Attached

Ask = Callable[..., Request]


@pytest.fixture
def ask() -> Iterator[Callable[..., Request]]:
    """`ask(data=…)`: a request; its files are closed in the end, as Flask does."""
    with ExitStack() as opened:

        def build(**given: Any) -> Request:
            if isinstance(given.get("data"), bytes):
                given["input_stream"] = io.BytesIO(given.pop("data"))
            return opened.enter_context(Request(EnvironBuilder(method="POST", **given).get_environ()))

        yield build


def test_json_and_forms_give_the_same_parameters(ask: Ask) -> None:
    wanted = {"to": "b@x.example", "subject": "件名"}
    assert read_body(ask(json=wanted)) == read_body(ask(data=wanted)) == wanted
    assert read_body(ask(data=wanted | {"attachment1": (io.BytesIO(b"x"), "a.txt")})) == wanted


def test_files_come_by_number_and_others_are_parameters_that_nobody_knows(ask: Ask) -> None:
    form = {"attachment2": (io.BytesIO(b"two"), "2.txt"), "attachment1": (io.BytesIO(b"one"), "写真.png")}
    asked = ask(data=form | {"attachment": (io.BytesIO(b"x"), "x"), "attachment0": (io.BytesIO(b"x"), "x")})
    assert read_uploads(asked) == {
        1: Attached("写真.png", "image/png", b"one"), 2: Attached("2.txt", "text/plain", b"two"),
    }  # fmt: skip
    assert set(read_body(asked)) == {"attachment", "attachment0"}


def test_names_with_brackets_become_an_object(ask: Ask) -> None:
    form = {"replyto[address]": "r@x.example", "replyto[name]": "R", "to": "b@x.example"}
    assert read_body(ask(data=form)) == {"replyto": {"address": "r@x.example", "name": "R"}, "to": "b@x.example"}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_no_object_is_refused(ask: Ask, body: bytes) -> None:
    with pytest.raises(CmcRefused) as refused:
        read_body(ask(data=body, content_type="application/json"))
    assert refused.value.status == 400
    with pytest.raises(CmcRefused) as refused:
        read_body(ask(data=body, content_type="text/xml"))
    assert refused.value.status == 415


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ('{"a": [1]}', {"a": [1]}),
        ('{:address=>"r@x.example", :name=>"返信 \\"q\\" \\u3042 \\u{1F600} \\#{x}"}',
         {"address": "r@x.example", "name": '返信 "q" あ 😀 #{x}'}),
        ('{name: "R, r", address: "r@x.example"}', {"name": "R, r", "address": "r@x.example"}),
        ('{"name"=>nil, "n"=>7}', {"name": None, "n": "7"}),
        ("{}", {}), ("{:a=>}", None), ('{:a=>"x', None), ("{a}", None), ("[" * 100_000, None), ("[x]", None),
    ],
)  # fmt: skip
def test_objects_in_text_are_unpacked(text: str, held: object) -> None:
    assert unpack(text) == held


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (7, "7"), (1.5, "1.5"), (None, ""), (True, None), ([], None), ("\udc80", None)]
)
def test_numbers_are_text_and_other_things_are_not(value: object, text: str | None) -> None:
    assert as_text(value) == text
