"""The fixture `cmcdesk`: each test finds it as at the start, and what fails says what came instead."""

import smtplib

import pytest

from cmcdesk.testing.plugin import Cmcdesk, lay_over
from cmcdesk.testing.server import CmcdeskFailed, CmcdeskServer


def send(cmcdesk: Cmcdesk, subject: str = "hello") -> None:
    with smtplib.SMTP(cmcdesk.host, cmcdesk.port, timeout=10) as smtp:
        octets = f"To: info@mailform.example.com\r\nSubject: {subject}\r\n\r\ntext\r\n"
        smtp.sendmail("a@sender.example", ["info@mailform.example.com"], octets)


def hook(cmcdesk: Cmcdesk) -> dict[str, object]:
    to = {"header": "To", "pattern": "."}
    return {"name": "form", "endpoint": cmcdesk.sink.url, "format": "json", "condition": [to]}


def test_a_mail_comes_to_the_sink_by_the_webhook_that_the_test_sets(cmcdesk: Cmcdesk) -> None:
    cmcdesk.set_settings({"inbound_webhook": [hook(cmcdesk)]})
    send(cmcdesk)
    [request] = cmcdesk.sink.wait()
    assert request["method"] == "POST" and b'"hello"' in request["body"]
    assert cmcdesk.wait_for_webhook("form", to="info@mailform.example.com")["attempts"] == 1
    assert [each["subject"] for each in cmcdesk.mails()] == ["hello"] and len(cmcdesk.webhooks()) == 1
    cmcdesk.sink.answer("500")
    send(cmcdesk, "again")
    assert [each["answered"] for each in cmcdesk.sink.wait(2)] == [200, 500]
    assert len(cmcdesk.sink.requests()) == 2
    cmcdesk.add_api_user("other", smtp=True)


def test_the_next_test_sees_nothing_of_it(cmcdesk: Cmcdesk) -> None:
    assert (cmcdesk.mails(), cmcdesk.webhooks(), cmcdesk.bounces()) == ([], [], [])
    assert cmcdesk.api("GET", "compositions/pro/draft")["settings"]["inbound_webhook"] == []
    assert [each["api_user"] for each in cmcdesk.api("GET", "api-users")["api_users"]] == ["tester"]
    assert cmcdesk.api("GET", "compositions/pro/diff")["changes"] == []


def test_mails_are_handed_to_the_relay_with_the_api_user(cmcdesk: Cmcdesk) -> None:
    cmcdesk.set_settings({"relay": {"access": "network_and_auth"}})
    with smtplib.SMTP(cmcdesk.relay_host, cmcdesk.relay_port, timeout=10) as smtp:
        smtp.login(cmcdesk.api_user, cmcdesk.api_key)
        smtp.sendmail("shop@example.com", ["customer@example.net"], b"Subject: receipt\r\nX-Id: 7\r\n\r\ntext\r\n")
    mail = cmcdesk.wait_for_mail(to="customer@example.net", header={"X-Id": "^7$"})
    assert mail["recipients"] == [{"address": "customer@example.net", "route": "relay"}]


def test_what_does_not_come_says_what_did(cmcdesk: Cmcdesk) -> None:
    send(cmcdesk, "another")
    with smtplib.SMTP(cmcdesk.host, cmcdesk.port, timeout=10) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused):
        smtp.sendmail("a@sender.example", ["x@not-ours.example"], b"Subject: no\r\n\r\n")
    cmcdesk.wait_for_mail(subject="another")
    with pytest.raises(pytest.fail.Exception) as failed:
        cmcdesk.wait_for_mail(subject="mine", timeout=1.2)  # refusals are written once a second
    told = str(failed.value)
    assert "no such mail within 1.2 s" in told and "info@mailform.example.com: 'another'" in told
    assert "x@not-ours.example" in told


def test_settings_that_are_wrong_name_their_field(cmcdesk: Cmcdesk) -> None:
    with pytest.raises(CmcdeskFailed, match=r"receiving\.interval_ms"):
        cmcdesk.set_settings({"receiving": {"interval_ms": 1}})


def test_tables_are_merged_and_lists_replaced() -> None:
    before = {"a": {"b": 1, "c": [1]}, "d": 2}
    assert lay_over(before, {"a": {"c": [2]}, "e": {}}) == {"a": {"b": 1, "c": [2]}, "d": 2, "e": {}}
    assert before == {"a": {"b": 1, "c": [1]}, "d": 2}


def test_a_bounce_is_read(cmcdesk: Cmcdesk, cmcdesk_server: CmcdeskServer) -> None:
    cmcdesk.bounce("full@example.net", "5.2.2", "552 5.2.2 Mailbox full")
    bounce = cmcdesk.wait_for_bounce("full@example.net")
    assert bounce["status"] == "5.2.2" and cmcdesk.bounces() == [bounce]
    assert cmcdesk_server.note["pid"]


def test_a_test_may_remove_what_the_session_has(cmcdesk: Cmcdesk) -> None:
    cmcdesk.api("DELETE", f"api-users/{cmcdesk.api_user}")
    cmcdesk.set_settings({"receiving": {"bounce_domains": []}})
    with pytest.raises(pytest.fail.Exception, match="pro has no bounce domain"):
        cmcdesk.bounce("gone@example.net")


def test_and_the_next_has_it_again(cmcdesk: Cmcdesk) -> None:
    with smtplib.SMTP(cmcdesk.relay_host, cmcdesk.relay_port, timeout=10) as smtp:
        smtp.login(cmcdesk.api_user, cmcdesk.api_key)
    cmcdesk.bounce("gone@example.net")
    assert cmcdesk.wait_for_bounce("gone@example.net")["error_status"] == 2
