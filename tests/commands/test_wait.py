"""`cmcdesk wait`: exit codes, and what is found as JSON."""

import json
import smtplib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cmcdesk.commands.wait import command
from cmcdesk.testing.plugin import Cmcdesk
from cmcdesk.testing.server import CmcdeskServer


@pytest.fixture
def folder(cmcdesk_server: CmcdeskServer) -> Path:
    return cmcdesk_server.folder


def call(folder: Path, *arguments: str) -> Result:
    environment = {"LC_ALL": "C"}
    return CliRunner(env=environment).invoke(command, [*arguments, "--data-dir", str(folder)])


def test_a_console_that_listens_is_ready(cmcdesk: Cmcdesk, folder: Path) -> None:
    done = call(folder, "ready")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["url"] == cmcdesk.url and set(told["checks"].values()) == {"ok"}
    place = {"name": "pro", "receiving": f"{cmcdesk.host}:{cmcdesk.port}"}
    assert place.items() <= told["compositions"][0].items() and cmcdesk.token not in done.output


def test_nothing_that_runs_is_exit_code_1(tmp_path: Path) -> None:
    done = call(tmp_path, "ready", "--timeout", "0.1")
    assert (done.exit_code, done.stdout) == (1, "") and "not within 0.1 s: no cmcdesk answers" in done.stderr
    assert call(tmp_path, "mail", "--timeout", "0.1").exit_code == 1


def test_mail_webhook_and_bounce_are_printed_as_json(cmcdesk: Cmcdesk, folder: Path) -> None:
    to = {"header": "To", "pattern": "info@"}
    hook = {"name": "form", "endpoint": cmcdesk.sink.url, "format": "json", "condition": [to]}
    cmcdesk.set_settings({"inbound_webhook": [hook]})
    with smtplib.SMTP(cmcdesk.host, cmcdesk.port, timeout=10) as smtp:
        octets = "To: info@mailform.example.com\r\nSubject: wait for me\r\nX-Id: 42\r\n\r\ntext\r\n"
        smtp.sendmail("a@sender.example", ["info@mailform.example.com"], octets)
    found = call(folder, "mail", "--to", "info@mailform.example.com", "--subject", "WAIT", "--header", "x-id: ^42$")
    assert found.exit_code == 0, found.output
    mail = json.loads(found.stdout)
    assert mail["message"]["text"].strip() == "text"
    delivered = call(folder, "webhook", "--filter", "form", "--after", str(cmcdesk.server.marks["webhook"]))
    webhook = json.loads(delivered.stdout)
    assert webhook["mail_id"] == mail["id"] and "wait for me" in webhook["attempt_log"][0]["request"]
    cmcdesk.bounce("gone@example.net")
    bounced = call(folder, "bounce", "--to", "gone@example.net", "--error-status", "2")
    assert json.loads(bounced.stdout)["status"] == "5.1.1"


def test_what_does_not_come_is_exit_code_1_with_what_did(cmcdesk: Cmcdesk, folder: Path) -> None:
    done = call(folder, "mail", "--to", "nobody@example.com", "--new", "--count", "2", "--timeout", "0.2")
    assert (done.exit_code, done.stdout) == (1, "") and "not within 0.2 s: 0 of 2" in done.stderr


@pytest.mark.parametrize("arguments", [("--header", "no colon"), ("--header", "X-Id: ("), ("--count", "0"), ("--nix",)])
def test_a_misuse_is_exit_code_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert call(tmp_path, "mail", *arguments).exit_code == 2
