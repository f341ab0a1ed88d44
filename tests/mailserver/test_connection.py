"""aiosmtpd's private names that a session stands on, the sameness of both paths, its idle clock, and its end."""

import asyncio
import contextlib
import gc
import socket
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from aiosmtpd.smtp import SMTP

from cmcdesk.mail.smtp import reply
from cmcdesk.mail.smtp.reply import STORED, Reply
from cmcdesk.mailserver.committer import WaitingMail
from cmcdesk.mailserver.connection import STOCK_REPLIES, VERBS, Connection
from cmcdesk.mailserver.descriptors import Descriptors
from cmcdesk.mailserver.intake import Intake, Shared
from cmcdesk.mailserver.listener import Listener
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.patience import Patience
from cmcdesk.mailserver.session import ReceivingSession
from cmcdesk.mailserver.tally import RefusalBook, Tally
from cmcdesk.rules.settings import check_composition
from cmcdesk.store.maillog.insertion import NewRefusal
from tests.mailserver.conftest import pro_settings
from tests.mailserver.streams import compare_streams

PATIENCE = Patience()
LIVE = LiveSettings.of(check_composition(pro_settings()), 1)


def test_what_stock_sets_for_itself_is_set_here_too() -> None:
    async def compare() -> None:
        loop = asyncio.get_running_loop()
        stock, ours = (
            SMTP(object(), loop=loop, hostname="x"),
            Connection(Intake(LIVE, share(lambda waiting: None), Tally()), loop),
        )
        own = vars(ours).keys() | set(Connection.__slots__) | {name for name in vars(Connection) if name in vars(stock)}
        assert vars(stock).keys() - own == set()

    asyncio.run(compare())


def test_every_command_has_a_step() -> None:
    assert all(callable(getattr(ReceivingSession, f"smtp_{name}")) for name in VERBS)
    inherited = {name.removeprefix("smtp_") for name in dir(SMTP) if name.startswith("smtp_")}
    assert inherited - set(VERBS) == set()
    own = [vars(one) for one in ReceivingSession.__mro__ if issubclass(one, Connection)]
    assert all(any(f"smtp_{name}" in each for each in own) for name in VERBS)  # never aiosmtpd's


def test_the_texts_of_stock_that_are_replaced_are_still_its_texts() -> None:
    source = Path(str(__import__("aiosmtpd.smtp").smtp.__file__)).read_text("utf-8")
    assert all(beginning in source for beginning in STOCK_REPLIES)


def test_random_streams_get_the_same_replies_and_stored_octets_on_both_paths(tmp_path: Path) -> None:
    stored, differences = asyncio.run(compare_streams(tmp_path, range(150)))
    assert differences == 0
    assert stored > 50


def share(
    submit: Callable[[WaitingMail], None], patience: Patience = PATIENCE, refused: list[NewRefusal] | None = None
) -> Shared:
    book = RefusalBook((refused if refused is not None else []).append)
    return Shared(submit, lambda accepted: None, book, iter(range(9)), patience)


async def open_listener(
    submit: Callable[[WaitingMail], None], patience: Patience = PATIENCE, refused: list[NewRefusal] | None = None
) -> Listener:
    shared = share(submit, patience, refused)
    listener = Listener(asyncio.get_running_loop(), shared, Descriptors(1024, lambda: 0), "127.0.0.1", 0)
    listener.take_settings(LIVE)
    await listener.open()
    return listener


def test_a_session_is_gone_from_memory_with_its_connection() -> None:
    async def play() -> None:
        listener = await open_listener(lambda waiting: waiting.sender.take_outcome(STORED, 1))
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        await reader.readline()
        session = weakref.ref(next(iter(listener.sessions)))
        writer.write(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@return.example.com>\r\nDATA\r\n.\r\nQUIT\r\n")
        assert (await reader.read()).count(b"\r\n250 2.0.0") == 1
        writer.close()
        async with asyncio.timeout(1.0):  # not the seconds for which a client may leave its last replies unread
            while session() is not None:
                await asyncio.sleep(0)
        listener.close()

    gc.disable()  # the cycle collector comes late when there is much to do
    try:
        asyncio.run(play())
    finally:
        gc.enable()


def test_a_client_that_never_reads_loses_its_slot_when_its_time_is_over() -> None:
    async def play() -> None:
        loop = asyncio.get_running_loop()
        listener = await open_listener(lambda waiting: None, Patience(idle=0.3))
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, ("127.0.0.1", listener.port))
        saying = loop.create_task(loop.sock_sendall(deaf, b"HELP\r\n" * 1_000_000))
        async with asyncio.timeout(20):
            while not listener.sessions:
                await asyncio.sleep(0.01)
            while listener.sessions:
                await asyncio.sleep(0.01)
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        deaf.close()
        listener.close()

    asyncio.run(play())


class Talk:
    """A connection to a listener of its own; what was refused on it."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.refused: list[NewRefusal] = []

    async def __aenter__(self) -> "Talk":
        self._listener = await open_listener(
            lambda waiting: waiting.sender.take_outcome(STORED, 1), self._patience, self.refused
        )
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._listener.port)
        assert (await self._reader.readline()).startswith(b"220")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        while self._listener.sessions:
            await asyncio.sleep(0)
        self._listener.close()

    async def ask(self, *lines: bytes) -> list[bytes]:
        """The codes of the last lines of the answers."""
        self._writer.write(b"".join(line + b"\r\n" for line in lines))
        return [(await self._reader.readline())[:3] for _ in lines]

    @property
    def sessions(self) -> set[ReceivingSession]:
        return self._listener.sessions

    def say(self, octets: bytes) -> None:
        self._writer.write(octets)

    async def drip(self, octets: bytes, seconds: float = 0.02) -> None:
        """An octet at a time, until the other side is gone."""
        with contextlib.suppress(ConnectionError):
            for octet in octets:
                self._writer.write(bytes([octet]))
                await self._writer.drain()
                await asyncio.sleep(seconds)

    async def farewell(self) -> bytes:
        """All that is still said until the connection is closed (or reset: it left octets unread)."""
        said = b""
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                while octets := await self._reader.read(1000):
                    said += octets
        return said


BEGIN = (b"HELO x", b"MAIL FROM:<>", b"RCPT TO:<a@return.example.com>")


def check_end(farewell: bytes, refused: list[NewRefusal], expected: Reply) -> None:
    assert farewell == expected.line
    [row] = refused
    assert (row.gate, row.code, row.text) == ("slow", 421, expected.text)
    assert row.dialogue and row.dialogue.lines


def test_a_command_line_that_comes_an_octet_at_a_time_ends_its_session() -> None:
    async def play() -> None:
        async with Talk(Patience(line=0.3)) as talk:
            assert await talk.ask(b"HELO x") == [b"250"]
            dripping = asyncio.create_task(talk.drip(b"MAIL FROM:<" + b"a" * 400))
            check_end(await talk.farewell(), talk.refused, reply.LINE_TOO_SLOW)
            dripping.cancel()

    asyncio.run(play())


def test_a_command_line_without_an_end_ends_its_session_too() -> None:
    async def play() -> None:
        async with Talk(Patience(line=0.3)) as talk:
            dripping = asyncio.create_task(talk.drip(b"NOOP " + b"a" * 20_000, 0.0002))
            check_end(await talk.farewell(), talk.refused, reply.LINE_TOO_SLOW)
            dripping.cancel()

    asyncio.run(play())


def test_what_comes_behind_a_farewell_is_still_read_however_much_waited_for_its_turn() -> None:
    async def play() -> None:
        async with Talk(Patience()) as talk:
            talk.say(b"VRFY x\r\n" * 5000)
            assert (await talk.farewell()).endswith(reply.TOO_MANY_ERRORS.line)
            [session] = talk.sessions
            assert session.transport.is_reading()

    asyncio.run(play())


def test_a_mail_that_comes_an_octet_at_a_time_ends_its_session() -> None:
    async def play() -> None:
        async with Talk(Patience(mail=0.3)) as talk:
            assert await talk.ask(*BEGIN, b"DATA") == [b"250", b"250", b"250", b"354"]
            dripping = asyncio.create_task(talk.drip(b"Subject: " + b"a" * 400))
            check_end(await talk.farewell(), talk.refused, reply.MAIL_TOO_SLOW)
            dripping.cancel()

    asyncio.run(play())


def test_a_mail_over_the_size_limit_earns_no_more_time() -> None:
    async def play() -> None:
        async with Talk(Patience(mail=0.3, rate=200_000)) as talk:  # 64 KB, the limit: 0.3 s more
            assert await talk.ask(*BEGIN, b"DATA") == [b"250", b"250", b"250", b"354"]
            begun = time.monotonic()
            await talk.drip(b"", 0)
            talk._writer.write(b"x" * 10_000_000)
            check_end(await talk.farewell(), talk.refused, reply.MAIL_TOO_SLOW)
            assert time.monotonic() - begun < 5

    asyncio.run(play())


def test_a_mail_that_comes_at_the_least_rate_is_waited_for() -> None:
    async def play() -> None:
        async with Talk(Patience(mail=0.2, rate=1000)) as talk:
            assert await talk.ask(*BEGIN, b"DATA") == [b"250", b"250", b"250", b"354"]
            for _ in range(10):  # 2,000 octets in at least half a second: 2.2 s are given
                talk._writer.write(b"x" * 198 + b"\r\n")
                await asyncio.sleep(0.05)
            assert await talk.ask(b".", b"QUIT") == [b"250", b"221"]
            assert talk.refused == []

    asyncio.run(play())


def test_words_that_bring_no_mail_nearer_are_idleness() -> None:
    async def play() -> None:
        async with Talk(Patience(idle=0.4)) as talk:
            assert await talk.ask(b"HELO x") == [b"250"]
            begun = time.monotonic()
            codes = [b"250"]
            while codes == [b"250"]:
                codes = await talk.ask(b"NOOP")
                await asyncio.sleep(0.02)
            assert (codes, time.monotonic() - begun > 0.39) == ([b"421"], True)
            [row] = talk.refused
            assert (row.gate, row.code, row.text) == ("slow", 421, reply.IDLE_TOO_LONG.text)

    asyncio.run(play())


def test_each_step_of_a_mail_and_each_recipient_gives_more_time() -> None:
    async def play() -> None:
        async with Talk(Patience(idle=0.3, recipient=0.2)) as talk:
            for line in BEGIN:
                await asyncio.sleep(0.15)
                assert await talk.ask(line) == [b"250"]
            for number in range(6):
                await asyncio.sleep(0.15)
                assert await talk.ask(b"RCPT TO:<%d@return.example.com>" % number) == [b"250"]
            assert await talk.ask(b"DATA") == [b"354"]
            assert await talk.ask(b".") == [b"250"]

    asyncio.run(play())


def test_a_client_that_is_silent_is_told_why_its_session_ends() -> None:
    async def play() -> None:
        async with Talk(Patience(idle=0.2)) as talk:
            check_end(await talk.farewell(), talk.refused, reply.IDLE_TOO_LONG)

    asyncio.run(play())
