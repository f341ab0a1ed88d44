"""Sends the mails of one run: Postfix's smtp-source where it is installed and fits, else the simulator's own client."""

import subprocess
import time
from dataclasses import dataclass
from typing import Any

from simulator.bench.options import Cell
from simulator.bench.receivers import RECIPIENT, SENDER, BenchFailed, Receiver, at_work, find_program
from simulator.load.client import run_fast
from simulator.load.runner import LoadFailed
from simulator.load.tally import Tally
from simulator.load.traffic_plan import make_load, make_traffic

# smtp-source ends at the first refusal, and a server may well refuse more than this that is in flight at one time.
MOST_IN_FLIGHT = 400_000_000  # octets


class SendingFailed(Exception):
    """A receiver did not take the load; the text says what it or the program said."""


@dataclass(frozen=True)
class Sent:
    """What one run sent; ``refusal`` is the commonest reply of those refused."""

    accepted: int
    refused: int
    seconds: float
    refusal: str = ""


def choose_program(cell: Cell) -> str:
    """smtp-source or cmcsim; the same for all receivers of a cell, or their ratios would say nothing."""
    fits = cell.size * cell.sessions <= MOST_IN_FLIGHT
    return "smtp-source" if fits and find_program("smtp-source") else "cmcsim"


def send(receiver: Receiver, cell: Cell, mails: int) -> Sent:
    """Send so many mails as fast as they are taken, and note what was acknowledged. Raises SendingFailed."""
    sending = _send_by_smtp_source if choose_program(cell) == "smtp-source" else _send_by_own_client
    try:
        sent = sending(receiver, cell, mails)
    except SendingFailed:
        receiver.broke_off = True
        raise
    receiver.acknowledged += sent.accepted
    if not sent.accepted:
        raise SendingFailed(f"{receiver.name} took none of {mails} mails: {sent.refusal}")
    return sent


def _send_by_smtp_source(receiver: Receiver, cell: Cell, mails: int) -> Sent:
    """It says nothing of how it went: exit code 0 is that all were answered 250."""
    command = [find_program("smtp-source") or "smtp-source", *(["-d"] if cell.is_kept else [])]
    command += ["-s", str(min(cell.sessions, mails)), "-m", str(mails), "-l", str(cell.size)]
    command += ["-f", SENDER, "-t", RECIPIENT, f"{receiver.host}:{receiver.port}"]
    with at_work(receiver):
        begun = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        seconds = time.monotonic() - begun
    if done.returncode:
        raise SendingFailed(f"smtp-source to {receiver.name}: {done.stderr.strip()[-300:]}")
    return Sent(mails, 0, seconds)


def _send_by_own_client(receiver: Receiver, cell: Cell, mails: int) -> Sent:
    tally = run_own_client(receiver, cell, count=mails)
    refused = tally.finished - tally.accepted
    common = tally.refusals.most_common(1)
    said = f"{common[0][0].code} {common[0][0].enhanced_status} {common[0][0].text}".strip() if common else ""
    return Sent(tally.accepted, refused, tally.seconds(), said)


def send_all(receiver: Receiver, cell: Cell, mails: int, **traffic: Any) -> None:
    """Send so many mails of that traffic by the simulator's own client. Raises BenchFailed unless all are taken."""
    try:
        tally = run_own_client(receiver, cell, count=mails, **traffic)
    except SendingFailed as fault:
        receiver.broke_off = True
        raise BenchFailed(str(fault)) from fault
    receiver.acknowledged += tally.accepted
    if tally.accepted != mails:
        raise BenchFailed(f"{receiver.name} refused {mails - tally.accepted} of {mails} mails")


def run_own_client(receiver: Receiver, cell: Cell, **ends: Any) -> Tally:
    """Run the simulator's client until ``count`` mails or ``seconds``; all it saw. Raises SendingFailed."""
    told = {"to": (RECIPIENT,), "sender": SENDER, "size": str(cell.size), "sessions": cell.sessions}
    told["mails_per_session"] = 0 if cell.is_kept else 1
    # Remote peers were allowed, or not, when they were named.
    load, _ = make_load(make_traffic({**told, **ends}), receiver.host, receiver.port, allow_remote=True)
    try:
        with at_work(receiver):
            return run_fast(load.run())
    except LoadFailed as fault:
        raise SendingFailed(f"{receiver.name}: {fault}") from fault
