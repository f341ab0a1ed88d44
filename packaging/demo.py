"""The demo: the simulator's acceptance scenarios against a cmcdesk of their own, then a console to look at."""

import json
import subprocess
import time
from pathlib import Path

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
    code = subprocess.run([python, "-m", "simulator.cli", "accept", *outputs, *arguments], cwd=root).returncode
    if (report / "acceptance.html").exists():
        print(f"report: {report / 'acceptance.html'}", flush=True)
    return code


def stay_up(python: str, root: Path, folder: Path, port: int) -> int:
    """Serve a console with some mails in it until Ctrl-C; prints its address."""
    settings, ready = folder / "settings.toml", folder / "ready.json"
    settings.write_text(STAY_UP_SETTINGS, encoding="utf-8")
    command = [python, "-m", "cmcdesk", "serve", "--data-dir", str(folder / "data"), "--port", str(port)]
    desk = subprocess.Popen([*command, "--settings", str(settings), "--ready-file", str(ready)], cwd=root)
    try:
        while not ready.exists():
            if desk.poll() is not None:
                return desk.returncode or 1
            time.sleep(0.05)
        facts = json.loads(ready.read_text())
        send_samples(python, root, facts["compositions"][0]["receiving"])
        print(f"\nThe console: {facts['url']}\nCtrl-C ends it.", flush=True)
        return desk.wait()
    except KeyboardInterrupt:
        desk.terminate()
        return desk.wait()


def send_samples(python: str, root: Path, target: str | None) -> None:
    """A few form mails and bounces, so that the lists are not empty."""
    if target is None:
        return
    for traffic in (["form", "--count", "20"], ["bounce", "--count", "20"]):
        command = [python, "-m", "simulator.cli", *traffic, "--target", target]
        subprocess.run(command, cwd=root, stdout=subprocess.DEVNULL)
