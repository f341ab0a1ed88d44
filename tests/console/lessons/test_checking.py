"""Each check sees what really happened, and does not take for it what only looks like it."""

import smtplib
import time
from contextlib import suppress
from typing import Any

import pytest

from cmcdesk.console.compositions.view import find_view
from cmcdesk.console.lessons.checking import LOOKINGS, Scene, is_seen
from cmcdesk.console.lessons.places import OpenPage, find_open_page
from cmcdesk.rules.lesson_checks import CHECKS, StepCheck
from cmcdesk.store.desk.lesson_runs import LessonRunRow
from tests.conftest import WaitFor

from ..conftest import Console

FORM = b"From: a@sender.example\r\nTo: %s\r\nSubject: hello\r\n\r\ntext\r\n"


class Eye:
    """Looks at one new composition since it was made."""

    def __init__(self, console: Console, **receiving: Any) -> None:
        self.console, self.name = console, console.add_composition(**receiving)
        with console.desk.app.test_request_context(base_url=console.base):
            view = find_view(self.name)
            assert view and view.applied
            kept = {self.name: {"draft": view.draft, "live": view.applied, "revision": view.applied_revision}}
        self.run = LessonRunRow(began_at=time.time(), kept=kept, turned_down={}, composition=self.name)

    def sees(self, what: str, *, path: str = "", since: float | None = None, **given: Any) -> bool:
        """since: of what is to be fresh."""
        assert set(given) <= {*CHECKS[what].needs, *CHECKS[what].may}
        with self.console.desk.app.test_request_context(base_url=self.console.base):
            view = find_view(self.name)
            assert view
            page = find_open_page(path) if path else OpenPage()
            scene = Scene(self.run, view, since or self.run.began_at, page)
            return is_seen(StepCheck(what, given), scene)

    def send(self, to: str = "info@test.example", octets: bytes = b"", sender: str = "a@sender.example") -> None:
        """One mail; a refusal is no error."""
        with smtplib.SMTP(*self.console.place(self.name), timeout=10) as smtp, suppress(smtplib.SMTPException):
            smtp.sendmail(sender, [to], octets or FORM % to.encode())

    def apply(self) -> None:
        assert self.console.api(f"compositions/{self.name}/apply", "POST").status_code == 200


@pytest.fixture
def eye(console: Console) -> Eye:
    return Eye(console, size_kb=100)


def test_every_check_of_the_vocabulary_is_looked_at() -> None:
    assert set(LOOKINGS) == set(CHECKS)


def test_saved_is_not_reflected_and_waits(eye: Eye) -> None:
    size = {"setting": "receiving.size_kb"}
    assert not eye.sees("saved", **size, **{"is": 100}), "it was so before the lesson began"
    assert not eye.sees("waiting", **size)
    eye.console.change(eye.name, {"receiving": {"size_kb": 50}})
    assert eye.sees("saved", **size, **{"is": 50}) and eye.sees("saved", **size, at_least=50, at_most=50)
    assert not eye.sees("saved", **size, **{"is": 51}) and not eye.sees("saved", **size, at_most=49)
    assert eye.sees("waiting", **size) and not eye.sees("reflected", **size, **{"is": 50})
    eye.apply()
    assert eye.sees("reflected", **size, **{"is": 50}) and eye.sees("reflected") and not eye.sees("waiting", **size)
    assert not eye.sees("reflected", **size, **{"is": 49}) and not eye.sees("reflected", since=time.time())


def test_a_domain_among_others_and_a_notification(eye: Eye) -> None:
    listed = {"setting": "receiving.inbound_domains"}
    eye.console.change(eye.name, {"receiving": {"inbound_domains": ["test.example", "x.example"]}})
    assert eye.sees("saved", **listed, has="x.example") and not eye.sees("saved", **listed, has="y.example")
    assert not eye.sees("notifies", address="info@test.example")
    one = {"name": "f", "endpoint": "http://127.0.0.1:9/", "condition": [{"header": "To", "pattern": "^a1@test"}]}
    eye.console.change(eye.name, {"inbound_webhook": [one]})
    assert eye.sees("notifies", address="a1@test.example") and not eye.sees("notifies", address="info@test.example")


def test_what_the_console_refused_to_save(eye: Eye) -> None:
    assert not eye.sees("refused_save", screen="receiving.save")
    eye.run.turned_down = {"receiving.save": time.time()}
    assert eye.sees("refused_save", screen="receiving.save") and not eye.sees("refused_save", screen="relay.save")
    assert not eye.sees("refused_save", screen="receiving.save", since=time.time() + 1)


def test_mails_refusals_and_what_called_no_webhook(eye: Eye, wait_for: WaitFor) -> None:
    assert not eye.sees("accepted") and not eye.sees("refused", gate="domain") and not eye.sees("unmatched")
    eye.send("bounce@back.example")
    assert wait_for(lambda: eye.sees("accepted", route="bounce", old=True))
    assert not eye.sees("unmatched") and not eye.sees("accepted", route="inbound")
    eye.send()
    assert wait_for(lambda: eye.sees("unmatched")) and eye.sees("accepted", at_least=2)
    assert not eye.sees("accepted", at_least=3) and not eye.sees("accepted", since=time.time() + 1)
    eye.send("info@foreign.example")
    assert wait_for(lambda: eye.sees("refused", gate="domain")) and not eye.sees("refused", gate="size")
    assert not eye.sees("refused", gate="domain", at_least=2)
    eye.console.change(eye.name, {"receiving": {"size_kb": 99}})
    eye.apply()
    at = time.time()
    eye.send()
    assert wait_for(lambda: eye.sees("accepted", since=at)) and not eye.sees("accepted", since=at, old=True)


def test_bounces_by_status_and_delay_notices(eye: Eye, wait_for: WaitFor, root: Any) -> None:
    report = (
        b"From: MAILER-DAEMON@mx.example\r\nTo: bounce@back.example\r\nSubject: failed\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; u@example.net\r\nAction: %s\r\nStatus: %s\r\n\r\n--b--\r\n"
    )
    assert not eye.sees("bounce")
    eye.send("bounce@back.example", report % (b"failed", b"5.1.1"), "")
    assert wait_for(lambda: eye.sees("bounce", status=2, final=True))
    assert (
        not eye.sees("bounce", status=5) and not eye.sees("bounce", at_least=2) and not eye.sees("bounce", final=False)
    )
    eye.send("bounce@back.example", report % (b"delayed", b"4.4.1"), "")
    assert wait_for(lambda: eye.sees("bounce", final=False)) and not eye.sees("bounce", since=time.time() + 1)


def test_webhooks_that_fail_arrive_and_are_given_up(eye: Eye, wait_for: WaitFor) -> None:
    catcher = eye.console.api("catcher/endpoints", "POST", {"name": "eye"}).json
    endpoint, url = catcher["id"], catcher["url"]
    one = {"name": "f", "endpoint": url, "condition": [{"header": "To", "pattern": "info"}]}
    eye.console.change(eye.name, {"inbound_webhook": [one]})
    eye.apply()
    eye.console.api(f"catcher/endpoints/{endpoint}/answer", "PUT", {"answer": "500"})
    eye.send()
    assert wait_for(lambda: eye.sees("delivery", state="failing", kind="inbound"))
    assert not eye.sees("delivery", state="delivered") and not eye.sees("delivery", state="failing", kind="event")
    eye.console.api(f"catcher/endpoints/{endpoint}/answer", "PUT", {"answer": "200"})
    (waiting,) = eye.console.api(f"deliveries?composition={eye.name}").json["deliveries"]
    eye.console.post(f"/api-settings/webhook/log/{waiting['id']}/retry")
    assert wait_for(lambda: eye.sees("delivery", state="delivered", again=True))
    assert not eye.sees("delivery", state="given_up") and not eye.sees("delivery", state="delivered", at_least=2)
    eye.console.api(f"catcher/endpoints/{endpoint}/answer", "PUT", {"answer": "410"})
    at = time.time()
    eye.send()
    assert wait_for(lambda: eye.sees("delivery", state="given_up", since=at))
    assert not eye.sees("delivery", state="delivered", since=at)


def test_the_catcher_the_page_and_the_world(eye: Eye) -> None:
    answer = eye.console.api("catcher/endpoints").json["endpoints"][0]["answer"]
    assert eye.sees("catcher", answer=answer) and not eye.sees("catcher", answer="599")
    assert eye.sees("opened", place="mail", path="/mails/1") and not eye.sees("opened", place="mail", path="/mails")
    assert eye.sees("world") == (eye.console.desk.app.extensions["world"].state == "running")


def test_a_run_that_kept_its_promise_on_another_composition_does_not_count(eye: Eye, wait_for: WaitFor) -> None:
    other = Eye(eye.console)
    traffic = {"composition": eye.name, "preset": "domain", "to": "info@foreign.example.net", "count": "1"}
    assert not eye.sees("kept", preset="domain")
    assert eye.console.post("/simulator", {**traffic, "mail": "plain"}).status_code == 200
    assert wait_for(lambda: eye.sees("kept", preset="domain"), 30)
    assert not eye.sees("kept", preset="size") and not other.sees("kept", preset="domain")
    assert not eye.sees("kept", preset="domain", since=time.time())


def test_without_a_world_no_domain_is_good_and_no_mail_travels(eye: Eye) -> None:
    if eye.console.desk.app.extensions["world"].note is None:
        assert not eye.sees("mx", domain="test.example") and not eye.sees("domain", domain="test.example")
        assert eye.sees("domain", domain="test.example", step="mx", grade="unknown")
    assert eye.sees("domain", domain="test.example", use="inbound", step="allowed")
    assert not eye.sees("domain", domain="test.example", use="bounce", step="allowed")
    assert not eye.sees("domain", domain="test.example", step="allowed", place="domains")
    assert eye.sees("domain", domain="test.example", step="allowed", place="domains", path="/world/domains")
    assert not eye.sees("journey", station="event")
