"""The time between two 250s of one session, seen by clients that always have a next mail ready."""

import asyncio
import statistics
import time

MAIL = b"MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"
OCTETS = b"Subject: x\r\n\r\n" + b"x" * 1900 + b"\r\n.\r\n"


async def _keep_one_session(port: int, mails: int, gaps: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    writer.write(b"HELO bench\r\n")
    await reader.readline()
    last = 0.0
    for number in range(mails + 1):
        writer.write(MAIL)
        for _ in range(3):
            await reader.readline()
        writer.write(OCTETS)
        line = await reader.readline()
        now = time.monotonic()
        if not line.startswith(b"250"):
            raise RuntimeError(line.decode())
        if number:
            gaps.append(now - last)
        last = now
    writer.close()


async def _keep_sessions(port: int, sessions: int, mails: int) -> list[float]:
    gaps: list[float] = []
    await asyncio.gather(*(_keep_one_session(port, -(-mails // sessions), gaps) for _ in range(sessions)))
    return gaps


def gaps_of(port: int, sessions: int, mails: int) -> list[float]:
    """Seconds between the 250s, of all sessions together."""
    return asyncio.run(_keep_sessions(port, sessions, mails))


def line_of(gaps: list[float], interval_ms: int, sessions: int) -> str:
    in_ms = [gap * 1000 for gap in gaps]
    mean = statistics.fmean(in_ms)
    p99 = statistics.quantiles(in_ms, n=100)[98]
    off = (mean / interval_ms - 1) * 100
    return f"{interval_ms:9}{sessions:9}{len(gaps):7}{mean:10.2f}{off:7.1f}%{min(in_ms):9.2f}{p99:9.2f}"
