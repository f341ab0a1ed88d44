"""Random SMTP streams, played to a session on its plain path and to one that leaves every command to aiosmtpd."""

import asyncio
import random
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cmcdesk.mail.smtp.dialogue import DialoguePart, decode_lines
from cmcdesk.mailserver.commands import Commands
from cmcdesk.mailserver.intake import Intake, Shared
from cmcdesk.mailserver.live import LiveSettings
from cmcdesk.mailserver.session import ReceivingSession
from cmcdesk.mailserver.tally import RefusalBook, Tally
from cmcdesk.mailserver.writer import Writer
from cmcdesk.rules.settings import check_composition
from cmcdesk.store.maillog.insertion import Accepted, NewRefusal
from cmcdesk.store.maillog.log import MailLog


class NothingPlain(Commands):
    """Finds no line plain."""

    def answer_plain(self, line: bytes) -> bytes | None:
        del line
        return None


class StockPathSession(ReceivingSession):
    """The same session without its plain path: every command goes through aiosmtpd."""

    def __init__(self, intake: Intake, *others: Any) -> None:
        super().__init__(intake, *others)
        self.commands = NothingPlain(weakref.proxy(self), intake.live)


class MemoryTransport(asyncio.Transport):
    """The one thing that is not real here: the socket, so that reads can be cut exactly."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.said = b""
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.said += bytes(data)

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


BODIES = [
    b"a\r\n", b"", b".\r", b"..x\r\n", b"Subject: x\r\n\r\n..\r\n.y\r\nz\r\n", b"a\n.\nb\r\n", b"a\n.\r\nb\r\n",
    b"a\r.\r\nq\r\n", b"x" * 1500 + b"\r\n", b"Subject: t\r\n\r\n" + b"l\r\n" * 400, b"\r\n\r\n", b"\xff\xfe\x00\r\n",
    b"From: a@in.example\r\nTo: b@x.example\r\n\r\n", b"y" * 1020 + b"\r\n", b".\r\n" * 500, b"z" * 3000 + b"\r\n",
]  # fmt: skip
ODD = [
    b"NOOP\r\n", b"RSET\r\n", b"FOO\r\n", b"VRFY a@b.c\r\n", b"mail from:bad\r\n", b"RCPT TO:<x@y.z>\r\n", b"\r\n",
    b"HELP\r\n", b"EHLO again\r\n", b"DATA\r\n", b"RCPT TO:<x@in.example\r\n", b"NOOP\n", b"MAIL FROM:<\xff@b.c>\r\n",
]  # fmt: skip
MAILS = [
    b"MAIL FROM:<a@b.c>\r\n", b"mail FROM: <a@b.c> SIZE=100\r\n", b"MAIL FROM:<a@b.c> BODY=8BITMIME\r\n",
    b"MAIL FROM:<>\r\n", b"MAIL FROM:<a@b.c> SIZE=99999999\r\n", b'MAIL FROM:<"q q"@b.c>\r\n', b"MAIL FROM:<a@b.c\r\n",
    "MAIL FROM:<あ@b.c> SMTPUTF8\r\n".encode(),
]  # fmt: skip
RECIPIENTS = [
    b"RCPT TO:<b@in.example>\r\n",
    b"RCPT TO:<z@out.example>\r\n",
    b"RCPT TO: <bad\r\n",
    b"rcpt to:<c@r.example>\r\n",
]


def random_stream(rng: random.Random) -> bytes:
    """A conversation in one piece, the client not caring for replies; always ends with QUIT."""
    parts = [b"EHLO x\r\n"] if rng.random() < 0.9 else []
    for _ in range(rng.randint(1, 4)):
        if rng.random() < 0.3:
            parts.append(rng.choice(ODD))
        parts.append(rng.choice(MAILS))
        parts += [rng.choice(RECIPIENTS) for _ in range(rng.randint(1, 3))]
        stuffed = b"\r\n".join(b"." + one if one.startswith(b".") else one for one in rng.choice(BODIES).split(b"\r\n"))
        parts += [b"DATA\r\n", stuffed + (b"" if stuffed.endswith(b"\r\n") or not stuffed else b"\r\n"), b".\r\n"]
    return b"".join([*parts, b"QUIT\r\n"])


def cut(stream: bytes, cuts: random.Random) -> int:
    """How much comes with the next read: all, a line, a mail (as most clients send), or anything."""
    chance = cuts.random()
    end = {0: b"", 1: b"\r\n", 2: b"\r\n.\r\n"}.get(int(chance * 5))
    if end is None:
        return cuts.randint(1, min(len(stream), 400))
    return stream.find(end) + len(end) if end and end in stream else len(stream)


class Play:
    """Plays streams against a real writer and a real mail.db."""

    def __init__(self, folder: Path) -> None:
        loop = asyncio.get_running_loop()
        self.path = folder / "mail.db"
        self.writer = Writer(self.path, loop)
        self.writer.start()
        self.refusals: list[NewRefusal] = []
        self.accepted: list[Accepted] = []
        receiving = {"size_kb": 2, "bounce_domains": ["r.example"], "inbound_domains": ["in.example"]}
        data = {"name": "pro", "plan": "pro", "subdomain": "pro", "receiving": receiving}
        live = LiveSettings.of(check_composition(data), 1, has_interval=False)
        shared = Shared(
            self.writer.submit,
            self.accepted.append,
            RefusalBook(self.refusals.append, rows_per_second=1 << 30),
            iter(range(1, 1 << 60)),
        )
        tally = Tally()
        tally.dialogues_left = 1 << 60  # what was said for every mail is kept, however many there are
        self.intake = Intake(live, shared, tally)

    def open(self, kind: Callable[..., ReceivingSession] = ReceivingSession) -> ReceivingSession:
        return kind(self.intake, asyncio.get_running_loop(), set().discard)

    async def play(self, kind: Callable[..., ReceivingSession], stream: bytes, cuts: random.Random) -> tuple[Any, ...]:
        """Replies, stored octets and refusals of one stream, cut at random places, and what was said for its mails."""
        session, transport = self.open(kind), MemoryTransport()
        with MailLog(self.path) as log:
            newest = log.newest_mail()
        self.refusals.clear()
        self.accepted.clear()
        session.connection_made(transport)
        while stream and not transport.is_closed:
            size = cut(stream, cuts)
            session.data_received(stream[:size])
            stream = stream[size:]
            for _ in range(cuts.randint(0, 6)):
                await asyncio.sleep(0)
        while not transport.is_closed:
            await asyncio.sleep(0.0002)
        session.connection_lost(None)
        with MailLog(self.path) as log:
            stored = [log.get_octets(row.id) for row in log.list_mails(after=newest, limit=100)]
        refused = [(one.gate, one.code, one.recipient, tell_dialogue(one.dialogue)) for one in self.refusals]
        said = [tell_dialogue(one.part) for one in self.accepted]
        return transport.said.split(b"\r\n"), stored, refused, said


def tell_dialogue(part: DialoguePart | None) -> list[tuple[str, str | int]]:
    """What was said since the part before, without the times."""
    assert part
    return [(line.by, line.said) for line in decode_lines(part.lines)]


async def compare_streams(folder: Path, seeds: range) -> tuple[int, int]:
    """How many mails were stored on one path, and how many streams differed (each is printed)."""
    play = Play(folder)
    stored = differences = 0
    for seed in seeds:
        stream = random_stream(random.Random(seed))
        plain = await play.play(ReceivingSession, stream, random.Random(seed + 1))
        stock = await play.play(StockPathSession, stream, random.Random(seed + 2))
        stored += len(plain[1])
        if plain != stock:
            differences += 1
            print("DIFFERENT", seed, stream[:2000], plain, stock, sep="\n  ")
    await play.writer.stop()
    return stored, differences
