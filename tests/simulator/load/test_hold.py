"""Held sessions against a capped server."""

import asyncio
from collections.abc import Callable

from simulator.load.hold import Hold


class Capped(asyncio.Protocol):
    """Takes two sessions; a third is told 421."""

    inside = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.taken = transport, Capped.inside < 2
        Capped.inside += self.taken
        transport.write(b"220 hello\r\n" if self.taken else b"421 4.7.0 full\r\n")
        if not self.taken:
            transport.close()

    def data_received(self, data: bytes) -> None:
        self.transport.write(b"221 bye\r\n" if data.startswith(b"QUIT") else b"250 hello\r\n")
        if data.startswith(b"QUIT"):
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        Capped.inside -= self.taken


def test_sessions_are_held_turned_away_and_let_go(serve: Callable[[type[asyncio.Protocol]], int]) -> None:
    port = serve(Capped)

    async def play() -> Hold:
        hold = Hold("127.0.0.1", port)
        await hold.open(3)
        assert hold.tally.greetings == {220: 2, 421: 1}
        assert len(hold.tally.turned_away_seconds) == 1
        await hold.release(1)
        await hold.open(2)
        assert hold.tally.greetings == {220: 3, 421: 2}
        await hold.release()
        return hold

    hold = asyncio.run(play())
    assert hold.tally.greeting_texts[421] == "4.7.0 full"
