import random

from cmcdesk.mailserver.octets import OctetCollector, take_whole


def expected(data: bytes) -> tuple[bytes, bytes] | None:
    """The slow, plain reading of RFC 5321 §4.5.2: the unstuffed mail and what follows it; None without an end."""
    before, end, rest = (b"\r\n" + data).partition(b"\r\n.\r\n")
    if not end:
        return None
    lines = (before[2:] + b"\r\n" if before else b"").split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines), rest


def collect(data: bytes, limit: int, cuts: random.Random) -> tuple[OctetCollector, bytes | None]:
    collector, rest, position = OctetCollector(limit), None, 0
    while position < len(data) and rest is None:
        size = cuts.randint(1, len(data))
        rest = collector.take(data[position : position + size])
        position += size
    return collector, None if rest is None else rest + data[position:]


def test_any_octets_cut_anywhere_are_collected_as_the_rfc_reads_them() -> None:
    rng = random.Random(5321)
    pieces = [b"\r\n", b".", b"\r", b"\n", b"ab", b"..", b"\r\n.", b"\r\n.\r\n"]
    ended = dropped = whole = 0
    for _ in range(30_000):
        data = b"".join(rng.choice(pieces) for _ in range(rng.randint(1, 14)))
        limit = rng.choice([3, 8, 100])
        want = expected(data)
        collector, rest = collect(data, limit, rng)
        assert rest == (want[1] if want else None), data
        if want is None:
            continue
        ended += 1
        assert collector.is_dropped == (len(want[0]) > limit), data
        dropped += collector.is_dropped
        if not collector.is_dropped:
            assert collector.finish() == want[0], data
        at_once = take_whole(data, limit)
        if at_once is not None:
            whole += 1
            assert (at_once, b"") == want, data
    assert min(ended, dropped, whole) > 500  # the play reached every branch


def test_the_limit_counts_octets_after_unstuffing() -> None:
    stuffed = b"..\r\n" * 100 + b".\r\n"  # 400 octets on the wire, 300 in the mail
    for limit, is_dropped in ((300, False), (299, True)):
        collector = OctetCollector(limit)
        assert collector.take(stuffed) == b""
        assert collector.is_dropped is is_dropped


def test_what_is_over_the_limit_is_not_held() -> None:
    collector = OctetCollector(1000)
    for _ in range(1000):
        assert collector.take(b"x" * 998 + b"\r\n") is None
    assert collector.held < 3000
    assert collector.take(b".\r\nQUIT\r\n") == b"QUIT\r\n"
    assert collector.is_dropped
