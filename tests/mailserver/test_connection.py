"""What becomes of a session's connection: its idle clock, and its end."""

import asyncio
import gc
import socket
import weakref
from collections.abc import Callable

from cmcdesk.mail.reply import STORED
from cmcdesk.mailserver.descriptors import Descriptors
from cmcdesk.mailserver.intake import Shared
from cmcdesk.mailserver.listener import Listener
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.refusals import RefusalBook
from cmcdesk.mailserver.waiting import WaitingMail
from cmcdesk.rules.settings import check_composition
from tests.mailserver.conftest import pro_settings


async def open_listener(submit: Callable[[WaitingMail], None], idle_seconds: float = 300.0) -> Listener:
    shared = Shared(submit, RefusalBook(lambda refusal: None), bytes.decode, iter(range(9)), idle_seconds)
    listener = Listener(asyncio.get_running_loop(), shared, Descriptors(1024, lambda: 0), "127.0.0.1", 0)
    listener.take_settings(LiveSettings.of(check_composition(pro_settings()), 1, bytes.decode))
    await listener.open()
    return listener


def test_a_session_is_gone_from_memory_with_its_connection() -> None:
    async def play() -> None:
        listener = await open_listener(lambda waiting: waiting.sender.take_outcome(STORED))
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
        listener = await open_listener(lambda waiting: None, idle_seconds=0.3)
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
