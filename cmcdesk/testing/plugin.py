"""The pytest plugin (entry point `cmcdesk`): a CMC of its own for the tests of a program that sends mails, takes
webhooks or asks for bounces.

    def test_a_form_becomes_a_ticket(cmcdesk):
        cmcdesk.set_settings({"inbound_webhook": [{"name": "form", "endpoint": cmcdesk.sink.url, …}]})
        send_form(cmcdesk.host, cmcdesk.port)
        assert cmcdesk.wait_for_webhook(filter="form")["state"] == "delivered"

One server a test session, on free ports, started by the first test that asks for it. Each test finds it as at the
start: the settings, no mail, no bounce, no delivery. It ends with the session, and with pytest whatever ends that.
"""

import smtplib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # pytest imports this file wherever cmcdesk is installed, whether a test asks for it or not
    from cmcdesk.commands.waiting import Found, Kind
    from cmcdesk.testing.server import CmcdeskServer, Sink

WAIT_SECONDS = 10.0

BOUNCE = """\
From: MAILER-DAEMON@mx.example.net
To: {sender}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

Your mail to {to} could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {to}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {reply}
--b--
"""


class Cmcdesk:
    """What the fixture `cmcdesk` gives. Lists and waits see only what came since the test began. url: of the console,
    where CMC's API is too; host, port: of the receiving server of the first composition, relay_host and relay_port:
    where a program hands in its mails; api_user, api_key: for CMC's API and SMTP AUTH; token: of cmcdesk's own API."""

    def __init__(self, server: "CmcdeskServer") -> None:
        from cmcdesk.testing.server import API_KEY, API_USER

        self.server, self._console = server, server.console
        self._sink: Sink | None = None
        self._marks = server.marks
        self.url, self.token = self._console.url, self._console.token
        self.api_user, self.api_key = API_USER, API_KEY
        self.host, self.port = self.receiving(server.names[0])
        self.relay_host, self.relay_port = self.relay(server.names[0])

    def receiving(self, composition: str) -> tuple[str, int]:
        """Host and port of the receiving server of a composition."""
        return self._find_place(composition, "receiving")

    def relay(self, composition: str) -> tuple[str, int]:
        """Host and port of its relay server, to which a program hands its mails."""
        return self._find_place(composition, "relay")

    def _find_place(self, composition: str, server: str) -> tuple[str, int]:
        places = {each["name"]: each[server] for each in self.server.note["compositions"]}
        host, _, port = (places[composition] or ":0").rpartition(":")
        return host, int(port)

    @property
    def sink(self) -> "Sink":
        """A webhook endpoint of this test."""
        from cmcdesk.testing.server import Sink

        self._sink = self._sink or Sink(self._console)
        return self._sink

    def close(self) -> None:
        """The test is over."""
        if self._sink:
            self._sink.remove()

    def api(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Any operation of cmcdesk's own API, path without /api/v1/."""
        return self._console.call(method, path, body, **query)

    def add_api_user(self, name: str, smtp: bool = False) -> str:
        """One more API user of this test → its key. smtp: may relay, once settings are reflected (`set_settings`)."""
        key: str = self.api("POST", "api-users", {"api_user": name, "smtp": smtp})["api_key"]
        return key

    def set_settings(self, settings: Mapping[str, Any], composition: str = "") -> None:
        """Change settings, as in the settings file, for this test, and reflect them: tables are merged, the rest is
        replaced. composition: its name, "" for the first. Raises CmcdeskFailed, naming the field."""
        name = composition or self.server.names[0]
        self.server.apply(name, lay_over(self.server.read_draft(name), settings))

    def bounce(self, to: str, status: str = "5.1.1", reply: str = "550 5.1.1 User unknown") -> None:
        """Let a mail system report that a mail to `to` failed."""
        name = self.server.names[0]
        domains = self.server.read_draft(name)["receiving"]["bounce_domains"]
        if not domains:
            pytest.fail(f"{name} has no bounce domain: set receiving.bounce_domains", pytrace=False)
        sender = f"bounce@{domains[0]}"
        with smtplib.SMTP(self.host, self.port, timeout=WAIT_SECONDS) as smtp:
            smtp.sendmail("", [sender], BOUNCE.format(sender=sender, to=to, status=status, reply=reply).encode())

    def wait_for_mail(self, to: str = "", subject: str = "", **more: Any) -> "Found":
        """The first mail that was stored or relayed with that recipient and part of the subject. header: name →
        pattern; timeout: seconds; composition. In full: `message` has what was read from it."""
        headers = more.pop("header", {})
        return self._wait("mail", {"recipient": to or None, "subject": subject or None}, headers, **more)

    def wait_for_webhook(self, filter: str = "", to: str = "", state: str = "delivered", **more: Any) -> "Found":
        """The first webhook delivery of that notification and recipient. state: "" for any; timeout, composition. In
        full: `attempt_log` has what was sent and answered."""
        return self._wait(
            "webhook", {"filter": filter or None, "recipient": to or None, "state": state or None}, **more
        )

    def wait_for_bounce(self, to: str = "", error_status: int | None = None, **more: Any) -> "Found":
        """The first failed recipient of that address and error status (CMC's 1 to 11, 99); timeout, composition."""
        return self._wait("bounce", {"recipient": to or None, "error_status": error_status}, **more)

    def mails(self, **query: Any) -> "list[Found]":
        """All mails since the test began, oldest first, each in full. query: as in the API."""
        return self._list("mail", query)

    def webhooks(self, **query: Any) -> "list[Found]":
        """All webhook deliveries since the test began."""
        return self._list("webhook", query)

    def bounces(self, **query: Any) -> "list[Found]":
        """All bounces since the test began."""
        return self._list("bounce", query)

    def _list(self, kind: "Kind", query: Mapping[str, Any]) -> "list[Found]":
        from cmcdesk.commands.waiting import Wanted, list_found

        return list_found(self._console, Wanted(kind, query, {}, self._marks[kind], self._marks["mail"]))

    def _wait(
        self, kind: "Kind", query: dict[str, Any], headers: Mapping[str, str] | None = None, **more: Any
    ) -> "Found":
        from cmcdesk.commands.waiting import Wanted, wait_for

        timeout = float(more.pop("timeout", WAIT_SECONDS))
        wanted = Wanted(kind, query | more, headers or {}, self._marks[kind], self._marks["mail"])
        found = wait_for(self._console, wanted, 1, timeout)
        if not found:
            pytest.fail(self._describe_missing(kind, timeout), pytrace=False)
        return found[0]

    def _describe_missing(self, kind: "Kind", timeout: float) -> str:
        """What is there instead: the nearest to a reason that can be had."""
        seen = [f"{each['recipients'][0]['address']}: {each['subject']!r}" for each in self.mails()]
        refusals = self.api("GET", "refusals", limit=5)["refusals"]
        told = [f"{each['code']} {each['text']} (RCPT TO {each['recipient'] or '-'})" for each in refusals]
        return "\n".join(
            [
                f"no such {kind} within {timeout:g} s",
                f"mails since the test began: {'; '.join(seen) or 'none'}",
                f"last refusals: {'; '.join(told) or 'none'}",
            ]
        )


def lay_over(settings: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the settings with the change: tables key by key, lists and values as a whole."""
    merged = dict(settings)
    for key, value in change.items():
        before = merged.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            merged[key] = lay_over(before, value)
        else:
            merged[key] = value
    return merged


# -- for pytest ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def cmcdesk_settings() -> str:
    """The settings that the session starts with, as a settings file (TOML). A fixture of this name in a conftest.py
    replaces it."""
    from cmcdesk.testing.server import SETTINGS

    return SETTINGS


@pytest.fixture(scope="session")
def cmcdesk_server(cmcdesk_settings: str, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[CmcdeskServer]":
    """The running cmcdesk of this session; tests ask for `cmcdesk`."""
    from cmcdesk.testing.server import CmcdeskServer

    server = CmcdeskServer(tmp_path_factory.mktemp("cmcdesk"), cmcdesk_settings)
    yield server
    server.stop()


@pytest.fixture(name="cmcdesk")
def give_cmcdesk(cmcdesk_server: "CmcdeskServer") -> Iterator[Cmcdesk]:
    """A CMC for this test, as it was at the start of the session."""
    cmcdesk_server.clear()
    given = Cmcdesk(cmcdesk_server)
    yield given
    given.close()
