"""Throw damaged mails at the message reader for a while, and say what broke or was slow.

    python packaging/dev/fuzz_messages.py [--seconds 60] [--seed 1] [FOLDER of mails to damage]

Each round takes a mail, cuts, doubles, swaps and overwrites stretches of it (also with the words that steer the reader:
boundaries, escapes, encoded words), and reads it. Exit code 1 if one raised, took over a second, or gave text that is
no Unicode; the mail that did it is written into the working directory as fuzz-*.eml.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cmcdesk.mail.mime.message import describe_message, read_message

SLOW_SECONDS = 1.0
SEED_MAIL = (
    "From: =?ISO-2022-JP?B?GyRCRURDZhsoQg==?= <a@b.jp>\r\nTo: 田中 <c@d>\r\nSubject: =?utf-8?Q?=E4=BB=B6?=\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n'
    "\x1b$BK\\J8\x1b(B\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename*0*=utf-8''%E4%BB; filename*1*=%B6.pdf\r\n\r\nJVBERi0=\r\n--b--\r\n"
).encode()
TOKENS = [
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"--b", b"--b--\r\n", b"\x1b$B", b"\x1b(B", b"\x1b(I", b"=?utf-8?B?", b"?="),
    *(b"=?iso-2022-jp?Q?", b'"', b"\\", b"(", b"<", b";", b":", b",", b"=", b"==", b"\x00", b"\xff", b"\x82\xa0", b" "),
    *(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"\t",
        b"*0*=",
    ),
]


def damage(source: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """The mail after one to eight changes."""
    octets = bytearray(source)
    for _ in range(dice.randint(1, 8)):
        at = dice.randint(0, len(octets))
        length = min(dice.choice((1, 3, 40, 400)), len(octets) - at)
        stretch = bytes(octets[at : at + length])
        other = dice.choice(others)
        start = dice.randint(0, len(other))
        octets[at : at + length] = dice.choice(
            (
                b"",
                stretch * dice.choice((2, 200)),
                dice.randbytes(length),
                dice.choice(TOKENS) * dice.choice((1, 1, 3, 3000)),
                dice.choice(TOKENS) + stretch,
                other[start : start + 400],
                dice.randbytes(dice.randint(1, 3)) * 30_000,
            )
        )
    return bytes(octets[: 4 * 1024 * 1024])


def judge(octets: bytes) -> str:
    """What is wrong with the reading of these octets; "" for nothing."""
    began = time.perf_counter()
    try:
        json.dumps(describe_message(read_message(octets)), ensure_ascii=False).encode("utf-8")
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    seconds = time.perf_counter() - began
    return f"slow: {seconds:.2f} s for {len(octets)} octets" if seconds > SLOW_SECONDS else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    mails = [path.read_bytes() for path in sorted(given.folder.rglob("*")) if path.is_file()] if given.folder else []
    mails = [*mails, SEED_MAIL]
    dice, faults, rounds = random.Random(given.seed), 0, 0
    until = time.monotonic() + given.seconds
    while time.monotonic() < until:
        octets = damage(dice.choice(mails), mails, dice)
        fault = judge(octets)
        rounds += 1
        if fault:
            faults += 1
            Path(f"fuzz-{given.seed}-{rounds}.eml").write_bytes(octets)
            print(f"round {rounds}: {fault}")
    print(f"{rounds} mails read, {faults} faults (seed {given.seed})")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
