"""cmcsim as a program: exit codes, JSON, misuse."""

import json
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import requests

import cmcdesk
from simulator.acceptance.scenario import list_scenarios

START = "from simulator.cli import main; main()"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", START, *words], capture_output=True, text=True, timeout=60)


def test_form_and_bounce_reach_the_receiver(plain_aiosmtpd: SimpleNamespace) -> None:
    target = f"127.0.0.1:{plain_aiosmtpd.port}"
    done = run("form", "--target", target, "--charset", "iso-2022-jp", "--attachments", "pdf", "--count", "3", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["replies"] == {"250": 3}
    assert run("bounce", "--target", target, "--kind", "postfix/unknown-user").returncode == 0
    assert [one.mail_from for one in plain_aiosmtpd.envelopes][3:] == ["<>"]


def test_a_refused_mail_is_exit_1_and_a_missing_receiver_too(plain_aiosmtpd: SimpleNamespace) -> None:
    big = run("load", "--target", f"127.0.0.1:{plain_aiosmtpd.port}", "--size", "40M", "--declare-size")
    assert big.returncode == 1
    assert "552" in big.stdout
    assert run("load", "--target", "127.0.0.1:1", "--count", "1").returncode == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["load", "--target", "nowhere"], "HOST:PORT"),
        (["load", "--target", "192.0.2.1:25"], "--allow-remote"),
        (["load", "--size", "huge"], "huge"),
        (["bounce", "--kind", "no/such"], "no/such"),
        (["accept", "no-such"], "no-such"),
        (["sink", "--behave", "/a=fly"], "fly"),
        (["load", "--colour"], "colour"),
        (["load", "--run", "x"], "hexadecimal"),
    ],
)
def test_misuse_is_exit_2_with_a_reason(words: list[str], told: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_run_may_be_named(plain_aiosmtpd: SimpleNamespace) -> None:
    told = run("load", "--target", f"127.0.0.1:{plain_aiosmtpd.port}", "--run", "00c0ffee00", "--json").stdout
    assert json.loads(told)["run"] == "00c0ffee00"
    assert b"Message-ID: <00c0ffee00.0000000000@load.example>" in plain_aiosmtpd.envelopes[0].content


def test_the_catalogue_is_told_with_sender_and_cause() -> None:
    told = {kind["name"]: kind for kind in json.loads(run("bounce", "--list", "--details").stdout)}
    assert list(told) == run("bounce", "--list").stdout.splitlines()
    assert told["postfix/unknown-user"] == {
        "name": "postfix/unknown-user", "sender": "postfix", "error_status": 2, "language": "en", "final": True,
        "recipients": 1,
    }  # fmt: skip
    assert told["replies/auto-reply"]["error_status"] is None and not told["postfix/delayed"]["final"]


def test_the_lists() -> None:
    assert "postfix/unknown-user" in run("bounce", "--list").stdout.splitlines()
    listed = run("accept", "--list", "--language", "ja").stdout
    assert [line.split()[0] for line in listed.splitlines()] == [one.name for one in list_scenarios()]


def test_the_sink_serves_until_it_is_ended() -> None:
    command = [sys.executable, "-u", "-c", START, "sink", "--port", "0", "--behave", "/down=503"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().split()[0]
        with requests.Session() as session:
            session.trust_env = False
            assert session.post(f"{url}down").status_code == 503
        running.terminate()


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; from simulator.cli import main\ntry: main(['load', '--help'])\nexcept SystemExit: pass\n"
    script += "heavy = {'rich', 'requests', 'uvloop', 'asyncio', 'werkzeug', 'jinja2'} & set(sys.modules)\n"
    script += "print(sorted(heavy), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("module", ["simulator", "simulator.cli"])
def test_it_runs_as_a_module(module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "accept", "--list"], capture_output=True, text=True)
    assert len(done.stdout.splitlines()) == len(list_scenarios())


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process there")
def test_ctrl_c_ends_a_load_early_and_keeps_the_figures(plain_aiosmtpd: SimpleNamespace) -> None:
    target = f"127.0.0.1:{plain_aiosmtpd.port}"
    command = [sys.executable, "-c", START, "load", "--target", target, "--seconds", "60", "--rate", "50", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 10
        while len(plain_aiosmtpd.envelopes) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        assert running.stdout is not None
        data = json.loads(running.stdout.read())
    assert data["accepted"] >= 5
    assert running.returncode == 0


def test_it_tells_its_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"cmcsim, version {cmcdesk.__version__}\n")


def test_a_load_goes_by_itself_to_what_a_fresh_installation_takes() -> None:
    assert "bounce@return.pro.smtps.jp" in run("load", "--help").stdout
