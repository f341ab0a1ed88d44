"""Searching a million mails: milliseconds of a list page and of each kind of search, and how fast the index is built.

    .venv/bin/python packaging/dev/bench_search.py [--mails 1000000] [--rounds 40] [--folder DIR]

Writes mail.db as the mail server does and search.db as the worker does, without its pauses (about 3 GB, removed
afterwards; --folder keeps both and goes on with them). Asks the console's own page /mails for its rows, in this
process: the search and the rendering of 50 rows, without a network.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from flask.testing import FlaskClient

from cmcdesk.console.app import create_app
from cmcdesk.console.frame.current import Services
from cmcdesk.processes import paths
from cmcdesk.processes.flags import Flags
from cmcdesk.store.desk.database import open_desk
from cmcdesk.store.maillog.insertion import MailLogWriter, NewMail
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.search.index_writer import SearchWriter

KANJI = "受信間隔設定反映配送確認通知問合見積依頼会議資料送付請求書契約更新案内登録完了注文商品発予定日時変更連絡担当"
KANA = "".join(map(chr, range(0x3042, 0x3090)))
LATIN = "abcdefghiklmnoprstuvw"
RARE_EVERY = 50_000  # mails
BATCH = 2_000


class Generator:
    """Mail number i, always the same: a Japanese form mail of 0.7 KB; every 50,000th is rare in each way."""

    def __init__(self) -> None:
        chance = random.Random(7)
        words = [self._make_word(chance) for _ in range(4000)]
        self.sentences = ["".join(chance.choice(words) for _ in range(7)) + "。" for _ in range(20_000)]

    def _make_word(self, chance: random.Random) -> str:
        letters = chance.choices((KANJI, KANA, LATIN), (5, 3, 2))[0]
        return "".join(chance.choice(letters) for _ in range(chance.randint(2, 5)))

    def subject(self, number: int) -> str:
        """With its number."""
        return f"お問い合わせ {self.sentences[number * 31 % 20_000][:12]} No.{number:07}"

    def message_id(self, number: int) -> str:
        """20 hexadecimal digits that say nothing about their neighbours."""
        return f"<{random.Random(number).getrandbits(80):020x}@mail.example.com>"

    def make(self, number: int) -> NewMail:
        """As the mail server hands it to its writer."""
        is_rare = number % RARE_EVERY == 0
        sender, to = f"user{number:07}@example.com", "bounce@return.example" if is_rare else "form@mailform.example"
        text = "\r\n".join(self.sentences[number * step % 20_000] for step in (17, 101, 977, 7919))
        text += f"\r\n稀少語彙{number}\r\n" if is_rare else "\r\n"
        subject, message_id = self.subject(number), self.message_id(number)
        head = (
            f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: {message_id}\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        )
        route, bits = ("bounce", 1) if is_rare else ("inbound", 2)
        return NewMail(
            received_at=1.7e9 + number, composition="rare" if is_rare else "pro", revision=1, session=number,
            peer="127.0.0.1", sender=sender, recipients=f'[["{to}", "{route}"]]', routes=bits, subject=subject,
            header_from=sender, message_id=message_id, octets=(head + text).encode(),
        )  # fmt: skip


def write_mails(path: Path, generator: Generator, count: int) -> None:
    """Fill mail.db up to `count` mails."""
    writer = MailLogWriter(path)
    with MailLog(path) as log:
        first = log.newest_mail() + 1
    began = time.monotonic()
    for start in range(first, count + 1, BATCH):
        writer.append([generator.make(number) for number in range(start, min(start + BATCH, count + 1))], [])
    writer.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    writer.close()
    print(f"mail.db: {count} mails, {path.stat().st_size / 1e6:.0f} MB, {time.monotonic() - began:.0f} s", flush=True)


def build_index(folder: Path) -> None:
    """Bring search.db up to date."""
    path = paths.search_db(folder)
    writer = SearchWriter(path)
    began, used = time.monotonic(), time.process_time()
    with MailLog(paths.mail_db(folder)) as log:
        count, told = 0, 0
        while writer.advance(log, 1.0):
            count = writer.indexed_mails
            if count - told >= 50_000:
                told = count
                print(f"  {count} indexed, {count / (time.monotonic() - began):.0f}/s", flush=True)
    writer.close()
    took, used = time.monotonic() - began, time.process_time() - used
    rates = f"{count / took:.0f} mails/s, {count / max(used, 1e-9):.0f} a second of processor time" if count else "-"
    print(f"search.db: {path.stat().st_size / 1e6:.0f} MB; building: {rates}", flush=True)


def list_questions(generator: Generator, count: int) -> dict[str, Callable[[random.Random], str]]:
    """Name → a new query string each time."""

    def number(chance: random.Random) -> int:
        return chance.randrange(1, count + 1)

    def sentence(chance: random.Random, length: int) -> str:
        return quote(chance.choice(generator.sentences)[3 : 3 + length])

    return {
        "newest page": lambda _: "",
        "a page further down": lambda c: f"before={number(c)}",
        "rare composition": lambda _: "composition=rare",
        "rare route": lambda _: "kind=bounce",
        "rare composition and address": lambda c: f"composition=rare&search=user{number(c) // RARE_EVERY:02}",
        "address, one mail": lambda c: f"search=user{number(c):07}@example.com",
        "address, all mails": lambda _: "search=example.com",
        "subject": lambda c: f"search={quote(generator.subject(number(c)))}",
        "Message-ID": lambda c: f"search={quote(generator.message_id(number(c)))}",
        "fields, no such mail": lambda c: f"search=absent{number(c)}@example.com",
        "text, 20 of all mails": lambda _: f"search_in=text&search={quote('稀少語彙')}",
        "text, 8 characters": lambda c: f"search_in=text&search={sentence(c, 8)}",
        "text, 3 characters": lambda c: f"search_in=text&search={sentence(c, 3)}",
        "text, no such mail": lambda c: f"search_in=text&search={quote('稀少語彙無')}{number(c)}",
        "text, 2 Japanese characters": lambda c: f"search_in=text&search={quote(c.choice(KANJI) + c.choice(KANJI))}",
        "everywhere, 8 characters": lambda c: f"search_in=all&search={sentence(c, 8)}",
    }


def open_console(folder: Path) -> FlaskClient:
    """The console on this folder, with a session, and without mail server and worker."""
    services = Services(
        folder=folder, engine=open_desk(folder), token="bench", send_apply=lambda _: 0, send_purge=lambda **_: 0,
        send_remove=lambda _: None, telemetry=dict, subscribe=lambda _: None, wake_worker=lambda: None, placements=list,
        flags=Flags(False, False),
    )  # fmt: skip
    client = create_app(services).test_client()
    client.get("/?token=bench", base_url="http://127.0.0.1:80")
    return client


def measure(client: FlaskClient, query: str) -> tuple[float, int]:
    """Milliseconds, and the number of rows on the page."""
    began = time.perf_counter()
    answer = client.get(f"/mails?{query}", base_url="http://127.0.0.1:80", headers={"HX-Request": "true"})
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, answer.status
    return took, answer.text.count("data-mail=")


def report(folder: Path, generator: Generator, count: int, rounds: int) -> Iterator[str]:
    """A line for each kind of question."""
    client = open_console(folder)
    chance = random.Random(11)
    for name, make in list_questions(generator, count).items():
        found = [measure(client, make(chance)) for _ in range(rounds)]
        times = sorted(took for took, _ in found)
        p95 = times[min(rounds - 1, int(rounds * 0.95))]
        rows = statistics.mean(rows for _, rows in found)
        yield f"| {name} | {statistics.median(times):.0f} | {p95:.0f} | {rows:.1f} |"


def main() -> int:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--mails", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-search-") as made:
        folder = paths.data_dir(arguments.folder or made)
        generator = Generator()
        write_mails(paths.mail_db(folder), generator, arguments.mails)
        build_index(folder)
        print("| what | p50 ms | p95 ms | rows found |\n| --- | ---: | ---: | ---: |")
        for line in report(folder, generator, arguments.mails, arguments.rounds):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
