import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmcdesk.outbound.wire import LONGEST_LINE, WireMail, write_wire


def test_a_plain_mail_goes_as_it_is() -> None:
    assert write_wire(b"Subject: x\r\n\r\nbody\r\n") == WireMail(b"Subject: x\r\n\r\nbody\r\n.\r\n", 20, False, 0)


@pytest.mark.parametrize(
    ("octets", "wire"),
    [
        (b".\r\n", b"..\r\n"), (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n"), (b"..a\r\n", b"...a\r\n"),
        (b"a", b"a\r\n"), (b"", b"\r\n"), (b"a\nb\r\n", b"a\r\nb\r\n"), (b"a\rb\r\n", b"a\r\nb\r\n"),
        (b"a\n.\n", b"a\r\n..\r\n"), (b"a\r\n.\rMAIL FROM:<x>\r\n", b"a\r\n..\r\nMAIL FROM:<x>\r\n"),
    ],
)  # fmt: skip
def test_dots_are_stuffed_and_line_ends_made_whole(octets: bytes, wire: bytes) -> None:
    assert write_wire(octets).octets == wire + b".\r\n"


def test_a_long_line_goes_on_in_the_next_one_and_no_character_is_cut() -> None:
    text = "あ" * 700
    lines = write_wire(f"x: {text}\r\n".encode()).octets.removesuffix(b"\r\n.\r\n").split(b"\r\n")
    assert max(map(len, lines)) <= LONGEST_LINE and len(lines) == 3
    assert b"".join([lines[0], *(line[1:] for line in lines[1:])]).decode() == f"x: {text}"
    assert all(line.startswith(b" ") for line in lines[1:])
    assert len(write_wire(b"a" * LONGEST_LINE + b"\r\n").octets.split(b"\r\n")) == 3


def test_received_fields_of_the_head_are_counted() -> None:
    octets = b"Received: a\r\nrECEIVED : b\r\n\r\nReceived: c\r\n"
    assert write_wire(octets).hops == 2
    assert write_wire("Subject: é\r\n\r\n".encode()).is_8bit


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"a", b".", b"\r", b"\n", b"\r\n", b"\xe3\x81\x82", b"b" * 500]), max_size=40))
def test_whatever_comes_nothing_ends_the_mail_before_its_end(pieces: list[bytes]) -> None:
    wire = write_wire(b"".join(pieces)).octets
    assert wire.endswith(b"\r\n.\r\n") or wire == b"\r\n.\r\n"
    assert wire.find(b"\r\n.\r\n") == len(wire) - 5 and not wire.startswith(b".\r\n")
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", wire)
    assert max(map(len, wire.split(b"\r\n"))) <= LONGEST_LINE + 1  # the stuffed dot is not counted (§4.5.3.1.6)
