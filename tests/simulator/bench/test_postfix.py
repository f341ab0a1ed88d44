import smtplib
import threading
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from simulator.bench.postfix import find_postfix_fault, pick_port_of, run_postfix, wait_for_address
from simulator.bench.receivers import BenchFailed

needs_postfix = pytest.mark.skipif(find_postfix_fault() is not None, reason=str(find_postfix_fault()))


class Home:
    """Takes what Postfix sends on."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.came = threading.Event()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        self.came.set()
        return "250 ok"


@needs_postfix
def test_what_it_takes_goes_on_and_a_bad_configuration_is_told() -> None:
    home = Home()
    controller = Controller(home, hostname="127.0.0.1", port=pick_port_of("127.0.0.1"))
    controller.start()
    try:
        with run_postfix(("127.0.0.1", controller.port)) as postfix:
            with smtplib.SMTP("127.0.0.1", postfix.port) as session:
                session.sendmail("a@x.example", ["b@dest.example"], b"Subject: x\r\n\r\nbody\r\n")
            assert home.came.wait(20) and home.mails[0].rcpt_tos == ["b@dest.example"]
            while postfix.count_queued():
                pass  # its own disk is told after the 250
    finally:
        controller.stop()
    with pytest.raises(BenchFailed, match="refuses"), run_postfix(("127.0.0.1", 1), "mail_owner = x"):
        pass


def test_without_postfix_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("simulator.bench.postfix.DAEMONS", tmp_path)
    assert "not installed" in (find_postfix_fault() or "")


def test_nobody_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.bench.postfix.START_WITHIN", 0.05)
    with pytest.raises(BenchFailed, match="nobody greets"):
        wait_for_address("127.0.0.1", pick_port_of("127.0.0.1"))
