"""What the hot paths cost, counted in calls of functions: the same on every machine, and a doubling is noticed.

The seconds are for `cmcsim bench`. Each limit is about 1.4 times what was counted when it was written.
"""

import asyncio
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.mail.smtp import reply
from cmcdesk.mailserver.committer import WaitingMail
from cmcdesk.mailserver.intake import Intake, Shared
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.session import ReceivingSession
from cmcdesk.mailserver.tally import DIALOGUES_PER_SECOND, RefusalBook, Tally
from cmcdesk.rules.settings import check_composition
from cmcdesk.store.maillog.insertion import Accepted, MailLogWriter
from tests.mailserver.conftest import pro_settings

FILTERS = [
    {
        "name": f"filter {number}",
        "endpoint": "http://127.0.0.1:9/",
        "condition": [{"header": ("Subject", "To")[number % 2], "pattern": "example" if number == 9 else "^never$"}],
    }
    for number in range(10)
]
MAIL = b"From: a@client.example\r\nTo: b@mailform.example.com\r\nSubject: hello\r\nMessage-ID: <1@x>\r\n\r\n"
CHUNK = 65_536


class Wire(asyncio.Transport):
    """The session's side of a connection whose other side takes everything."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[bytes] = []
        self.is_closed = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 25) if name == "peername" else default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.said.append(bytes(data))

    def is_closing(self) -> bool:
        return self.is_closed

    def get_write_buffer_size(self) -> int:
        return 0


class Receiver:
    """One session, and the mails that it hands to the writer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, tally: Tally) -> None:
        self.tally = tally
        self.waiting: list[WaitingMail] = []
        self.kept: list[Accepted] = []
        self.wire = Wire()
        composition = check_composition(pro_settings(inbound_webhook=FILTERS, size_kb=32_768))
        live = LiveSettings.of(composition, 1, has_interval=False)
        book = RefusalBook(lambda refusal: None)
        shared = Shared(self.waiting.append, self.kept.append, book, itertools.count(1))
        self.session = ReceivingSession(Intake(live, shared, tally), loop, set().discard)
        self.session.connection_made(self.wire)
        self.session.data_received(b"EHLO client.example\r\n")

    def take(self, chunks: list[bytes]) -> None:
        """One mail, its octets in these chunks."""
        hear = self.session.data_received
        hear(b"MAIL FROM:<a@client.example>\r\n")
        hear(b"RCPT TO:<b@mailform.example.com>\r\n")
        hear(b"DATA\r\n")
        for chunk in chunks:
            hear(chunk)
        self.session.take_outcome(reply.STORED, 1)


@pytest.fixture(params=[0])
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    """request.param: of how many mails what was said is kept in this second."""
    loop = asyncio.new_event_loop()
    tally = Tally()
    tally.dialogues_left = request.param
    receiver = Receiver(loop, tally)
    yield receiver
    receiver.wire.is_closed = True
    receiver.session.connection_lost(None)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def count_calls(work: Callable[[], object]) -> int:
    """How many functions it calls, those written in C too."""
    calls = 0

    def note(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def test_receiving_a_mail(receiver: Receiver) -> None:
    chunks = [MAIL + b"x" * 1900 + b"\r\n.\r\n"]
    receiver.take(chunks)  # what is remembered from the first mail on
    assert count_calls(lambda: receiver.take(chunks)) <= 220
    assert receiver.wire.said[-1] == reply.STORED.line
    assert len(receiver.waiting) == 2


@pytest.mark.parametrize("receiver", [DIALOGUES_PER_SECOND], indirect=True)
def test_of_so_many_mails_a_second_the_dialogue_is_kept(receiver: Receiver) -> None:
    for _ in range(DIALOGUES_PER_SECOND + 1):
        receiver.take([MAIL + b"\r\n.\r\n"])
    assert len(receiver.kept) == DIALOGUES_PER_SECOND
    receiver.tally.begin_second()
    receiver.take([MAIL + b"\r\n.\r\n"])
    assert len(receiver.kept) == DIALOGUES_PER_SECOND + 1


@pytest.mark.parametrize("receiver", [2], indirect=True)
def test_receiving_a_mail_and_keeping_what_was_said_for_it(receiver: Receiver) -> None:
    chunks = [MAIL + b"x" * 1900 + b"\r\n.\r\n"]
    receiver.take(chunks)
    assert count_calls(lambda: receiver.take(chunks)) <= 360
    assert len(receiver.kept) == 2


def test_matching_ten_filters(receiver: Receiver) -> None:
    receiver.take([MAIL + b"\r\n.\r\n"])
    one = receiver.waiting[0]
    assert one.filters.match(one.fields) == ["filter 9"]
    assert count_calls(lambda: one.filters.match(one.fields)) <= 15


def test_a_large_mail_costs_its_chunks(receiver: Receiver) -> None:
    chunks = [MAIL] + [b"x" * CHUNK] * 160 + [b"\r\n.\r\n"]
    assert count_calls(lambda: receiver.take(chunks)) <= 4000
    assert len(receiver.waiting[0].mail.octets) > 10_000_000


def test_storing_a_mail(receiver: Receiver, tmp_path: Path) -> None:
    for _ in range(41):
        receiver.take([MAIL + b"x" * 1900 + b"\r\n.\r\n"])
    mails = [one.mail for one in receiver.waiting]
    log = MailLogWriter(tmp_path / "mail.db")
    log.append(mails[:20], [])
    one = count_calls(lambda: log.append(mails[:1], []))
    assert one <= 90
    assert count_calls(lambda: log.append(mails[21:], [])) - one <= 25  # the other 19 together
    log.close()
