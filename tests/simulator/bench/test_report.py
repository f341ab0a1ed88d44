"""The text of the report."""

from dataclasses import replace

import pytest

from simulator.bench.options import Options
from simulator.bench.report import describe_setting, write_ratio, write_report
from simulator.bench.result import Result
from simulator.bench.running import Spread, Stored

EXPECTED = """\
2026-11-24 12:00:00 +0000  cmcsim bench
A Processor <1>, 2 cores, 24 GB; Linux 6.1 x86_64; load average before: 0.25
CPython 3.11.7 (without PGO, without LTO); SQLite 3.40.1; load: smtp-source of Postfix 3.7.11
3 rounds, receivers in turn, 8 s a run
cmcdesk: cap of 100 sessions, every gate, ten header conditions of which one matches each mail; no webhook called
without strace: fsyncs are not counted

rate: 2 KB, 100 sessions, kept connections (load: smtp-source)
  receiver               mails/s        MB/s CPU us/mail     peak MB   cmcdesk / it: median (min-max)
  cmcdesk                  9,000        18.0          85          66   1.00 (1.00-1.00)
  smtp-sink               16,000        32.0          50          32   0.56 (0.50-0.62)
  elsewhere                2,000         4.0           -           -   4.00 (4.00-9.00)
  beside the mail server, cmcdesk's console and worker used 50 us of CPU a mail
  elsewhere refused 2 mails, which count as none: 451 4.3.0 later

rate: 10 MB, 1 session, a connection a mail (load: cmcsim)
  not run: needs 60 GB

latency: 2 KB, 100 sessions, kept connections, as fast as they are taken (load: cmcsim): last octet to 250
  receiver                          p50 ms                p99 ms   mails/s   its p99 / cmcdesk's
  cmcdesk                    6.0 (5.0-7.0)      11.0 (10.0-12.0)     9,000   1.00 (1.00-1.00)
  aiosmtpd-commit         20.0 (20.0-20.0)      44.0 (40.0-48.0)     1,400   4.00 (4.00-4.00)

spacing: milliseconds between two 250s of a session, as the clients see it (load: cmcsim)
  interval  sessions      gaps      mean       off       min       p99
        10       100      5000     10.50     +5.0%      7.25     15.00
  100 sessions at 10 ms (load: smtp-source): 8,500 mails/s, 85.0% of the ceiling of 10,000

startup: seconds from the start of the program, median (min-max)
  data folder                    first 220            first page
  empty                   1.10 (1.00-1.20)      1.60 (1.50-1.70)
  used before             0.85 (0.80-0.90)      1.20 (1.10-1.30)
  idle process             CPU % of a core           resident MB
  console                             0.50                    85
  mail_server                            -                     -
  worker                              1.00                    70

fsyncs: fsync and fdatasync calls a mail, counted by strace in short, slower runs of their own
  2 KB, 100 sessions, kept connections
    cmcdesk           0.0250
    elsewhere         not counted: its process is not known

behind the 250: what the worker does a second, nothing else coming in (load: cmcsim)
  webhook posts            512/s   1,500 us of the worker's CPU each; 4,000 mails
  bounces read           1,234/s   -; 8,000 mails

growth: milliseconds that a question takes as more mails are stored, p50 (p99)
  mails stored                      10,000         1,000,000
  newest 50                      3.2 (6.0)         3.5 (7.0)
  s until searchable                   2.5             300.0
  MB of its processes                   90                 -

cmcdesk in 2 runs of the program: 150 mails acknowledged, 150 stored"""


def test_all_parts_are_written(result: Result) -> None:
    assert write_report(result) == EXPECTED


def test_faults_stand_at_the_end(result: Result) -> None:
    assert result.rate
    result.rate[0].runs[2].fault = "elsewhere: it fell"
    result.stored += [Stored("spacing", 3, 2), Stored("fsyncs", None, 7)]
    written = write_report(result)
    assert "  elsewhere           elsewhere: it fell\n" in written
    assert written.splitlines()[-4:] == [
        "cmcdesk in 3 runs of the program: 153 mails acknowledged, 152 stored",
        "fsyncs: 7 stored; the load broke off, so nobody knows how many were acknowledged",
        "FAULT rate: 2 KB, 100 sessions, kept connections: elsewhere: it fell",
        "FAULT spacing: 3 mails acknowledged, 2 stored",
    ]


@pytest.mark.parametrize(("told", "said"), [(False, "no webhook called"), (True, "webhooks called")])
def test_whether_webhooks_were_called_is_told(told: bool, said: str) -> None:
    assert said in describe_setting(Options(with_dispatch=told))


def test_that_receivers_are_started_anew_is_told(result: Result) -> None:
    assert "anew" not in write_report(result)
    anew = replace(result, options=replace(result.options, anew=True))
    assert "; for each run of a rate the receiver is started anew\n" in write_report(anew)


def test_a_ratio_has_its_least_and_most() -> None:
    assert write_ratio(Spread(5.234, 4.9, 5.5)) == "5.23 (4.90-5.50)"
    assert write_ratio(None) == "-"
