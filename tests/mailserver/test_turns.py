"""At most so much work for one session before the others have their turn, however much it sends at once."""

import asyncio
from pathlib import Path

import pytest

from cmcdesk.mailserver.patience import TURN_COMMANDS
from tests.mailserver.streams import MemoryTransport, Play

SPAM = b"MAIL FROM:<>\r\nRCPT TO:<a@in.example>\r\nDATA\r\nFrom: a@b.c\r\nTo: x@y.z\r\n\r\n.\r\n"


@pytest.mark.parametrize(
    ("flood", "times", "replies", "most_a_turn"),
    [
        (b"NOOP\r\n", 10_000, 1, TURN_COMMANDS),
        (b"NOOP of aiosmtpd's loop\r\n", 10_000, 1, TURN_COMMANDS),
        (b"RCPT TO:<a@foreign.example>\r\n", 900, 1, TURN_COMMANDS),
        (SPAM, 500, 4, 4),
    ],
)
def test_a_flood_is_worked_on_turn_by_turn(
    flood: bytes, times: int, replies: int, most_a_turn: int, tmp_path: Path
) -> None:
    async def play() -> None:
        player = Play(tmp_path)
        session, transport = player.open(), MemoryTransport()
        session.connection_made(transport)
        for octets in (b"HELO x\r\n", b"MAIL FROM:<>\r\n" * (flood[:4] == b"RCPT"), flood * times, b"QUIT\r\n"):
            session.data_received(octets)
        begun = told = transport.said.count(b"\r\n")
        most = 0
        while not transport.is_closed:
            await asyncio.sleep(0)
            told, before = transport.said.count(b"\r\n"), told
            most = max(most, told - before)
        assert begun <= 3 + most_a_turn and most <= most_a_turn
        assert told == 2 + (flood[:4] == b"RCPT") + times * replies + 1
        assert transport.said.endswith(b"\r\n221 2.0.0 Bye\r\n") and b"421" not in transport.said
        session.connection_lost(None)
        await player.writer.stop()

    asyncio.run(play())
