"""Bounces read a second on one core, beside the standard library's parser and flufl.bounce on the same mails.

    .venv/bin/python packaging/dev/bench_bounces.py [DIR] [--seconds 3] [--at-least 500]

DIR: any folder of bounce mails; default: the corpus beside the repository. Ends with 1 below --at-least.
The other two do less: the parser only parses, flufl.bounce only finds addresses.
"""

import argparse
import email
import email.policy
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cmcdesk.mail.bounce.reader import read_bounce

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpora" / "bounces" / "mails"
FLOOR = 500


def measure(read: Callable[[bytes], object], mails: list[bytes], seconds: float) -> float:
    """Mails a second of processor time: the median of rounds over all mails, until the seconds are over."""
    rates: list[float] = []
    until = time.monotonic() + seconds
    while not rates or time.monotonic() < until:
        began = time.process_time()
        for octets in mails:
            read(octets)
        rates.append(len(mails) / max(time.process_time() - began, 1e-9))
    return statistics.median(rates)


def parse_only(octets: bytes) -> object:
    """The standard library: parse and decode every text part."""
    message = email.message_from_bytes(octets, policy=email.policy.compat32)
    return [part.get_payload(decode=True) for part in message.walk() if part.get_content_maintype() == "text"]


def find_with_flufl(octets: bytes) -> object:
    """flufl.bounce: parse and find the failed addresses; its detectors raise on some broken mails."""
    from flufl.bounce import all_failures

    try:
        return all_failures(email.message_from_bytes(octets, policy=email.policy.compat32))
    except Exception as error:
        return error


def main() -> int:
    """Print one line for each reader."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", default=CORPUS)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--at-least", type=float, default=FLOOR)
    arguments = parser.parse_args()
    mails = [path.read_bytes() for path in sorted(arguments.folder.rglob("*")) if path.is_file()]
    if not mails:
        print(f"no mails below {arguments.folder}")
        return 2
    size = sum(map(len, mails)) / len(mails)
    print(f"{len(mails)} mails, {size:.0f} octets on average")
    readers = {"cmcdesk": read_bounce, "standard library, parsing only": parse_only, "flufl.bounce": find_with_flufl}
    rates = {name: measure(read, mails, arguments.seconds) for name, read in readers.items()}
    for name, rate in rates.items():
        print(f"{name:32} {rate:8.0f} mails/s")
    return 0 if rates["cmcdesk"] >= arguments.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
