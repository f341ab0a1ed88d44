"""The demo: the simulator's acceptance scenarios against a cmcdesk of their own, then a console to look at."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 20  # seconds for a program to end that was asked to

STAY_UP_SETTINGS = """\
[[composition]]
name = "pro"
plan = "pro"
subdomain = "pro"
[composition.receiving]
max_sessions = 10
interval_ms = 100
size_kb = 10240
bounce_domains = ["return.example.com"]
inbound_domains = ["mailform.example.com"]

[[composition]]
name = "sandbox"
plan = "standard"
"""


def play_scenarios(python: str, root: Path, arguments: list[str]) -> int:
    """Play them all (or those named); the reports are left in report/. 0: every fact was as expected; 1: not."""
    report = root / "report"
    report.mkdir(exist_ok=True)
    for old in report.glob("acceptance.*"):
        old.unlink()
    outputs = ["--html", str(report / "acceptance.html"), "--junit", str(report / "acceptance.xml")]
    with running([python, "-m", "simulator.cli", "accept", *outputs, *arguments], root) as playing:
        code = playing.wait()
    if (report / "acceptance.html").exists():
        print(f"report: {report / 'acceptance.html'}", flush=True)
    return code


def stay_up(python: str, root: Path, folder: Path, port: int) -> int:
    """Serve a console with some mails in it until Ctrl-C or SIGTERM; prints its address and those for mail."""
    settings, ready = folder / "settings.toml", folder / "ready.json"
    settings.write_text(STAY_UP_SETTINGS, encoding="utf-8")
    command = [python, "-m", "cmcdesk", "serve", "--data-dir", str(folder / "data"), "--port", str(port)]
    with running([*command, "--settings", str(settings), "--ready-file", str(ready)], root) as desk:
        while not ready.exists():
            if desk.poll() is not None:
                return desk.returncode or 1
            time.sleep(0.05)
        facts = json.loads(ready.read_text(encoding="utf-8"))
        send_samples(python, root, facts["compositions"][0]["receiving"])
        print("\n".join(describe(facts)), flush=True)
        try:
            return desk.wait()
        except KeyboardInterrupt:
            return 0  # the way to end it


def describe(facts: dict[str, Any]) -> list[str]:
    """What to open and where to send mail, from the ready file, in the language of the locale."""
    chosen = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    ja = chosen.lower().startswith("ja")
    deaf = "受信していません（理由は上の行）" if ja else "not receiving (the lines above say why)"
    return [
        "",
        f"{'コンソール' if ja else 'The console'}: {facts['url']}",
        *(f"SMTP {fact['name']}: {fact['receiving'] or deaf}" for fact in facts["compositions"]),
        "Ctrl-C で終了します。" if ja else "Ctrl-C ends it.",
    ]


def send_samples(python: str, root: Path, target: str | None) -> None:
    """A few form mails and bounces, so that the lists are not empty."""
    if target is None:
        return
    for traffic in (["form", "--count", "20"], ["bounce", "--count", "20"]):
        command = [python, "-m", "simulator.cli", *traffic, "--target", target]
        with running(command, root, stdout=subprocess.DEVNULL) as sending:
            sending.wait()


@contextmanager
def running(command: Sequence[str], root: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program that does not outlive the block: it is asked to end, as it has programs of its own to end."""
    program = subprocess.Popen(command, cwd=root, **options)
    try:
        yield program
    finally:
        if program.poll() is None:
            program.terminate()
        try:
            program.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
