"""Counting calls with strace."""

from pathlib import Path

import pytest

from simulator.bench.fsyncs import measure_fsyncs, read_calls
from simulator.bench.options import Address, Options
from simulator.bench.receivers import find_program, list_kinds
from simulator.bench.running import Bench

TABLE = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 98.00    0.100000         100      1000         2 fdatasync
  2.00    0.002000          50        17           fsync
------ ----------- ----------- --------- --------- ----------------
100.00    0.102000         100      1017         2 total
"""


def test_the_table_is_read() -> None:
    assert read_calls(TABLE) == 1017
    assert read_calls("") == 0


def test_a_commit_a_mail_is_seen_or_it_is_said_why_not(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.bench.fsyncs.MAILS", 40)
    options = Options(sessions=(2,), beside=("aiosmtpd", "aiosmtpd-commit"))
    found = {one.name: one for one in measure_fsyncs(list_kinds(options), options, bench)}
    assert set(found) == {"cmcdesk", "aiosmtpd", "aiosmtpd-commit"}
    if found["aiosmtpd-commit"].fault:
        assert all(one.a_mail is None for one in found.values())
        assert find_program("strace") is None or "ermitted" in found["aiosmtpd-commit"].fault
    else:
        assert found["aiosmtpd"].a_mail == 0
        assert (found["aiosmtpd-commit"].a_mail or 0) >= 1
        assert (found["cmcdesk"].a_mail or 0) > 0
    assert all(one.is_good for one in bench.stored)


def test_what_is_not_there_is_said(bench: Bench, plain_aiosmtpd: object, monkeypatch: pytest.MonkeyPatch) -> None:
    port = plain_aiosmtpd.port  # type: ignore[attr-defined]
    options = Options(sessions=(1,), beside=(), peers={"it": Address("127.0.0.1", port)})
    monkeypatch.setenv("PATH", str(Path(__file__).parent))
    monkeypatch.setattr("simulator.bench.receivers.find_listener", lambda port: ())
    (found,) = measure_fsyncs(list_kinds(options)[1:], options, bench)
    assert (found.a_mail, found.fault) == (None, "strace is not installed")
    monkeypatch.setattr("simulator.bench.fsyncs.find_program", lambda name: name)
    (found,) = measure_fsyncs(list_kinds(options)[1:], options, bench)
    assert (found.a_mail, found.fault) == (None, "its process is not known")
