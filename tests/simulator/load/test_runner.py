"""Loads against plain aiosmtpd (a receiver that is not ours) and Postfix's smtp-sink where it is installed."""

import random
import shutil
import socket
import subprocess
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from types import SimpleNamespace

import pytest

from simulator.load.client import run_fast
from simulator.load.runner import Load, LoadFailed, Plan
from simulator.load.shape import Constant, Ramp, Shape
from simulator.load.source import make_plain, make_pool, parse_sizes, write_message_id
from simulator.load.tally import Tally
from simulator.traffic.bounces import make_bounce
from simulator.traffic.forms import FormOptions, make_form

PLAIN = make_plain("a@example.com", ["b@example.com"])


def play(plan: Plan) -> Tally:
    return run_fast(Load(plan, make_pool(PLAIN, random.Random(1), plan.count)).run())


def test_every_mail_arrives_once_under_its_own_message_id(plain_aiosmtpd: SimpleNamespace) -> None:
    pool = make_pool(PLAIN, random.Random(7), 200, parse_sizes("1k-3k"))
    plan = Plan("127.0.0.1", plain_aiosmtpd.port, sessions=7, count=200, mails_per_session=9)
    tally = run_fast(Load(plan, pool).run())
    assert tally.replies == {250: 200}
    assert sorted(tally.accepted_numbers) == list(range(200))
    ids = [str(message_from_bytes(one.content, policy=default)["Message-ID"]) for one in plain_aiosmtpd.envelopes]
    assert sorted(ids) == [write_message_id(pool.run, number) for number in range(200)]
    assert {1024 <= len(one.content) <= 3072 for one in plain_aiosmtpd.envelopes} == {True}
    assert tally.octets == sum(len(one.content) for one in plain_aiosmtpd.envelopes)


def test_the_same_seed_sends_the_same_octets(plain_aiosmtpd: SimpleNamespace) -> None:
    for _ in range(2):
        pool = make_pool(lambda rng, size: make_form(rng, FormOptions(size=size)), random.Random(3), 10)
        run_fast(Load(Plan("127.0.0.1", plain_aiosmtpd.port, count=10), pool).run())
    octets = [one.content for one in plain_aiosmtpd.envelopes]
    assert octets[:10] == octets[10:]
    assert len(set(octets)) == 10


def test_forms_and_bounces_are_of_the_size_asked_for_with_their_stamp(plain_aiosmtpd: SimpleNamespace) -> None:
    makers = [
        lambda rng, size: make_form(rng, FormOptions(size=size, attachments=("png",))),
        lambda rng, size: make_bounce(rng, "postfix/unknown-user"),
    ]
    for make, size in zip(makers, (100_000, None), strict=True):
        sizes = parse_sizes(str(size)) if size else None
        pool = make_pool(make, random.Random(5), 2, sizes, declare=True)
        run_fast(Load(Plan("127.0.0.1", plain_aiosmtpd.port, count=2), pool).run())
    sizes_seen = [len(one.content) for one in plain_aiosmtpd.envelopes]
    assert sizes_seen[:2] == [100_000, 100_000]
    ids = [message_from_bytes(one.content).get_all("Message-ID") for one in plain_aiosmtpd.envelopes]
    assert [len(found or []) for found in ids] == [1, 1, 1, 1]


@pytest.mark.parametrize("shape", [Constant(150), Ramp(50, 250, 1)], ids=["constant", "ramp"])
def test_the_mean_rate_is_kept(plain_aiosmtpd: SimpleNamespace, shape: Shape) -> None:
    tally = play(Plan("127.0.0.1", plain_aiosmtpd.port, sessions=5, seconds=2, shape=shape))
    assert tally.accepted == shape.mails_by(2)
    assert tally.as_data()["seconds"] >= 1.9


def test_a_count_at_a_rate_takes_its_time(plain_aiosmtpd: SimpleNamespace) -> None:
    tally = play(Plan("127.0.0.1", plain_aiosmtpd.port, sessions=3, count=101, shape=Constant(100)))
    assert tally.as_data()["seconds"] >= 1.0  # the last is due then, and not before
    assert tally.rate() <= 100.001


def test_stop_ends_a_run_and_waits_for_what_is_in_flight(plain_aiosmtpd: SimpleNamespace) -> None:
    class StopAtTen:
        def __init__(self) -> None:
            self.pool = make_pool(PLAIN, random.Random(1), None)

        def take(self, number: int):  # type: ignore[no-untyped-def]
            if number == 10:
                load.stop()
            return self.pool.take(number)

    load = Load(Plan("127.0.0.1", plain_aiosmtpd.port, sessions=4, seconds=60), StopAtTen())
    tally = run_fast(load.run())
    assert load.started == tally.finished == tally.accepted == len(plain_aiosmtpd.envelopes)
    assert 11 <= tally.accepted < 100


def test_nobody_listening_is_told() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(LoadFailed, match="nobody answers"):
            play(Plan("127.0.0.1", held.getsockname()[1], count=1))


def test_a_silent_receiver_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(LoadFailed, match="no reply"):
        play(Plan("127.0.0.1", silent.getsockname()[1], count=1, patience=0.3))


def test_a_run_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="count or a duration"):
        Load(Plan("127.0.0.1", 1), make_pool(PLAIN, random.Random(1), 1))


def test_postfix_smtp_sink_takes_the_traffic(tmp_path: Path) -> None:
    program = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        pytest.skip("postfix's smtp-sink is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    sink = subprocess.Popen([program, "-u", "nobody", f"127.0.0.1:{port}", "64"], cwd=tmp_path)
    try:
        wait_for_listener(port)
        pool = make_pool(lambda rng, size: make_bounce(rng, "postfix/unknown-user"), random.Random(2), 300)
        tally = run_fast(Load(Plan("127.0.0.1", port, sessions=10, count=300, mails_per_session=40), pool).run())
    finally:
        sink.terminate()
        sink.wait()
    assert tally.replies == {250: 300}


def wait_for_listener(port: int) -> None:
    deadline = time.monotonic() + 5
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "smtp-sink did not listen"
            time.sleep(0.01)
