"""A request that the catcher kept, taken apart."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request

from cmcdesk.console.catcher.caught_view import SHOWN, find_header, lay_out, read_caught
from cmcdesk.store.desk.models import CaughtRow


def row(body: bytes, content_type: str = "", path: str = "", **headers: str) -> CaughtRow:
    named = {"Content-Type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = [[name, value] for name, value in named.items()]
    return CaughtRow(method="POST", path=path, headers=pairs, body=body, size=len(body), answered=200, at=1.0)


def form_row(**given: object) -> CaughtRow:
    """What requests makes of a form."""
    prepared = Request("POST", "http://h/", **given).prepare()  # type: ignore[arg-type]
    assert isinstance(prepared.body, bytes | str)
    body = prepared.body if isinstance(prepared.body, bytes) else prepared.body.encode()
    return row(body, prepared.headers["Content-Type"])


def test_a_form_with_files_is_fields_and_files() -> None:
    octets = bytes(range(256))
    files = {"file1": ("写真.png", octets, "image/png")}
    shown = read_caught(form_row(data=[("filter", "連絡"), ("to", "a"), ("to", "b")], files=files))
    assert shown.fields == (("filter", "連絡"), ("to", "a"), ("to", "b"))
    (file,) = shown.files
    assert (file.field, file.filename, file.content_type, file.size) == ("file1", "写真.png", "image/png", 256)
    assert file.sha256 == hashlib.sha256(octets).hexdigest() and file.octets == octets


def test_json_is_laid_out_in_a_body_and_in_a_field() -> None:
    shown = read_caught(row('{"a":[1,"日本"]}'.encode(), "application/json"))
    assert shown.json == json.dumps({"a": [1, "日本"]}, ensure_ascii=False, indent=2) and shown.fields == ()
    assert read_caught(form_row(data={"bounces": '[{"to":"x"}]'})).fields[0][1] == '[\n  {\n    "to": "x"\n  }\n]'
    assert lay_out("{not json") == "{not json" and lay_out("[" * 100_000) == "[" * 100_000 and lay_out("1") == "1"


def test_the_text_is_the_request_as_it_came() -> None:
    shown = read_caught(row(b"a=b\xff", "text/plain", "/x?y=1", X_CMCDesk_Delivery="d-1"))
    assert shown.text == "POST /x?y=1 HTTP/1.1\r\nContent-Type: text/plain\r\nX-CMCDesk-Delivery: d-1\r\n\r\na=b\ufffd"
    assert shown.delivery == "d-1" and not shown.is_cut
    assert find_header(row(b"", "x"), "content-TYPE") == "x" and find_header(row(b""), "absent") == ""
    long = read_caught(row(b"x" * (SHOWN + 1), "text/plain"))
    assert long.is_cut and len(long.text) == SHOWN


KINDS = [
    *(f"multipart/form-data{more}" for more in ("; boundary=b", "", "; boundary=\u3042")),
    *("application/x-www-form-urlencoded; charset=nonsense", "application/json", "", ";;;=", "a/b; c=\x00"),
]


@given(st.sampled_from(KINDS), st.binary(max_size=300).map(lambda octets: b"--b\r\n" + octets + b"\r\n--b--\r\n"))
def test_whatever_came_is_shown(kind: str, body: bytes) -> None:
    assert read_caught(row(body, kind)).text.startswith("POST / HTTP/1.1\r\n")


@pytest.mark.parametrize("body", [b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n", b"--b", b"\r\n"])
def test_a_form_that_is_cut_off_is_shown_as_it_came(body: bytes) -> None:
    assert read_caught(row(body, "multipart/form-data; boundary=b")).text.encode().endswith(body)
