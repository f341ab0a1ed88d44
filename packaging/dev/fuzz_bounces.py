"""Throw inputs at the bounce reader: random octets, mutations of real bounces where they are at hand, nests, floods.

    .venv/bin/python packaging/dev/fuzz_bounces.py [--count 100000] [--seed 1] [--corpus DIR]

Ends with 1 if an input raised, or took more than 500 ms (retried once: another program may have had the processor).
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from cmcdesk.mail.bounce.reader import read_bounce

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpora" / "bounces" / "mails"
LIMIT_SECONDS = 0.5
SNIPPETS = (
    b"\r\n", b"\n\n", b"\n\t", b": ", b"--", b"<", b">", b"@", b"\x1b$B", b"\x1b(B", b"=?utf-8?B?", b"?=", b"\x00",
    b"Content-Type: multipart/report; boundary=x\n\n--x\n", b"Content-Transfer-Encoding: base64\n", b"\xff\xfe",
    b"Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n\n", b"a@b.example", b"550 5.1.1 ", b"--x--\n",
    b"Subject: Undelivered Mail Returned to Sender\n", b"From: MAILER-DAEMON@x\n", b"<style>", b"<!--", b"&#x110000;",
    b'{"notificationType":"Bounce","bounce":{"bouncedRecipients":[', b"(expanded from <a@b>)", b"\\x{110000}",
)  # fmt: skip


def _mutate(octets: bytes, chance: random.Random) -> bytes:
    mutated = bytearray(octets)
    for _ in range(chance.choice((1, 2, 4, 16, 64))):
        at = chance.randrange(len(mutated) + 1)
        match chance.randrange(6):
            case 0:
                mutated[at:at] = chance.choice(SNIPPETS)
            case 1:
                del mutated[at : at + chance.choice((1, 10, 200))]
            case 2:
                mutated[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                mutated[at:at] = mutated[at : at + chance.randrange(500)]
            case 4:
                mutated[at:at] = chance.choice(SNIPPETS) * chance.randrange(50)
            case _:
                other = chance.randrange(len(mutated) + 1)
                mutated[at : at + 100], mutated[other : other + 100] = (
                    mutated[other : other + 100],
                    mutated[at : at + 100],
                )
    return bytes(mutated)


def _write_random(chance: random.Random) -> bytes:
    pieces = [
        chance.choice(SNIPPETS) if chance.random() < 0.7 else chance.randbytes(chance.randrange(40)) for _ in range(80)
    ]
    return b"".join(pieces)


def write_monsters() -> Iterator[tuple[str, bytes]]:
    """Inputs made to exhaust time, stack or memory; each is named."""
    head = b"From: MAILER-DAEMON@x\nSubject: Undelivered Mail Returned to Sender\nContent-Type: "
    yield "50 MB of one letter", head + b"text/plain\n\n" + b"a" * 50_000_000
    yield "50 MB of at signs", head + b"text/plain\n\n" + b"@" * 50_000_000
    yield "50 MB of lines with addresses", head + b"text/plain\n\n" + b"<a@b.example>: 550 5.1.1 no\n" * 1_800_000
    yield "50 MB without a line end", b"x" * 50_000_000
    yield "50 MB of header", b"X-A: b\n" * 7_000_000
    for letter in (
        b"<",
        b">",
        b"(",
        b"[",
        b"&",
        b"=",
        b"=?",
        b" ",
        b"\n",
        b"\t",
        b"\x1b$B",
        b"--x\n",
        b"a.",
        b"5.1.",
        b"550 ",
    ):
        yield f"384 KB of {letter!r}", head + b"text/plain\n\n" + letter * (384 * 1024 // len(letter))
        yield f"384 KB of HTML {letter!r}", head + b"text/html\n\n" + letter * (384 * 1024 // len(letter))
    for piece in (
        b"<style>",
        b"<!--",
        b"<p a",
        b"a@b ",
        b"a@b.c.",
        b"message to ",
        b"Final-Recipient: x@y\n",
        b"(generated from ",
    ):
        yield f"a flood of {piece!r}", head + b"text/html\n\n" + piece * (384 * 1024 // len(piece))
        yield f"a flood of plain {piece!r}", head + b"text/plain\n\n" + piece * (384 * 1024 // len(piece))
    nest = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(9000))
    yield "9000 multiparts deep", b"From: MAILER-DAEMON@x\n" + nest + b"\n550 5.1.1 a@b.example\n"
    yield (
        "9000 messages deep",
        b"From: MAILER-DAEMON@x\nSubject: Undelivered mail\n" + b"Content-Type: message/rfc822\n\n" * 9000,
    )
    yield "20000 parts", head + b"multipart/mixed; boundary=x\n\n" + b"--x\n\nhello a@b.example\n" * 20_000
    yield "JSON 100000 deep", head + b'text/plain\n\n{"notificationType":' + b"[" * 100_000
    yield "folded for ever", b"Subject: a\n" + b" b\n" * 100_000 + b"\n"


def _check(name: str, octets: bytes) -> float:
    """Seconds that the reading took; exits with the input saved if it raised or was too slow twice."""
    for attempt in (1, 2):
        began = time.perf_counter()
        try:
            read_bounce(octets)
        except Exception as error:
            _give_up(name, octets, f"raised {error!r}")
        took = time.perf_counter() - began
        if took <= LIMIT_SECONDS:
            return took
        if attempt == 2:
            _give_up(name, octets, f"took {took * 1000:.0f} ms")
    return 0.0


def _give_up(name: str, octets: bytes, why: str) -> None:
    saved = Path("fuzz-failure.eml")
    saved.write_bytes(octets)
    print(f"FAILED: {name}: {why}; the input is in {saved}")
    sys.exit(1)


def main() -> int:
    """Run all monsters, then `--count` random inputs and mutations."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    seeds = [path.read_bytes()[:40_000] for path in sorted(arguments.corpus.rglob("*.eml"))]
    slowest = max((_check(name, octets), name) for name, octets in write_monsters())
    print(f"monsters: slowest {slowest[0] * 1000:.0f} ms ({slowest[1]})")
    makers: tuple[Callable[[], bytes], ...] = (
        lambda: _write_random(chance),
        lambda: chance.randbytes(chance.randrange(2000)),
    )
    if seeds:
        makers += (lambda: _mutate(chance.choice(seeds), chance),) * 6
    worst = 0.0
    for number in range(arguments.count):
        worst = max(worst, _check(f"input {number} of seed {arguments.seed}", chance.choice(makers)()))
    print(f"{arguments.count} inputs ({len(seeds)} real mails mutated): no exception, slowest {worst * 1000:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
