"""SIGKILL the mail server again and again at full rate; no acknowledged mail may be lost or doubled.

python packaging/dev/kill_receiver.py [KILLS]
"""

import asyncio
import json
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

SESSIONS = 100
SETTINGS = {
    "name": "pro",
    "plan": "pro",
    "subdomain": "pro",
    "receiving": {"max_sessions": 100, "interval_ms": 10, "inbound_domains": ["example.com"]},
}


async def start(folder: Path) -> tuple[asyncio.subprocess.Process, int]:
    command = [sys.executable, "-m", "cmcdesk.mailserver", "--data-dir", str(folder), "--without-interval"]
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, limit=1 << 24, **pipes)
    assert process.stdin
    assert process.stdout
    await process.stdout.readline()
    placed = {"revision": 1, "host": "127.0.0.1", "port": 0, "relay_port": 0, "smtp_users": {}, "settings": SETTINGS}
    process.stdin.write(json.dumps({"id": 1, "do": "apply", "compositions": [placed]}).encode() + b"\n")
    while True:
        answer = json.loads(await process.stdout.readline())
        if "id" in answer:
            return process, int(answer["compositions"][0]["receiving"].rpartition(":")[2])


async def send_until_killed(port: int, life: int, session: int, answered: list[bytes]) -> None:
    """Mails with a token each, until the connection breaks; notes the tokens that were answered 250."""
    number = 0
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HELO kill\r\n")
        await reader.readline()
        await reader.readline()
        while True:
            token = b"<%d-%d-%d@kill>" % (life, session, number)
            writer.write(b"MAIL FROM:<>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n")
            for _ in range(3):
                await reader.readline()
            writer.write(b"Message-ID: " + token + b"\r\n\r\n" + b"x" * 1900 + b"\r\n.\r\n")
            if not (await reader.readline()).startswith(b"250"):
                return
            answered.append(token)
            number += 1
    except OSError:
        return


async def live_once(folder: Path, life: int, seconds: float) -> list[bytes]:
    process, port = await start(folder)
    answered: list[bytes] = []
    sessions = [asyncio.create_task(send_until_killed(port, life, one, answered)) for one in range(SESSIONS)]
    assert process.stdout
    draining = asyncio.create_task(process.stdout.read())
    await asyncio.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.gather(*sessions)
    await draining
    await process.wait()
    return answered


def main() -> int:
    from cmcdesk.store.maillog.log import MailLog

    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    answered: list[bytes] = []
    with tempfile.TemporaryDirectory(prefix="cmcdesk-kill-") as name:
        for life in range(kills):
            answered += asyncio.run(live_once(Path(name), life, random.uniform(0.3, 2.0)))
        with MailLog(Path(name) / "mail.db") as log:
            stored = Counter(message_id for (message_id,) in log.connection.execute("SELECT message_id FROM mail"))
    lost = [token for token in answered if token.decode() not in stored]
    doubled = [token for token, number in stored.items() if number > 1]
    told = f"{len(answered)} acknowledged, {sum(stored.values())} stored, {len(lost)} lost, {len(doubled)} doubled"
    print(f"{kills} kills, {told}")
    return 1 if lost or doubled or not answered else 0


if __name__ == "__main__":
    sys.exit(main())
