"""Sending the mails of one run, and what is noted of it."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from simulator.bench.load import MOST_IN_FLIGHT, SendingFailed, choose_program, run_own_client, send, send_all
from simulator.bench.options import Cell
from simulator.bench.receivers import BenchFailed, Receiver, find_program, pick_free_port

BIG = Cell(MOST_IN_FLIGHT // 100 + 1, 100)
Talk = Callable[[dict[str, str]], tuple[int, list[str]]]


def test_the_program_is_postfixs_where_it_is_installed_and_fits() -> None:
    assert choose_program(Cell(2_000, 100)) == ("smtp-source" if find_program("smtp-source") else "cmcsim")
    assert choose_program(BIG) == "cmcsim"


@pytest.mark.parametrize("is_kept", [True, False])
def test_all_mails_of_a_run_arrive_and_are_noted(plain_aiosmtpd: SimpleNamespace, is_kept: bool) -> None:
    receiver = Receiver("it", "127.0.0.1", plain_aiosmtpd.port)
    sent = send(receiver, Cell(2_000, 3, is_kept), 10)
    assert (sent.accepted, sent.refused, receiver.acknowledged) == (10, 0, 10)
    assert sent.seconds > 0
    assert len(plain_aiosmtpd.envelopes) == 10
    assert all(2_000 <= len(one.content) < 3_000 for one in plain_aiosmtpd.envelopes)


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_own_client_sends_as_many_over_as_many_connections(plain_aiosmtpd: SimpleNamespace, is_kept: bool) -> None:
    receiver = Receiver("it", "127.0.0.1", plain_aiosmtpd.port)
    tally = run_own_client(receiver, Cell(2_000, 1, is_kept), count=4)
    assert tally.accepted == 4
    assert tally.greetings[220] == (1 if is_kept else 4)


def test_a_server_that_takes_nothing_broke_the_load_off(talk: Talk) -> None:
    port, _ = talk({"DATA": "451 4.3.0 not now"})
    receiver = Receiver("it", "127.0.0.1", port)
    with pytest.raises(SendingFailed, match=r"(?s)it.*451"):
        send(receiver, Cell(2_000, 1), 3)
    assert receiver.acknowledged == 0


def test_refused_mails_are_counted_apart(talk: Talk) -> None:
    port, _ = talk({"DATA": "451 4.3.0 not now"})
    with pytest.raises(SendingFailed, match=r"it took none of 2 mails: 451 4\.3\.0 not now"):
        send(Receiver("it", "127.0.0.1", port), Cell(BIG.size, 100), 2)


def test_nobody_there_is_told_and_remembered() -> None:
    receiver = Receiver("it", "127.0.0.1", pick_free_port())
    with pytest.raises(SendingFailed, match="it"):
        send(receiver, Cell(2_000, 1), 1)
    assert receiver.broke_off


def test_all_mails_of_a_traffic_must_be_taken(plain_aiosmtpd: SimpleNamespace, talk: Talk) -> None:
    taking = Receiver("it", "127.0.0.1", plain_aiosmtpd.port)
    send_all(taking, Cell(2_000, 2), 3, mail="form")
    assert taking.acknowledged == 3
    refusing = Receiver("it", "127.0.0.1", talk({"DATA": "451 4.3.0 not now"})[0])
    with pytest.raises(BenchFailed, match="it refused 3 of 3 mails"):
        send_all(refusing, Cell(2_000, 2), 3)
    absent = Receiver("it", "127.0.0.1", pick_free_port())
    with pytest.raises(BenchFailed):
        send_all(absent, Cell(2_000, 2), 3)
    assert absent.broke_off
