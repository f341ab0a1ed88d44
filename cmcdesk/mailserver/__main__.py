"""`python -m cmcdesk.mailserver`: started by the console with pipes (see `cmcdesk/pipe.py`)."""

import argparse
import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from cmcdesk.processes.paths import begin_private, data_dir, mail_db
from cmcdesk.processes.system import END_SIGNALS


def main() -> int:
    parser = argparse.ArgumentParser(prog="cmcdesk.mailserver", description=__doc__)
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--without-interval", action="store_true")
    parser.add_argument("--tls-port", type=int)
    parser.add_argument("--tls-cert", type=Path)
    parser.add_argument("--tls-key", type=Path)
    parser.add_argument("--tls-name", action="append", default=[])
    given = parser.parse_args()
    begin_private()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's: strangers' commands are no news
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the console decides when this ends
    with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
        runner.run(_serve(given))
    return 0


async def _serve(given: argparse.Namespace) -> None:
    from cmcdesk.mailserver.server import MailServer
    from cmcdesk.mailserver.tls import TLS_PORT, Tls

    folder = data_dir(given.data_dir)
    port = TLS_PORT if given.tls_port is None else given.tls_port
    tls = Tls(folder, port, given.tls_cert, given.tls_key, tuple(given.tls_name))
    server = MailServer(mail_db(folder), asyncio.get_running_loop(), tls, not given.without_interval)
    # What lives from here on dies young: the long-lived rest need not be walked again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    for number in END_SIGNALS:
        signal.signal(number, lambda *_: server.stop_soon())
    await server.run()


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


if __name__ == "__main__":
    sys.exit(main())
