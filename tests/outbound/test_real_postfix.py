"""A real Postfix as a destination: it takes a mail, the server behind it refuses it, and Postfix' own bounce is read
right."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from cmcdesk.outbound.network import Surroundings
from simulator.bench.postfix import find_postfix_fault, pick_port_of, run_postfix
from simulator.world.file import make_zone
from simulator.world.world import RunningWorld


class Home:
    """Behind Postfix: knows nobody at dest.example, and takes what goes to the envelope sender."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.came = threading.Event()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.endswith("@dest.example"):
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        self.came.set()
        return "250 ok"


@pytest.mark.skipif(find_postfix_fault() is not None, reason=str(find_postfix_fault()))
def test_a_mail_that_it_took_comes_back_as_its_bounce(
    outlet: Any, world: RunningWorld, surroundings: Surroundings, tmp_path: Path
) -> None:
    home = Home()
    controller = Controller(home, hostname="127.0.0.1", port=pick_port_of("127.0.0.1"))
    controller.start()
    try:
        with run_postfix(("127.0.0.1", controller.port)) as postfix:
            world.zones.put(make_zone({"name": "dest.example", "a": ["127.0.0.1"]}, "zone"))
            outlet.surroundings = Surroundings(surroundings.resolver, {"127.0.0.1": postfix.port}, 1.0)
            outlet.apply()
            outlet.store("info@app.example", "someone@dest.example")
            outlet.run(outlet.all_ended)
            row = outlet.rows()[0]
            assert (row.state, row.code, row.enhanced) == ("succeeded", 250, "2.0.0") and "queued as" in row.text
            assert home.came.wait(20)
    finally:
        controller.stop()
    (bounce,) = home.mails
    assert bounce.mail_from in ("", "<>", None) and bounce.rcpt_tos == ["info@return.pro.smtps.jp"]
    path = tmp_path / "bounce.eml"
    path.write_bytes(bounce.content)
    command = [sys.executable, "-m", "cmcdesk", "bounce", "read", "--json", str(path)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert [(one["recipient"], one["cmc_class"], one["status"]) for one in told["failures"]] == [
        ("someone@dest.example", 2, "5.1.1")
    ]
