"""Receivedヘッダ: the manual's two forms to the letter; adding nothing; taking all away and nothing else."""

from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.rules.received import Hop, add_trace, name_server
from cmcdesk.rules.settings import defaults_of

TE = defaults_of("standard", "transactional-email")
HOP = Hop("mta.example.com", "10.0.2.14", name_server(TE), "153.149.33.121", 1457420514)
MAIL = (
    b"Return-Path: <info@example.com>\r\n"
    b"Received: from app (localhost [127.0.0.1])\r\n\tby mta.example.com with ESMTP\r\n  id 1;\r\n"
    b" Tue, 8 Mar 2016 16:01:50 +0900\r\n"
    b"RECEIVED : from browser by app\r\n"
    b"Received-SPF: pass\r\nSubject: Received: it\r\nX-Received: by app\r\n"
    b"\r\nReceived: this is text\r\n"
)


def test_the_abbreviated_form_is_the_manuals_and_names_no_address() -> None:
    written = add_trace(MAIL, "short", HOP)
    field = b"Received: from mta.example.com by mta01.te.smtps.jp;\r\n Tue, 08 Mar 2016 16:01:54 +0900\r\n"
    assert written == field + MAIL


def test_the_normal_form_is_the_manuals() -> None:
    assert add_trace(MAIL, "normal", HOP).removesuffix(MAIL) == (
        b"Received: from mta.example.com (mta.example.com [10.0.2.14]);\r\n"
        b" by mta01.te.smtps.jp (mta01.te.smtps.jp [153.149.33.121]);\r\n"
        b" Tue, 08 Mar 2016 16:01:54 +0900\r\n"
    )


def test_none_adds_nothing_and_keeps_what_is_there() -> None:
    assert add_trace(MAIL, "none", HOP) is MAIL


def test_strip_takes_all_received_fields_and_nothing_else() -> None:
    assert add_trace(MAIL, "strip", HOP) == (
        b"Return-Path: <info@example.com>\r\n"
        b"Received-SPF: pass\r\nSubject: Received: it\r\nX-Received: by app\r\n"
        b"\r\nReceived: this is text\r\n"
    )


@pytest.mark.parametrize("client", ["", "[127.0.0.1]", "a b", "x\r\nBcc: y", "(c)", "例え.jp", "a;b", "\udc80"])
def test_what_a_client_calls_itself_cannot_break_the_field_or_bring_an_address_in(client: str) -> None:
    hop = Hop(client, "127.0.0.1", "mta01.pro.smtps.jp", "127.0.0.1", 0)
    assert add_trace(b"", "short", hop).startswith(b"Received: from unknown by mta01.pro.smtps.jp;\r\n")


@pytest.mark.parametrize(
    ("octets", "left"),
    [
        (b"", b""),
        (b"\r\nReceived: text\r\n", b"\r\nReceived: text\r\n"),
        (b"Received: only this", b""),
        (b"Received: a\n b\nSubject: s\n\nReceived: text", b"Subject: s\n\nReceived: text"),  # bare LF
        (b"Received: a\r\n\t\r\nSubject: s\r\n\r\n", b"Subject: s\r\n\r\n"),  # a blank line that is a fold
        (b" folded into nothing\r\nReceived: a\r\n\r\n", b" folded into nothing\r\n\r\n"),
        (b"Subject: s\r\nReceived: a\r\n", b"Subject: s\r\n"),
        (b"Received: a\r\r\n\r\r\nReceived: text", b"\r\r\nReceived: text"),
    ],
)
def test_odd_header_sections(octets: bytes, left: bytes) -> None:
    assert add_trace(octets, "strip", HOP) == left


TRACES = st.sampled_from([b"Received: a\r\n", b"received:b\r\n\tby c\r\n", b"RECEIVED \t: d\r\n  e\r\n \r\n f\r\n"])
OTHERS = st.sampled_from(
    [b"Subject: x\r\n Received: y\r\n", b"no colon\r\n", b"\xff\xfe: z\r\n", b"Receivedx: y\r\n", b":\r\n"]
)


@given(st.lists(TRACES.map(lambda field: (field, b"")) | OTHERS.map(lambda field: (field, field))), st.binary())
def test_strip_takes_every_trace_field_and_no_other_octet(fields: list[tuple[bytes, bytes]], text: bytes) -> None:
    before, after = (b"".join(header) for header in zip(*fields, strict=True)) if fields else (b"", b"")
    assert add_trace(before + b"\r\n" + text, "strip", HOP) == after + b"\r\n" + text


@given(st.sampled_from(["short", "normal"]), st.text(max_size=300), st.integers(0, 4_000_000_000))
def test_what_is_added_is_one_field_that_any_parser_reads(mode: str, client: str, at: int) -> None:
    hop = Hop(client, "192.0.2.1", "mta01.pro.smtps.jp", "127.0.0.1", at)
    written = add_trace(b"Subject: x\r\n\r\n", mode, hop)  # type: ignore[arg-type]
    parsed = BytesHeaderParser().parsebytes(written)
    assert parsed.keys() == ["Received", "Subject"]
    assert parsedate_to_datetime(parsed["Received"].rpartition(";")[2].strip()).timestamp() == at
    assert max(map(len, written.splitlines())) < 998
    assert mode == "normal" or b"192.0.2.1" not in written


def test_a_large_mail_is_not_searched_behind_its_header_section() -> None:
    octets = b"Received: a\r\nSubject: s\r\n\r\n" + b"Received: text\r\n" * 700_000
    assert add_trace(octets, "strip", HOP) == octets.removeprefix(b"Received: a\r\n")
