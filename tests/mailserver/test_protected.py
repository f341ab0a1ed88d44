"""TLS and AUTH in real sessions: clients of several makes, each switch, and what must never work."""

import base64
import os
import shutil
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cmcdesk.mailserver.protected import _pass_on_early
from cmcdesk.processes.certificates import CA_FILE, read_ca_certificate
from cmcdesk.store.maillog.log import MailLog, RefusalRow
from tests.mailserver.conftest import MailServerProcess, StartMailServer, pro_settings
from tests.mailserver.test_session import Client

MAIL = "From: a@example.com\r\nTo: b@mailform.example.com\r\nSubject: x\r\n\r\nx\r\n"
TO = "b@mailform.example.com"
USER, PASSWORD = "app", "secret"


@dataclass
class Secured:
    """A mail server with these security settings. place, tls_place: host and port, plain and implicit TLS."""

    server: MailServerProcess
    place: tuple[str, int]
    tls_place: tuple[str, int] | None

    @property
    def trust(self) -> ssl.SSLContext:
        """A client's context that knows our CA and no other."""
        return ssl.create_default_context(cadata=read_ca_certificate(self.server.folder).decode("ascii"))

    def end(self) -> tuple[int, list[RefusalRow]]:
        """Mails stored and refusals, oldest first, after the end of the server."""
        assert self.server.stop() == 0
        with MailLog(self.server.mail_db) as log:
            return log.count_mails(), log.list_refusals()[::-1]


def start(start_mail_server: StartMailServer, **security: Any) -> Secured:
    server = start_mail_server("--tls-port", "0")
    settings = pro_settings() | {"security": security}
    answer = server.ask(
        "apply",
        compositions=[
            {"revision": 1, "host": "127.0.0.1", "port": 0, "relay_port": 0, "smtp_users": {}, "settings": settings}
        ],
    )
    assert answer["ok"], answer
    [told] = answer["compositions"]
    assert told["tls_missing"] is None
    return Secured(server, split(told["receiving"]), split(told["receiving_tls"]) if told["receiving_tls"] else None)


def split(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    return host, int(port)


ALL_ON = {"starttls": "required", "implicit_tls": True, "auth": "required", "auth_users": [f"{USER}:{PASSWORD}"]}


@contextmanager
def connect(secured: Secured, is_implicit: bool) -> Iterator[smtplib.SMTP]:
    if is_implicit:
        assert secured.tls_place
        with smtplib.SMTP_SSL(*secured.tls_place, context=secured.trust, timeout=10) as client:
            yield client
        return
    with smtplib.SMTP(*secured.place, timeout=10) as client:
        client.starttls(context=secured.trust)
        yield client


@pytest.mark.parametrize("is_implicit", [False, True], ids=["starttls", "implicit"])
@pytest.mark.parametrize("mechanism", ["auth_plain", "auth_login"])
def test_smtplib_delivers_with_tls_and_auth(
    start_mail_server: StartMailServer, is_implicit: bool, mechanism: str
) -> None:
    secured = start(start_mail_server, **ALL_ON)
    with connect(secured, is_implicit) as client:
        client.ehlo()
        client.user, client.password = USER, PASSWORD
        client.auth(mechanism.removeprefix("auth_").upper(), getattr(client, mechanism))
        for _ in range(3):
            assert client.sendmail("a@example.com", [TO], MAIL) == {}
        client.sendmail("a@example.com", [TO], MAIL + "l\r\n" * 15_000)
    assert secured.end() == (4, [])


def curl(secured: Secured, is_implicit: bool, folder: Path) -> list[str]:
    host, port = secured.tls_place if is_implicit and secured.tls_place else secured.place
    (folder / "mail.txt").write_text(MAIL)
    (folder / "ca.pem").write_bytes(read_ca_certificate(secured.server.folder))
    scheme = "smtps" if is_implicit else "smtp"
    return [
        "curl", "-sS", "--ssl-reqd", "--cacert", str(folder / "ca.pem"), f"{scheme}://{host}:{port}/me.example.com",
        "--mail-from", "a@example.com", "--mail-rcpt", TO, "-u", f"{USER}:{PASSWORD}", "-T", str(folder / "mail.txt"),
    ]  # fmt: skip


def swaks(secured: Secured, is_implicit: bool, folder: Path) -> list[str]:
    host, port = secured.tls_place if is_implicit and secured.tls_place else secured.place
    (folder / "ca.pem").write_bytes(read_ca_certificate(secured.server.folder))
    return [
        "swaks", "--server", host, "--port", str(port), "--tls-on-connect" if is_implicit else "--tls", "--tls-verify",
        "--tls-ca-path", str(folder / "ca.pem"), "--auth", "LOGIN", "--auth-user", USER, "--auth-password", PASSWORD,
        "--from", "a@example.com", "--to", TO, "--h-From", "a@example.com", "--h-To", TO,
    ]  # fmt: skip


@pytest.mark.parametrize("is_implicit", [False, True], ids=["starttls", "implicit"])
@pytest.mark.parametrize("write_command", [curl, swaks])
def test_foreign_clients_deliver_with_tls_and_auth(
    start_mail_server: StartMailServer, write_command: Any, is_implicit: bool, tmp_path: Path
) -> None:
    if not shutil.which(write_command.__name__):
        pytest.fail(f"{write_command.__name__} is not installed: packaging/dev.py test installs it")
    secured = start(start_mail_server, **ALL_ON)
    done = subprocess.run(write_command(secured, is_implicit, tmp_path), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    assert secured.end() == (1, [])


def test_without_the_switches_nothing_is_offered_taken_or_made(start_mail_server: StartMailServer) -> None:
    secured = start(start_mail_server)
    assert secured.tls_place is None
    with smtplib.SMTP(*secured.place, timeout=10) as client:
        client.ehlo()
        assert not client.has_extn("starttls") and not client.has_extn("auth")
        assert client.docmd("STARTTLS")[0] == 500
        assert client.docmd("AUTH PLAIN AGFwcABzZWNyZXQ=")[0] == 500
        client.sendmail("a@example.com", [TO], MAIL)
    mails, refusals = secured.end()
    assert mails == 1
    assert [(row.gate, row.code) for row in refusals] == [("tls", 500), ("auth", 500)]
    assert not (secured.server.folder / CA_FILE).exists()


def test_a_client_that_finds_no_starttls_and_leaves_is_a_row(start_mail_server: StartMailServer) -> None:
    secured = start(start_mail_server)
    with pytest.raises(smtplib.SMTPNotSupportedError), smtplib.SMTP(*secured.place, timeout=10) as client:
        client.starttls()
    [row] = secured.end()[1]
    assert (row.gate, row.code, row.peer) == ("tls", 0, "127.0.0.1")
    assert "STARTTLS or AUTH" in row.text


def test_a_client_that_does_not_trust_the_ca_is_a_row_that_says_so(start_mail_server: StartMailServer) -> None:
    secured = start(start_mail_server, starttls="offered", implicit_tls=True)
    with pytest.raises(ssl.SSLCertVerificationError), smtplib.SMTP(*secured.place, timeout=10) as client:
        client.starttls(context=ssl.create_default_context())
    assert secured.tls_place
    with pytest.raises(ssl.SSLCertVerificationError):
        smtplib.SMTP_SSL(*secured.tls_place, timeout=10, context=ssl.create_default_context())
    rows = secured.end()[1]
    assert [(row.gate, row.code) for row in rows] == [("tls", 0)] * 2
    assert all("UNKNOWN_CA" in row.text for row in rows)


def test_tls_at_a_plain_port_is_refused_at_once_and_is_a_row(start_mail_server: StartMailServer) -> None:
    secured = start(start_mail_server, starttls="offered")
    with pytest.raises(ssl.SSLError, match="WRONG_VERSION_NUMBER"):
        smtplib.SMTP_SSL(*secured.place, timeout=10)
    [row] = secured.end()[1]
    assert (row.gate, row.code) == ("tls", 554)


def test_wrong_credentials_are_refused_and_a_row_without_them(start_mail_server: StartMailServer) -> None:
    secured = start(start_mail_server, **ALL_ON)
    with connect(secured, False) as client:
        client.ehlo()
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            client.login(USER, "wrong")
        assert refused.value.smtp_code == 535
        assert client.docmd("MAIL FROM:<a@example.com>")[0] == 530
        client.login(USER, PASSWORD)
        assert client.docmd("AUTH PLAIN")[0] == 503
        assert client.docmd("MAIL FROM:<a@example.com>")[0] == 250
    rows = secured.end()[1]
    logins = [(each["account"], each["result"], each["code"]) for each in secured.server.logins]
    assert logins == [(USER, "failure", 535), (USER, "failure", 535), (USER, "success", 235)]  # PLAIN, LOGIN, PLAIN
    assert {(row.gate, row.code) for row in rows} == {("auth", 535), ("auth", 530)}
    told = str([secured_dialogue(secured, row) for row in rows])
    wrong = [base64.b64encode(text.encode()).decode() for text in ("wrong", f"\0{USER}\0wrong", PASSWORD)]
    assert "***" in told and not any(text in told for text in ("wrong", *wrong))


def secured_dialogue(secured: Secured, row: RefusalRow) -> Any:
    from cmcdesk.store.maillog.dialogues import read_dialogue

    with MailLog(secured.server.mail_db) as log:
        return read_dialogue(log, row)


def test_any_user_is_let_in_where_none_is_given_also_without_tls(start_mail_server: StartMailServer) -> None:
    secured = start(start_mail_server, auth="required")
    with smtplib.SMTP(*secured.place, timeout=10) as client:
        client.ehlo()
        assert client.docmd("MAIL FROM:<a@example.com>")[0] == 530
        client.login("who", "ever")
        client.sendmail("a@example.com", [TO], MAIL)
    assert secured.end()[0] == 1


def test_no_password_is_taken_in_the_clear_where_there_is_starttls(start_mail_server: StartMailServer) -> None:
    secured = start(start_mail_server, starttls="offered", auth="offered")
    with smtplib.SMTP(*secured.place, timeout=10) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        assert client.docmd("AUTH PLAIN AGFwcABzZWNyZXQ=")[0] == 538
        client.sendmail("a@example.com", [TO], MAIL)  # offered only: a mail needs neither


def test_a_password_that_looks_like_a_command_is_none(start_mail_server: StartMailServer) -> None:
    """The base64 of three octets may read QUIT, DATA or NOOP."""
    secured = start(start_mail_server, auth="required")
    client = Client(secured.place)
    client.hear()
    assert client.ask(b"HELO me", b"AUTH LOGIN", b"NOOP") == [b"250", b"334", b"501"]
    assert client.ask(b"AUTH LOGIN", b"YXBw", b"QUIT", b"MAIL FROM:<a@b.c>", b"QUIT") == [
        b"334", b"334", b"235", b"250", b"221",
    ]  # fmt: skip
    client.close()


@pytest.mark.parametrize("length", [13_000, 100_000])
def test_an_answer_that_is_too_long_is_told_so_and_kept_nowhere(
    length: int, start_mail_server: StartMailServer
) -> None:
    secured = start(start_mail_server, auth="required")
    client = Client(secured.place)
    client.hear()
    assert client.ask(b"HELO me", b"AUTH PLAIN") == [b"250", b"334"]
    client.say(b"A" * length + b"\r\n")
    assert client.hear().startswith(b"500 5.5.6")  # RFC 4954 §6
    assert client.ask(b"AUTH PLAIN AGFwcABzZWNyZXQ=", b"QUIT") == [b"235", b"221"]
    client.close()
    [row] = secured.end()[1]
    assert (row.gate, row.code) == ("auth", 500) and "AAAA" not in str(secured_dialogue(secured, row))


def test_plain_commands_pipelined_behind_starttls_are_never_run(start_mail_server: StartMailServer) -> None:
    """CVE-2011-0411: what came in the clear must not be taken for a part of the secured session."""
    secured = start(start_mail_server, starttls="offered")
    plain = socket.create_connection(secured.place, timeout=10)
    hello = plain.makefile("rb")
    assert hello.readline().startswith(b"220")
    plain.sendall(b"EHLO evil\r\nMAIL FROM:<evil@example.com>\r\n")
    while not hello.readline().startswith(b"250 2.1.0"):
        pass
    plain.sendall(b"STARTTLS\r\nRSET\r\nEHLO injected\r\nMAIL FROM:<injected@example.com>\r\n")
    assert hello.readline().startswith(b"220")
    with secured.trust.wrap_socket(plain, server_hostname="localhost") as tls, tls.makefile("rb") as answers:
        # Nothing of the plain session counts either: neither its EHLO nor its MAIL.
        tls.sendall(b"NOOP\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<b@mailform.example.com>\r\n")
        assert [answers.readline()[:3] for _ in range(3)] == [b"250", b"503", b"503"]
        tls.sendall(b"EHLO me\r\n")
        told = [answers.readline()]
        while told[-1][3:4] == b"-":
            told.append(answers.readline())
        assert not any(b"STARTTLS" in line for line in told)
        tls.sendall(b"STARTTLS\r\nQUIT\r\n")
        assert [answers.readline()[:3] for _ in range(2)] == [b"503", b"221"]


def test_a_handshake_that_never_comes_holds_up_nobody_and_ends(start_mail_server: StartMailServer) -> None:
    secured = start(start_mail_server, starttls="offered", implicit_tls=True)
    assert secured.tls_place
    silent = [socket.create_connection(secured.tls_place, timeout=10) for _ in range(3)]
    half = Client(secured.place)
    half.hear()
    half.ask(b"HELO me", b"STARTTLS")
    with connect(secured, True) as client:
        client.sendmail("a@example.com", [TO], MAIL)
    secured.server.wait_for_telemetry(lambda told: told["compositions"].get("pro", {}).get("sessions") == 4)
    for one in silent:
        one.close()
    half.close()
    secured.server.wait_for_telemetry(lambda told: told["compositions"].get("pro", {}).get("sessions") == 0)
    mails, refusals = secured.end()
    assert mails == 1 and [row.gate for row in refusals] == ["tls"] * 4
    assert all("handshake: " in row.text and row.text[-1] != " " for row in refusals)


def test_the_beginning_of_a_handshake_whose_client_has_gone_is_dropped() -> None:
    session: Any = SimpleNamespace(held=b"\x16\x03\x01")
    _pass_on_early(session, SimpleNamespace(get_protocol=lambda: None))  # uvloop has none for a closed connection
    assert session.held == b""


def test_sessions_over_the_limit_are_turned_away_at_the_tls_port_too(start_mail_server: StartMailServer) -> None:
    server = start_mail_server("--tls-port", "0")
    settings = pro_settings(max_sessions=1) | {"security": {"implicit_tls": True}}
    answer = server.ask(
        "apply",
        compositions=[
            {"revision": 1, "host": "127.0.0.1", "port": 0, "relay_port": 0, "smtp_users": {}, "settings": settings}
        ],
    )
    secured = Secured(server, ("", 0), split(answer["compositions"][0]["receiving_tls"]))
    with connect(secured, True):
        assert secured.tls_place
        with socket.create_connection(secured.tls_place, timeout=10) as second:
            assert second.recv(100) == b""
    assert [row.gate for row in secured.end()[1]] == ["sessions"]


def test_the_second_port_opens_and_closes_with_its_switch(start_mail_server: StartMailServer) -> None:
    secured = start(start_mail_server, implicit_tls=True)
    assert secured.tls_place
    entry = {
        "revision": 2,
        "host": "127.0.0.1",
        "port": 0,
        "relay_port": 0,
        "smtp_users": {},
        "settings": pro_settings(),
    }
    answer = secured.server.ask("apply", compositions=[entry])
    assert answer["compositions"][0]["receiving_tls"] is None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(secured.tls_place)


def test_a_tls_port_that_is_taken_is_told_and_mail_is_received_all_the_same(start_mail_server: StartMailServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = start_mail_server("--tls-port", str(taken.getsockname()[1]))
        settings = pro_settings() | {"security": {"implicit_tls": True}}
        entry = {"revision": 1, "host": "127.0.0.1", "port": 0, "relay_port": 0, "smtp_users": {}, "settings": settings}
        [told] = server.ask("apply", compositions=[entry])["compositions"]
    assert told["receiving"] and told["receiving_tls"] is None
    assert (told["tls_missing"]["fault"], f"pid {os.getpid()}" in told["tls_missing"]["holder"]) == ("in_use", True)
