"""/healthz and /metrics: who may ask, what is told, and that the text is what Prometheus reads."""

import os
import re
import time
from pathlib import Path

import pytest

from cmcdesk.console.frame.guard import is_of_this_machine
from cmcdesk.console.monitor.probes import Family, check_health, check_writable, write_families

from ...conftest import WaitFor
from ..conftest import AddMail, Console

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[0-9.e+]+)')


def read_metrics(text: str) -> dict[str, dict[str, float]]:
    """Name → labels as written → value; fails for what the format does not allow."""
    found: dict[str, dict[str, float]] = {}
    kinds: dict[str, str] = {}
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# "):
            word, name, rest = line[2:].split(" ", 2)
            assert word in ("HELP", "TYPE") and rest
            if word == "TYPE":
                assert name not in kinds and (rest == "counter") == name.endswith("_total")
                kinds[name] = rest
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        assert match[1] in kinds and (match[2] or "") not in found.get(match[1], {})
        found.setdefault(match[1], {})[match[2] or ""] = float(match[3])
    return found


def test_what_is_counted_is_told_without_a_session(console: Console, add_mail: AddMail, wait_for: WaitFor) -> None:
    add_mail(b"Subject: most secret\r\n\r\ntext\r\n")
    stranger = console.desk.app.test_client()

    def get() -> dict[str, dict[str, float]]:
        answer = stranger.get("/metrics", base_url=console.base, environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
        assert answer.status_code == 200 and answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
        assert "secret" not in answer.text and "@" not in answer.text
        return read_metrics(answer.text)

    up = {'process="mail_server"': 1, 'process="worker"': 1}
    told = wait_for(lambda: (found := get()) and found["cmcdesk_process_up"] == up and found)
    assert wait_for(lambda: sum(get()["cmcdesk_mails_total"].values()) >= 1)
    assert told["cmcdesk_smtp_sessions_limit"]['composition="pro",server="relay"'] > 0
    assert "cmcdesk_webhook_deliveries_waiting" in told and "cmcdesk_bounces_total" in told


def test_metrics_are_for_this_machine_or_the_token(console: Console) -> None:
    stranger = console.desk.app.test_client()
    far = {"base_url": console.base, "environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    bearer = {"Authorization": f"Bearer {console.token}"}
    assert stranger.get("/metrics", **far).status_code == 401
    assert stranger.get("/metrics", headers=bearer, **far).status_code == 200
    assert stranger.get("/healthz", **far).status_code == 200
    assert stranger.get("/healthz", base_url=console.base, headers={"Host": "evil.example"}).status_code == 421
    assert stranger.post("/metrics", base_url=console.base).status_code in (401, 405)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_loopback_is_this_machine(peer: str) -> None:
    assert is_of_this_machine(peer)


@pytest.mark.parametrize("peer", ["", "192.0.2.7", "::ffff:192.0.2.7", "localhost", "0.0.0.0"])
def test_nothing_else_is_this_machine(peer: str) -> None:
    assert not is_of_this_machine(peer)


def test_health_names_the_part_that_fails(console: Console, tmp_path: Path, wait_for: WaitFor) -> None:
    client, parts = console.desk.app.test_client(), ("console", "mail_server", "worker", "disk")
    well = {"status": "ok", "checks": dict.fromkeys(parts, "ok")}
    wait_for(lambda: client.get("/healthz", base_url=console.base).json == well)
    services = console.desk.app.extensions["services"]
    late = check_health(services, time.time() + 60)
    assert late["worker"].startswith("silent for") and late["mail_server"].startswith("silent for")
    gone = check_writable(tmp_path / "gone")
    assert gone == f"not writable: {os.strerror(2)}"


def test_a_killed_worker_is_told_with_503(console: Console, wait_for: WaitFor) -> None:
    client = console.desk.app.test_client()
    os.kill(console.api("status").json["worker"]["pid"], 9)

    def is_told(status: int) -> bool:
        answer = client.get("/healthz", base_url=console.base)
        return answer.status_code == status and (answer.json["checks"]["worker"] == "ok") == (status == 200)

    wait_for(lambda: is_told(503))
    wait_for(lambda: is_told(200), 30)


def test_labels_and_help_are_escaped() -> None:
    family = Family("a_total", "counter", "a \\ and\nb", [({"name": 'x"\\\n'}, 12345678901.0), ({}, 0.5)])
    text = write_families([family, Family("empty", "gauge", "none")])
    assert text == (
        '# HELP a_total a \\\\ and\\nb\n# TYPE a_total counter\na_total{name="x\\"\\\\\\n"} 12345678901\na_total 0.5\n'
    )
    assert list(read_metrics(text)) == ["a_total"]
