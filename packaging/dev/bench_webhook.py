#!/usr/bin/env python3
"""Webhook posts a second: mails of about 2 KB in a mail.db of their own, the real worker, a bare sink on loopback.

    .venv/bin/python packaging/dev/bench_webhook.py [--mails 4000] [--format multipart|json] [--seconds 60]

Payload building, reading mail.db, the queue in desk.db and the attempts' log are all included. Prints one line of JSON:
posts a second (first post to last), the worker's CPU microseconds a post.
"""

import argparse
import asyncio
import base64
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from cmcdesk.processes import paths
from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.desk.models import CompositionRow, RevisionRow
from cmcdesk.store.maillog.insertion import MailLogWriter, NewMail

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Sink(asyncio.Protocol):
    """Counts posts, answers 200 and forgets; as cheap as it gets, so that the worker is what is measured."""

    def __init__(self, tally: "Tally") -> None:
        self.tally = tally
        self.pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, octets: bytes) -> None:
        self.pending += octets
        while (end := self.pending.find(b"\r\n\r\n")) >= 0:
            head = self.pending[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(self.pending) < end + 4 + length:
                return
            self.pending = self.pending[end + 4 + length :]
            self.tally.count()
            self.transport.write(ANSWER)  # type: ignore[attr-defined]


class Tally:
    """When the first and the last of the awaited posts came."""

    def __init__(self, awaited: int, result: Any, full: Event) -> None:
        self.awaited, self.result, self.full, self.posts = awaited, result, full, 0

    def count(self) -> None:
        self.posts += 1
        if self.posts == 1:
            self.result[0] = time.monotonic()
        self.result[1] = time.monotonic()
        self.result[2] = self.posts
        if self.posts >= self.awaited:
            self.full.set()


def serve_sink(awaited: int, result: Any, full: Event, port: Any) -> None:
    async def serve() -> None:
        tally = Tally(awaited, result, full)
        server = await asyncio.get_running_loop().create_server(lambda: Sink(tally), "127.0.0.1", 0)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(serve())


def make_mail(number: int) -> bytes:
    subject = base64.b64encode(f"お問い合わせ {number}".encode()).decode()
    text = "お世話になっております。見積をお願いいたします。\r\n" * 20
    head = (
        "Received: from a.example by b.example; Tue, 24 Nov 2026 10:00:00 +0900",
        "From: Yamada <yamada@example.com>",
        "To: form@example.com",
        f"Subject: =?UTF-8?B?{subject}?=",
        f"Message-ID: <{number}@example.com>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
    )
    return "\r\n".join((*head, "", text)).encode()


def fill(folder: Path, mails: int, endpoint: str, form: str) -> None:
    """Both databases, as the console and the mail server would have left them."""
    inbound = {"name": "form", "endpoint": endpoint, "format": form, "api_key": "key"}
    settings = {"name": "pro", "inbound_webhook": [inbound]}
    engine = open_desk(folder)
    with transaction(engine) as session:
        row = CompositionRow(name="pro", position=0, draft=settings, draft_saved_at=0.0, applied_number=1)
        session.add(row)
        session.flush()
        session.add(RevisionRow(composition_id=row.id, number=1, state="applied", settings=settings, at=0.0))
    engine.dispose()
    log = MailLogWriter(paths.mail_db(folder))
    recipients, matches = json.dumps([["form@example.com", "inbound"]]), [("form", "form@example.com")]
    log.append([describe(make_mail(number), recipients, matches) for number in range(mails)], [])
    log.close()


def describe(octets: bytes, recipients: str, matches: list[tuple[str, str]]) -> NewMail:
    return NewMail(
        received_at=time.time(),
        composition="pro",
        revision=1,
        session=1,
        peer="127.0.0.1:1",
        sender="yamada@example.com",
        recipients=recipients,
        routes=2,
        subject="",
        header_from="",
        message_id="",
        octets=octets,
        matches=matches,
    )


def run_worker(folder: Path, full: Event, seconds: float) -> float:
    """The worker until the sink is full or the time is up; its CPU seconds."""
    before = os.times()
    command = [sys.executable, "-m", "cmcdesk.worker", "--data-dir", str(folder)]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    full.wait(seconds)
    worker.communicate()
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=4000)
    parser.add_argument("--format", choices=("multipart", "json"), default="multipart")
    parser.add_argument("--seconds", type=float, default=60.0, help="end after so long in any case")
    options = parser.parse_args()
    result = multiprocessing.Array("d", 3)
    full, port = multiprocessing.Event(), multiprocessing.Value("i", 0)
    sink = multiprocessing.Process(target=serve_sink, args=(options.mails, result, full, port), daemon=True)
    sink.start()
    with tempfile.TemporaryDirectory(prefix="cmcdesk-bench-") as folder:
        while not port.value:
            time.sleep(0.01)
        fill(Path(folder), options.mails, f"http://127.0.0.1:{port.value}/hook", options.format)
        cpu = run_worker(Path(folder), full, options.seconds)
    sink.terminate()
    sink.join()
    first, last, posts = result
    figures = {
        "posts": int(posts),
        "posts_per_second": round((posts - 1) / (last - first)) if posts > 1 else 0,
        "worker_cpu_us_per_post": round(cpu / posts * 1e6) if posts else None,
        "format": options.format,
    }
    print(json.dumps(figures))
    return 0 if posts >= options.mails else 1


if __name__ == "__main__":
    sys.exit(main())
