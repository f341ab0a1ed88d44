"""An HTTPS end of the console, for programs that call CMC's API by its own names: `serve --api-tls-port`.

waitress speaks no TLS, so this takes it off and hands every octet on to the console's own port. The certificate is the
own authority's, for every name under smtps.jp; a program has to trust `cmcdesk tls ca`. Pages are not reached by it:
they ask for the console's name and port.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from cmcdesk.processes.certificates import issue_context

NAMES = ("api.smtps.jp", "*.smtps.jp")
HANDSHAKE_SECONDS = 10.0
MOST_OPEN = 200  # connections; one more is closed at once. What is slow in them the console's own port ends.
CHUNK = 65536
END_SECONDS = 3.0

Address = tuple[str, int]


class TlsEnd:
    """From `start()` to `stop()`; `wrap` tells the application who is at the other end of a connection."""

    def __init__(self, listener: socket.socket, folder: Path) -> None:
        """`listener` as `bind_port` gave it; folder: of the data, where the authority is."""
        self._listener = listener
        self._folder = folder
        self.port = int(listener.getsockname()[1])
        self._peers: dict[Address, str] = {}  # our own address in a connection to the console → the client's
        self._thread: threading.Thread | None = None

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        """The application as the web server is to run it."""

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            peer = self._peers.get((environ.get("REMOTE_ADDR", ""), int(environ.get("REMOTE_PORT") or 0)))
            if peer is not None:
                environ["REMOTE_ADDR"] = peer
                environ["wsgi.url_scheme"] = "https"
            return app(environ, start_response)

        return answer

    def start(self, target: Address) -> None:
        """Hand on to the console at `target`. Makes the certificate, and the authority where there is none."""
        self._target = target
        self._context = issue_context(self._folder, NAMES)
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="api tls", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; connections that are open are closed."""
        if self._thread is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(END_SECONDS)
        self._listener.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(
            self._meet, sock=self._listener, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_SECONDS
        )
        async with server:
            await self._ended.wait()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if len(self._peers) < MOST_OPEN:
                await self._hand_on(reader, writer)
        except (OSError, ssl.SSLError):
            pass  # either side went
        finally:
            writer.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        console_reader, console = await asyncio.open_connection(*self._target)
        own = console.get_extra_info("sockname")[:2]
        self._peers[own] = writer.get_extra_info("peername")[0]
        ways = [asyncio.ensure_future(_pump(reader, console)), asyncio.ensure_future(_pump(console_reader, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            console.close()
            del self._peers[own]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while octets := await reader.read(CHUNK):
        writer.write(octets)
        await writer.drain()
