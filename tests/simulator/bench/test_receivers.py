"""Receivers under test: started, running already, or not there."""

import os
import re
import smtplib
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from cmcdesk.store.maillog.log import MailLog
from simulator.bench.options import Address, Options
from simulator.bench.receivers import (
    RECIPIENT,
    SENDER,
    BenchFailed,
    Kind,
    at_work,
    find_program,
    is_greeting,
    list_kinds,
    open_ours,
    pick_free_port,
    write_settings,
)
from simulator.load.client import RemoteTarget


def kind_of(options: Options) -> Kind:
    return list_kinds(options)[-1]


def state_of(pid: int | None) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_ours_counts_what_it_stored_and_its_worker_rests_between_loads(tmp_path: Path) -> None:
    with open_ours().open(tmp_path) as ours:
        assert ours.count_stored is not None
        assert ours.count_stored() == 0
        with at_work(ours), smtplib.SMTP(ours.host, ours.port) as client:
            client.sendmail(SENDER, [RECIPIENT], "Subject: x\r\n\r\ntext\r\n")
        assert ours.count_stored() == 1
        assert len({*ours.pids, *ours.beside}) == 3
        assert ours.worker in ours.beside
        if sys.platform == "linux":
            assert state_of(ours.worker) == "T"
    assert not is_greeting(ours.host, ours.port)


def test_the_relay_takes_the_same_mails_and_counts_them(tmp_path: Path) -> None:
    kind = kind_of(Options(beside=("cmcdesk-relay",)))
    with kind.open(tmp_path) as relay:
        assert kind.name == relay.name == "cmcdesk-relay"
        with smtplib.SMTP(relay.host, relay.port) as client:
            client.sendmail(SENDER, [RECIPIENT], "Subject: x\r\n\r\ntext\r\n")
        assert relay.count_stored and relay.count_stored() == 1
    with MailLog(tmp_path / "data" / "mail.db") as log:
        assert [row.recipients[0].route for row in log.list_mails()] == ["relay"]


def test_those_asked_for_come_after_ours() -> None:
    options = Options(beside=("aiosmtpd",), commands={"mine": "x {port}"}, peers={"it": Address("127.0.0.1", 1)})
    assert [kind.name for kind in list_kinds(options)] == ["cmcdesk", "aiosmtpd", "mine", "it"]


@pytest.mark.skipif(find_program("smtp-sink") is None, reason="smtp-sink is not installed")
def test_smtp_sink_is_started_where_it_is_installed(tmp_path: Path) -> None:
    with kind_of(Options(beside=("smtp-sink",))).open(tmp_path) as sink:
        assert is_greeting(sink.host, sink.port)
    assert not is_greeting(sink.host, sink.port)


def test_a_command_gets_port_folder_and_python(tmp_path: Path) -> None:
    command = "{python} -m simulator.bench.peers aiosmtpd-commit {port} {folder}"
    with kind_of(Options(beside=(), commands={"mine": command})).open(tmp_path / "new") as mine:
        assert mine.name == "mine"
        assert (tmp_path / "new" / "aiosmtpd-commit.db").exists()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("no-such-program {port}", "mine cannot be started: .*no-such-program"),
        ("{python} -c 'raise SystemExit(3)' {port}", "mine ended with 3 before it listened on port"),
    ],
)
def test_a_command_that_does_not_listen_is_told(command: str, told: str, tmp_path: Path) -> None:
    kind = kind_of(Options(beside=(), commands={"mine": command}))
    with pytest.raises(BenchFailed, match=told), kind.open(tmp_path):
        pass


def test_a_running_server_is_taken_as_it_is(plain_aiosmtpd: SimpleNamespace, tmp_path: Path) -> None:
    kind = kind_of(Options(beside=(), peers={"it": Address("127.0.0.1", plain_aiosmtpd.port)}))
    with kind.open(tmp_path) as peer:
        assert peer.port == plain_aiosmtpd.port
        assert peer.pids == ((os.getpid(),) if sys.platform == "linux" else ())
    assert is_greeting("127.0.0.1", plain_aiosmtpd.port)


def test_a_server_that_does_not_run_is_told(tmp_path: Path) -> None:
    port = pick_free_port()
    kind = kind_of(Options(beside=(), peers={"it": Address("127.0.0.1", port)}))
    with pytest.raises(BenchFailed, match=f"peer it: nobody greets with 220 at 127.0.0.1:{port}"), kind.open(tmp_path):
        pass


def test_a_server_elsewhere_must_be_allowed() -> None:
    peers = {"it": Address("192.0.2.1", 25)}
    with pytest.raises(RemoteTarget, match="--allow-remote"):
        list_kinds(Options(beside=(), peers=peers))
    assert list_kinds(Options(beside=(), peers=peers, allow_remote=True))[-1].name == "it"


@pytest.mark.parametrize(("interval_ms", "written"), [(None, 10), (1000, 1000)])
def test_every_gate_is_in_use(interval_ms: int | None, written: int) -> None:
    (composition,) = tomllib.loads(write_settings(interval_ms))["composition"]
    receiving = composition["receiving"]
    assert (receiving["max_sessions"], receiving["interval_ms"]) == (100, written)
    assert RECIPIENT.partition("@")[2] in receiving["inbound_domains"]
    assert receiving["bounce_domains"]


def test_one_of_ten_conditions_matches() -> None:
    (composition,) = tomllib.loads(write_settings(None))["composition"]
    conditions = [each for webhook in composition["inbound_webhook"] for each in webhook["condition"]]
    mail = {"Subject": "load 1", "To": RECIPIENT}
    assert len(conditions) == 10
    assert [bool(re.search(one["pattern"], mail[one["header"]])) for one in conditions] == [False] * 9 + [True]
