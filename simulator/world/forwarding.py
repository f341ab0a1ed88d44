"""A port of the world that leads to a mail server of one's own."""

import asyncio
from typing import cast


class Forwarder(asyncio.Protocol):
    """One connection, passed on to (host, port) both ways."""

    def __init__(self, host: str, port: int, open_now: set[asyncio.Transport]) -> None:
        """`open_now`: takes the connection while it is open, for whoever has to close it."""
        self._host, self._port, self._open_now = host, port, open_now
        self._waiting = bytearray()
        self._beyond: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._near = cast(asyncio.Transport, transport)
        self._open_now.add(self._near)
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._reach())

    async def _reach(self) -> None:
        try:
            beyond, _ = await asyncio.get_running_loop().create_connection(
                lambda: _Back(self._near), self._host, self._port
            )
        except OSError:
            self._near.close()  # as a server that hangs up: nobody is there
            return
        self._beyond = beyond
        beyond.write(bytes(self._waiting))

    def data_received(self, data: bytes) -> None:
        if self._beyond:
            self._beyond.write(data)
        else:
            self._waiting += data

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._open_now.discard(self._near)
        self._task.cancel()
        if self._beyond:
            self._beyond.close()


class _Back(asyncio.Protocol):
    """The other direction."""

    def __init__(self, near: asyncio.Transport) -> None:
        self._near = near

    def data_received(self, data: bytes) -> None:
        self._near.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._near.close()
