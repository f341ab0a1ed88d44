"""A real Postfix (Debian's, a private configuration) that the snippet of リレーサーバ設定 points at the relay."""

import os
import re
import shutil
import smtplib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cmcdesk.console.settings.settings_page import write_postfix
from cmcdesk.desk import Desk
from cmcdesk.processes.placing import Placing
from cmcdesk.rules.settings import check_composition
from cmcdesk.starting import DeskOptions
from cmcdesk.store.desk.api_users import create_api_user
from cmcdesk.store.desk.database import open_desk, transaction
from cmcdesk.store.maillog.log import MailLog, MailRow

from .conftest import WaitFor

USER = "app@example.com"
BOTH = {"access": "network_and_auth", "interval_ms": 10}
MAIN = """compatibility_level = 3.6
queue_directory = {0}/spool
data_directory = {0}/lib
myhostname = app.example.com
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
maillog_file = {0}/postfix.log
maillog_file_prefixes = {0}
alias_maps =
alias_database =
"""

pytestmark = pytest.mark.skipif(
    not shutil.which("postfix") or os.geteuid() != 0, reason="no Postfix here, or not root: it cannot be started"
)


class Postfix:
    """One of its own: nothing of the machine's is read but the list of its services."""

    def __init__(self, folder: Path, relay: str, key: str) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for name in ("etc", "spool", "lib"):
            (folder / name).mkdir()
            (folder / name).chmod(0o755)  # whatever the umask: Postfix's own user passes through
        shutil.chown(folder / "lib", "postfix")
        main, self.passwords = re.split(r"\n# \S*sasl_passwd.*\n", write_postfix(relay, USER))
        main = main.replace("/etc/postfix/", f"{folder}/etc/")
        (folder / "etc" / "main.cf").write_text(MAIN.format(folder) + main)
        (folder / "etc" / "master.cf").write_text(self._list_services())
        (folder / "etc" / "sasl_passwd").touch(0o600)
        self.show(key)

    def show(self, key: str) -> None:
        """The key that it is to show the relay."""
        (self.folder / "etc" / "sasl_passwd").write_text(self.passwords.replace("API_KEY", key))

    def run(self, command: str) -> None:
        done = subprocess.run(
            ["postfix", "-c", self.folder / "etc", command], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def send(self, subject: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.port) as client:
            client.sendmail("info@example.com", ["someone@example.net"], f"Subject: {subject}\r\n\r\ntext\r\n")

    def read_log(self) -> str:
        return (self.folder / "postfix.log").read_text()

    def _list_services(self) -> str:
        """Debian's, without its own port and outside of a chroot."""
        lines = [line.split() for line in Path("/etc/postfix/master.cf").read_text().splitlines() if line[:1].isalnum()]
        services = [words for words in lines if words[1] != "inet" and words[7] != "pipe"]
        kept = [" ".join([*words[:4], "n", *words[5:]]) for words in services]
        return "\n".join([*kept, f"127.0.0.1:{self.port} inet n - n - - smtpd", ""])


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that Postfix's own user may pass through."""
    with TemporaryDirectory(prefix="postfix-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, str]]:
    """Demands both network and AUTH; the key of its one user."""
    engine = open_desk(tmp_path)
    with transaction(engine) as session:
        key = create_api_user(session, USER, time.time(), smtp=True).api_key
    engine.dispose()
    settings = (check_composition({"name": "pro", "relay": BOTH}),)
    with Desk(DeskOptions(tmp_path, 0, Placing(receiver_port=0, relay_port=0), settings=settings)) as running:
        running.start()
        yield running, key


@pytest.fixture
def start_postfix(place: Path, desk: tuple[Desk, str]) -> Iterator[Callable[[str], Postfix]]:
    """By the key that it shows."""
    started: list[Postfix] = []

    def start(key: str) -> Postfix:
        started.append(Postfix(place, desk[0].read_note()["compositions"][0]["relay"], key))
        started[-1].run("start")
        return started[-1]

    yield start
    for one in started:
        one.run("stop")


def list_mails(folder: Path) -> list[MailRow]:
    with MailLog(folder / "mail.db") as log:
        return log.list_mails(limit=10)


def test_with_another_key_its_mails_stay_in_its_queue_and_with_the_right_one_they_come(
    desk: tuple[Desk, str], start_postfix: Callable[[str], Postfix], tmp_path: Path, wait_for: WaitFor
) -> None:
    postfix = start_postfix("not-the-key")
    postfix.send("through Postfix")
    wait_for(lambda: "status=" in postfix.read_log(), 30)
    assert "status=deferred (SASL authentication failed" in postfix.read_log(), postfix.read_log()
    assert list_mails(tmp_path) == []
    postfix.show(desk[1])
    postfix.run("reload")
    postfix.run("flush")
    wait_for(lambda: "status=sent (250 2.0.0" in postfix.read_log(), 30)
    (mail,) = list_mails(tmp_path)
    assert (mail.sender, mail.subject) == ("info@example.com", "through Postfix")
    assert [(one.address, one.route) for one in mail.recipients] == [("someone@example.net", "relay")]
