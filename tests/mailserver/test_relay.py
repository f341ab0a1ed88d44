"""The relay of a composition: who may relay, what is kept, real clients."""

import base64
import shutil
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cmcdesk.processes.certificates import CA_FILE, read_ca_certificate
from cmcdesk.rules.passwords import digest_key
from cmcdesk.store.maillog.counts import Received, count_received, count_relayed
from cmcdesk.store.maillog.log import MailLog, MailRow, RefusalRow
from tests.mailserver.conftest import MailServerProcess, StartMailServer, pro_settings

USER, KEY = "app", "a key of the API user"
NEAR, FAR = "127.0.0.1", "127.0.0.9"
MAIL = "From: a@shop.example\r\nTo: b@dest.example\r\nSubject: x\r\n\r\n.x\r\n"
FROM, TO = "a@shop.example", "b@dest.example"


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class RelayServer:
    """A mail server whose composition "pro" relays, with the API user USER."""

    def __init__(self, server: MailServerProcess, **relay: Any) -> None:
        self.server = server
        self.entry = {
            "revision": 1,
            "host": "127.0.0.1",
            "port": 0,
            "relay_port": 0,
            "smtp_users": {USER: digest_key(KEY)},
            "settings": pro_settings() | {"relay": {"interval_ms": 10, **relay}},
        }
        self.told = self.apply()
        host, _, port = self.told["relay"].rpartition(":")
        self.place = (host, int(port))

    def apply(self, **changes: Any) -> dict[str, Any]:
        answer = self.server.ask("apply", compositions=[self.entry | changes])
        assert answer["ok"], answer
        return dict(answer["compositions"][0])

    @contextmanager
    def connect(self, key: str = "", source: str = NEAR) -> Iterator[smtplib.SMTP]:
        """A client at that address that has authenticated, where there is a key."""
        with smtplib.SMTP(*self.place, timeout=10, source_address=(source, 0)) as client:
            client.ehlo("me.example")
            if key:
                client.login(USER, key)
            yield client

    def end(self) -> tuple[list[MailRow], list[RefusalRow]]:
        """Mails and refusals, oldest first, after the end of the server."""
        assert self.server.stop() == 0
        with MailLog(self.server.mail_db) as log:
            return log.list_mails()[::-1], log.list_refusals()[::-1]


def test_a_mail_of_a_client_that_greets_with_octets_that_are_no_utf8_is_stored(
    start_mail_server: StartMailServer,
) -> None:
    relay = RelayServer(start_mail_server())
    with smtplib.SMTP(*relay.place, timeout=10) as client, pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "command_encoding", "shift_jis")
        client.ehlo("総務部")
        client.sendmail(FROM, [TO], MAIL)
    [row], _refusals = relay.end()
    with MailLog(relay.server.mail_db) as log:
        assert log.find_hello(row.id) == "総務部".encode("shift_jis").decode("utf-8", "backslashreplace")


@pytest.mark.parametrize("identity", ["<>", "e+3Dmc2@example.com", "a" * 540])
def test_who_sent_it_may_be_told_at_mail_where_auth_is_offered(
    identity: str, start_mail_server: StartMailServer
) -> None:
    relay = RelayServer(start_mail_server())
    with relay.connect(KEY) as client:
        client.sendmail(FROM, [TO], MAIL, mail_options=[f"AUTH={identity}"])
    [row], refusals = relay.end()
    assert refusals == [] and row.sender == FROM


def test_a_relayed_mail_is_stored_as_such_and_counted_apart(start_mail_server: StartMailServer) -> None:
    relay = RelayServer(start_mail_server())
    with relay.connect() as client:
        client.sendmail(FROM, [TO, "c@other.example"], MAIL)
        telemetry = relay.server.wait_for_telemetry(lambda told: told["relays"].get("pro", {}).get("mails") == 1)
    assert telemetry["relays"]["pro"]["sessions"] == 1
    assert (telemetry["compositions"]["pro"]["sessions"], telemetry["compositions"]["pro"]["mails"]) == (0, 0)
    [row], refusals = relay.end()
    assert refusals == [] and row.sender == FROM
    assert row.recipients == ((TO, "relay"), ("c@other.example", "relay"))
    with MailLog(relay.server.mail_db) as log:
        assert [row.id for row in log.list_mails(route="relay")] == [1] and log.list_mails(route="inbound") == []
        assert log.get_octets(1) == MAIL.encode() and log.count_bounces_after(0) == 0
        assert count_relayed(log, 0, 1e12) == {"pro": Received(1, 0)} and count_received(log, 0, 1e12) == {}


def test_who_has_shown_a_key_is_kept_with_each_mail(start_mail_server: StartMailServer) -> None:
    relay = RelayServer(start_mail_server())
    for key in (KEY, ""):
        with relay.connect(key) as client:
            for _ in range(2):
                client.sendmail(FROM, [TO], MAIL)
    relay.end()
    with MailLog(relay.server.mail_db) as log:
        assert log.list_users(1, 4) == {1: USER, 2: USER} and log.list_users(2, 3) == {2: USER}
        assert log.find_hello(1) == log.find_hello(4) == "me.example" and log.find_hello(5) == ""


@pytest.mark.parametrize(
    ("access", "near", "far", "near_with_key", "far_with_key"),
    [
        ("network_or_auth", True, False, True, True),
        ("network", True, False, True, False),
        ("network_and_auth", False, False, True, False),
    ],
)
def test_who_may_relay(
    start_mail_server: StartMailServer, access: str, near: bool, far: bool, near_with_key: bool, far_with_key: bool
) -> None:
    relay = RelayServer(start_mail_server(), access=access)
    cases = [(NEAR, "", near), (FAR, "", far), (NEAR, KEY, near_with_key), (FAR, KEY, far_with_key)]
    for source, key, may in cases:
        with relay.connect(key, source) as client:
            client.mail(FROM)
            code, text = client.rcpt(TO)
            assert (code, text[:5]) == ((250, b"2.1.5") if may else (554, b"5.7.1")), (source, key, text)
            assert client.docmd("DATA")[0] == (354 if may else 554)
            client.close()  # a QUIT would be a line of the mail
    mails, refusals = relay.end()
    assert mails == []
    assert [(row.gate, row.server, row.peer, row.sender, row.recipient) for row in refusals] == [
        ("relay", "relay", source, FROM, TO) for source, _key, may in cases if not may
    ]


def test_a_wrong_key_is_refused_and_told_and_a_right_one_still_taken(start_mail_server: StartMailServer) -> None:
    relay = RelayServer(start_mail_server(), networks=[])
    with relay.connect(source=FAR) as client:
        for user, key in ((USER, "wrong"), ("nobody", KEY), (USER, "")):
            code, text = client.docmd("AUTH", "PLAIN " + encode(f"\0{user}\0{key}"))
            assert (code, text[:5]) == (535, b"5.7.8")
        assert client.docmd("AUTH", "LOGIN")[0] == 334
        client.docmd(encode(USER))
        assert client.docmd(encode(KEY))[0] == 235
        client.sendmail(FROM, [TO], MAIL)
    mails, refusals = relay.end()
    assert len(mails) == 1 and [(row.gate, row.server, row.code) for row in refusals] == [("auth", "relay", 535)] * 3


def test_without_a_certificate_starttls_is_put_off_and_mail_goes_on_in_the_clear(
    start_mail_server: StartMailServer,
) -> None:
    relay = RelayServer(start_mail_server())
    (relay.server.folder / "tls").write_bytes(b"no folder")  # where the own CA would be kept
    with relay.connect() as client:
        assert client.docmd("STARTTLS")[0] == 454
        client.sendmail(FROM, [TO], MAIL)
    mails, [row] = relay.end()
    assert len(mails) == 1 and (row.gate, row.code, row.enhanced_status) == ("tls", 454, "4.7.0")


def test_a_new_key_counts_with_the_next_revision_and_the_old_one_until_then(start_mail_server: StartMailServer) -> None:
    relay = RelayServer(start_mail_server(), networks=[])
    relay.apply(smtp_users={USER: digest_key("a new key")})  # the same revision: nothing was reflected
    with relay.connect(KEY):
        pass
    with pytest.raises(smtplib.SMTPAuthenticationError), relay.connect("a new key"):
        pass
    relay.apply(smtp_users={USER: digest_key("a new key")}, revision=2)
    with relay.connect("a new key"):
        pass
    with pytest.raises(smtplib.SMTPAuthenticationError), relay.connect(KEY):
        pass
    relay.apply(smtp_users={}, revision=3)
    with pytest.raises(smtplib.SMTPAuthenticationError), relay.connect("a new key"):
        pass


def test_starttls_is_offered_and_its_certificate_made_when_it_is_asked_for(start_mail_server: StartMailServer) -> None:
    relay = RelayServer(start_mail_server())
    with relay.connect() as client:
        assert client.has_extn("starttls") and "PLAIN LOGIN" in client.esmtp_features["auth"]
        client.sendmail(FROM, [TO], MAIL)
        assert not (relay.server.folder / CA_FILE).exists()
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        assert client.starttls(context=context)[0] == 220
    trust = ssl.create_default_context(cadata=read_ca_certificate(relay.server.folder).decode("ascii"))
    with relay.connect() as client:
        client.starttls(context=trust)
        client.login(USER, KEY)
        client.ehlo()
        assert not client.has_extn("starttls")
        client.sendmail(FROM, [TO], MAIL)
    assert len(relay.end()[0]) == 2


def test_own_files_that_cannot_be_used_refuse_the_set(start_mail_server: StartMailServer, tmp_path: Path) -> None:
    server = start_mail_server("--tls-cert", str(tmp_path / "none.pem"))
    answer = server.ask(
        "apply",
        compositions=[
            {
                "revision": 1,
                "host": "127.0.0.1",
                "port": 0,
                "relay_port": 0,
                "smtp_users": {},
                "settings": pro_settings(),
            },
        ],
    )
    assert not answer["ok"] and "none.pem: no such file" in answer["errors"][0]["message"]


def test_the_size_and_the_number_of_sessions_are_its_own(start_mail_server: StartMailServer) -> None:
    relay = RelayServer(start_mail_server(), max_sessions=1, size_kb=1)
    with relay.connect() as client:
        assert client.esmtp_features["size"] == "1024"
        with socket.create_connection(relay.place, timeout=10) as second:
            assert second.recv(100).startswith(b"421 4.7.0 ")
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail(FROM, [TO], MAIL + "x" * 2000)
        assert client.docmd("MAIL", "FROM:<>")[0] == 250
        code, text = client.docmd("RCPT", "TO:<postmaster>")
        assert (code, text[:5]) == (550, b"5.1.3")
    refusals = relay.end()[1]
    assert [(row.gate, row.server) for row in refusals] == [
        ("sessions", "relay"),
        ("size", "relay"),
        ("domain", "relay"),
    ]
    with MailLog(relay.server.mail_db) as log:
        assert count_relayed(log, 0, 1e12) == {"pro": Received(0, 3)} and count_received(log, 0, 1e12) == {}


def test_many_recipients_without_the_right_end_the_session(start_mail_server: StartMailServer) -> None:
    relay = RelayServer(start_mail_server(), networks=[])
    with relay.connect() as client:
        client.mail(FROM)
        codes = [client.rcpt(TO)[0]]
        while codes[-1] == 554:
            codes.append(client.rcpt(TO)[0])
        assert codes[-1] == 421
    assert {row.gate for row in relay.end()[1]} == {"relay", "errors"}


def test_a_taken_port_is_told_and_taken_once_it_is_free(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        entry = {
            "revision": 1,
            "host": "127.0.0.1",
            "port": 0,
            "relay_port": port,
            "smtp_users": {},
            "settings": pro_settings(),
        }
        [told] = server.ask("apply", compositions=[entry])["compositions"]
        assert told["receiving"] and told["relay"] is None and told["relay_missing"]["fault"] == "in_use"
    server.wait_for_places(lambda places: bool(places) and places[0]["relay"] == f"127.0.0.1:{port}")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail(FROM, [TO], MAIL)


def test_a_relay_that_would_lose_its_place_refuses_the_set_and_keeps_it(start_mail_server: StartMailServer) -> None:
    relay = RelayServer(start_mail_server())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        changed = relay.entry | {"revision": 2, "relay_port": taken.getsockname()[1]}
        answer = relay.server.ask("apply", compositions=[changed])
    [error] = answer["errors"]
    assert (error["composition"], error["server"], error["missing"]["fault"]) == ("pro", "relay", "in_use")
    with relay.connect() as client:
        client.sendmail(FROM, [TO], MAIL)


def test_what_was_answered_250_is_on_disk_after_a_kill(start_mail_server: StartMailServer) -> None:
    relay = RelayServer(start_mail_server())
    with relay.connect() as client:
        for number in range(5):
            client.sendmail(FROM, [TO], MAIL + str(number))
        relay.server.process.kill()
        relay.server.process.wait(10)
    with MailLog(relay.server.mail_db) as log:
        assert [(log.get_octets(row.id) or b"")[-3:-2] for row in log.list_mails(route="relay")] == [
            b"4", b"3", b"2", b"1", b"0",
        ]  # fmt: skip


@pytest.mark.skipif(not shutil.which("swaks"), reason="there is no swaks")
@pytest.mark.parametrize("options", [["--tls"], ["--auth", "PLAIN"], ["--tls", "--auth", "LOGIN"]])
def test_swaks_relays(start_mail_server: StartMailServer, options: list[str]) -> None:
    relay = RelayServer(start_mail_server(), access="network_and_auth" if "--auth" in options else "network")
    key = ["--auth-user", USER, "--auth-password", KEY] if "--auth" in options else []
    host, port = relay.place
    command = ["swaks", "--server", host, "--port", str(port), "--from", FROM, "--to", TO, *options, *key]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [row.recipients for row in relay.end()[0]] == [((TO, "relay"),)]
