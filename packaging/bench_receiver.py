"""The receiver's rate beside other receivers, interleaved in one run; and the spacing that the interval keeps.

    python packaging/bench_receiver.py rate [--seconds 8] [--rounds 3] [--size 2000] [--sessions 100] ...
    python packaging/bench_receiver.py spacing [--mails 300]

Rates come from runs in turn (A B C A B C …) on the same machine with the same load; only their ratios mean something.
Load: Postfix's smtp-source where it is installed, else `cmcsim load`.
"""

import argparse
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import bench_spacing

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"

SETTINGS = """
[[composition]]
name = "pro"
plan = "pro"
subdomain = "pro"
[composition.receiving]
max_sessions = 100
interval_ms = {interval_ms}
size_kb = 20480
inbound_domains = ["example.com"]
"""
# Ten conditions on two headers, of which the last matches every mail.
FILTER = """
[[composition.inbound_webhook]]
name = "filter {number}"
endpoint = "http://127.0.0.1:9/"
[[composition.inbound_webhook.condition]]
header = "{header}"
pattern = '{pattern}'
"""


def settings_text(interval_ms: int) -> str:
    never, always = r"^(urgent|alert) .*ticket-\d+", r"example\.com"
    filters = [
        FILTER.format(number=number, header=("Subject", "To")[number % 2], pattern=never if number < 9 else always)
        for number in range(10)
    ]
    return SETTINGS.format(interval_ms=interval_ms) + "".join(filters)


@dataclass
class Receiver:
    """A server under test: where it listens, the processes whose CPU counts, what was seen of it."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    pid: int
    mail_db: Path | None = None
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_megabytes(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024


def free_port() -> int:
    with socket.create_server((HOST, 0)) as one:
        return int(one.getsockname()[1])


def wait_until_listening(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def start_cmcdesk(folder: Path, *arguments: str, interval_ms: int = 10) -> Receiver:
    folder.mkdir()
    (folder / "settings.toml").write_text(settings_text(interval_ms))
    ready = folder / "ready.json"
    command = [
        sys.executable,
        "-m",
        "cmcdesk",
        "serve",
        "--data-dir",
        str(folder),
        "--port",
        "0",
        "--receiver-port",
        "0",
    ]
    command += ["--settings", str(folder / "settings.toml"), "--ready-file", str(ready), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    while not ready.exists():
        if process.poll() is not None:
            sys.exit("cmcdesk did not start")
        time.sleep(0.05)
    port = int(json.loads(ready.read_text())["compositions"][0]["receiving"].rpartition(":")[2])
    pid = next(child for child in children_of(process.pid) if b"cmcdesk.mailserver" in command_of(child))
    return Receiver("cmcdesk", port, process, pid, folder / "mail.db")


def children_of(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def start_peer(name: str, folder: Path) -> Receiver:
    port = free_port()
    process = subprocess.Popen([sys.executable, ROOT / "packaging" / "bench_peers.py", name, str(port), str(folder)])
    wait_until_listening(port)
    return Receiver(name, port, process, process.pid)


def start_smtp_sink() -> Receiver | None:
    program = shutil.which("smtp-sink")
    if program is None:
        return None
    port = free_port()
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, *as_user, f"{HOST}:{port}", "1000"])
    wait_until_listening(port)
    return Receiver("smtp-sink", port, process, process.pid)


def load(port: int, mails: int, options: argparse.Namespace) -> float:
    """Seconds that it took to get `mails` mails acknowledged."""
    begun = time.monotonic()
    if shutil.which("smtp-source"):
        keep = [] if options.new_connections else ["-d"]
        command = ["smtp-source", *keep, "-s", str(options.sessions), "-m", str(mails), "-l", str(options.size)]
        command += ["-f", "a@client.example", "-t", "b@example.com", f"{HOST}:{port}"]
    else:
        keep = ["--mails-per-session", "1"] if options.new_connections else []
        command = [sys.executable, "-m", "simulator.cli", "load", "--count", str(mails), *keep, "--json"]
        command += ["--sessions", str(options.sessions), "--size", str(options.size), "--to", "b@example.com"]
        command += ["--sender", "a@client.example", "--target", f"{HOST}:{port}"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def measure_one(receiver: Receiver, mails: int, options: argparse.Namespace) -> None:
    cpu = receiver.cpu_seconds()
    seconds = load(receiver.port, mails, options)
    receiver.rates.append(mails / seconds)
    receiver.cpu.append((receiver.cpu_seconds() - cpu) / mails * 1e6)


def measure_rates(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="cmcdesk-bench-") as name:
        folder = Path(name)
        arguments = ["--without-interval"] + ([] if options.with_dispatch else ["--without-dispatch"])
        started = [start_cmcdesk(folder / "cmcdesk", *arguments), start_smtp_sink()]
        started += [start_peer(peer, folder) for peer in ("bare", "aiosmtpd", "aiosmtpd-commit")]
        receivers = [one for one in started if one]
        try:
            acknowledged = play_rounds(receivers, options)
            print_rates(receivers, options)
            count_stored(receivers[0], acknowledged)
        finally:
            for one in receivers:
                one.process.terminate()
                one.process.wait(20)


def play_rounds(receivers: list[Receiver], options: argparse.Namespace) -> int:
    """Interleaved; returns the mails that cmcdesk acknowledged."""
    acknowledged = 0
    mails = {}
    for one in receivers:  # warm up, and find how many mails fill the time
        probe = max(options.sessions * 2, 4_000_000 // (options.size + 1000))
        mails[one.name] = max(options.sessions, int(probe / load(one.port, probe, options) * options.seconds))
        acknowledged += probe if one.name == "cmcdesk" else 0
    for _ in range(options.rounds):
        for one in receivers:
            measure_one(one, mails[one.name], options)
            acknowledged += mails[one.name] if one.name == "cmcdesk" else 0
    return acknowledged


def print_rates(receivers: list[Receiver], options: argparse.Namespace) -> None:
    ours = receivers[0]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    shape = f"{options.sessions} sessions, {options.size} octets, {options.rounds} rounds of {options.seconds:g} s"
    print(f"{machine}; {shape}; load average {os.getloadavg()[0]:.1f}")
    print(f"{'receiver':18}{'mails/s':>9}{'CPU us/mail':>13}{'peak MB':>9}   cmcdesk / it: median (min-max)")
    for one in receivers:
        ratios = [mine / its for mine, its in zip(ours.rates, one.rates, strict=True)]
        told = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        rate, cpu = statistics.median(one.rates), statistics.median(one.cpu)
        print(f"{one.name:18}{rate:9.0f}{cpu:13.0f}{one.peak_megabytes():9.0f}   {told}")


def count_stored(ours: Receiver, acknowledged: int) -> None:
    from cmcdesk.store.maillog import MailLog

    assert ours.mail_db is not None
    with MailLog(ours.mail_db) as log:
        stored = log.count_mails()
    print(f"stored rows {stored}, acknowledged mails {acknowledged}")
    if stored != acknowledged:
        sys.exit("stored rows and acknowledged mails differ")


def measure_spacing(options: argparse.Namespace) -> None:
    """Mean and p99 of the time between two 250s of a session, at up to half the ceiling and above."""
    print(f"{'interval':>9}{'sessions':>9}{'mails':>7}{'mean ms':>10}{'off':>8}{'min':>9}{'p99':>9}")
    for interval_ms in (10, 100, 1000):
        with tempfile.TemporaryDirectory(prefix="cmcdesk-bench-") as name:
            ours = start_cmcdesk(Path(name) / "cmcdesk", "--without-dispatch", interval_ms=interval_ms)
            try:
                for sessions in (1, 50, 100):
                    gaps = bench_spacing.gaps_of(ours.port, sessions, max(options.mails, sessions * 4))
                    print(bench_spacing.line_of(gaps, interval_ms, sessions))
            finally:
                ours.process.terminate()
                ours.process.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("rate", "spacing"))
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=2000)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--new-connections", action="store_true")
    parser.add_argument("--with-dispatch", action="store_true")
    parser.add_argument("--mails", type=int, default=300)
    options = parser.parse_args()
    measure = measure_rates if options.what == "rate" else measure_spacing
    measure(options)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
