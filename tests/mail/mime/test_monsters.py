"""Monstrous mails of every kind: each reader ends, in time and memory that the size of the mail bounds."""

import importlib.util
import json
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from cmcdesk.console.mails.message_view import FRAME_OCTETS, make_html_safe, take_tree
from cmcdesk.mail.bounce.reader import read_bounce
from cmcdesk.mail.mime.beginning import JSON, PAGE, describe_beginning, take_beginning
from cmcdesk.mail.mime.message import READING_MEMORY, read_message
from cmcdesk.store.search.entry import TEXT_LENGTH, extract_text
from cmcdesk.webhook.payload import Addressing, build_payload, take_parts
from cmcdesk.webhook.target import Format

SOURCE = Path(__file__).parents[3] / "packaging" / "dev" / "torture" / "monsters.py"
SIZE = 150_000
FIXED = 10_000_000  # octets: tables that are made once, and what a limit allows to a mail of any size
SECONDS = 3.0  # of the processor, for each reader: some tenths, and room for a slow machine with tracing on


def load_monsters() -> ModuleType:
    spec = importlib.util.spec_from_file_location("monsters", SOURCE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


KINDS: dict[str, Callable[[int], bytes]] = load_monsters().KINDS


def post(octets: bytes, form: Format) -> int:
    parts = take_parts("a@b.example", read_message(octets))
    return len(build_payload(form, parts, Addressing("pro", "f", "a@b.example"), "b" * 30).octets)


def show(octets: bytes) -> int:
    message = read_message(octets)
    begun = take_beginning(message, PAGE).message
    shown = (begun.text or "") + "".join(field.value for field in begun.fields) + "".join(f"{one}" for one in begun.to)
    take_tree(message.parts, 500)
    return len(shown)


def frame(octets: bytes) -> int:
    return len(make_html_safe(read_message(octets)).html.encode())


def tell(octets: bytes) -> int:
    return len(json.dumps(describe_beginning(read_message(octets), JSON)))


# What each reader gives at most, in octets or characters; None: all of it, for a webhook must get the mail whole.
READERS: dict[str, tuple[Callable[[bytes], int], int | None]] = {
    "page": (show, 500_000),
    "frame": (frame, FRAME_OCTETS),
    "api": (tell, 5_000_000),
    "bounce": (lambda octets: len(read_bounce(octets).failures), 10_000),
    "search": (lambda octets: len(extract_text(octets)), TEXT_LENGTH),
    "multipart": (lambda octets: post(octets, "multipart"), None),
    "json": (lambda octets: post(octets, "json"), None),
}


def test_there_are_many_kinds() -> None:
    assert len(KINDS) >= 40
    assert all(0.7 * SIZE < len(make(SIZE)) < 1.2 * SIZE for make in KINDS.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_reader_is_bounded(kind: str) -> None:
    octets = KINDS[kind](SIZE)
    tracemalloc.start()
    try:
        for name, (read, most) in READERS.items():
            tracemalloc.reset_peak()
            held, begun = tracemalloc.get_traced_memory()[0], time.process_time()
            given = read(octets)
            took, peak = time.process_time() - begun, tracemalloc.get_traced_memory()[1] - held
            assert peak < READING_MEMORY * len(octets) + FIXED, f"{name}: {peak / len(octets):.0f} octets for each"
            assert took < SECONDS, f"{name}: {took:.1f} s"
            assert most is None or given <= most, f"{name}: {given}"
    finally:
        tracemalloc.stop()


def test_a_large_attachment_is_sent_whole() -> None:
    content = bytes(range(256)) * 4000
    octets = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
        b"Content-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: binary\r\n\r\n" + content
    )
    parts = take_parts("", read_message(octets + b"\r\n--b--\r\n"))
    payload = build_payload("multipart", parts, Addressing("pro", "f", "a@b.example"), "q" * 30)
    assert content in payload.octets
