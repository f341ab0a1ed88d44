"""What is in flight is bounded by memory, over all sessions together; what a row says of a mail."""

import json

import pytest

from cmcdesk.mail.smtp.envelope import Recipient
from cmcdesk.mailserver import intake
from cmcdesk.mailserver.intake import InFlight, describe_recipients
from cmcdesk.store.maillog.log import MailLog
from tests.mailserver.conftest import StartMailServer, pro_settings
from tests.mailserver.test_session import Client, begin_mail

BOTH = (Recipient('"a\\"b"@return.example.com', "bounce"), Recipient("日本@mailform.example.com", "inbound"))


def test_the_budget_is_of_octets() -> None:
    assert not InFlight(octets=intake.MEMORY_OCTETS).is_over()
    assert InFlight(octets=intake.MEMORY_OCTETS + 1).is_over()


@pytest.mark.parametrize("has_inbound", [True, False])
def test_the_spam_judgment_looks_at_mails_with_an_inbound_recipient_only(
    start_mail_server: StartMailServer, has_inbound: bool
) -> None:
    server = start_mail_server()
    client = Client(server.apply(pro_settings()))
    begin_mail(client, b"a@mailform.example.com" if has_inbound else b"a@return.example.com")
    client.say(b"From: same@x.example\r\nTo: Same <SAME@x.example>\r\n\r\n.\r\n")
    assert client.hear().startswith(b"550 5.7.1" if has_inbound else b"250 2.0.0")
    client.close()
    server.stop()
    with MailLog(server.mail_db) as log:
        assert [row.gate for row in log.list_refusals()] == (["spam"] if has_inbound else [])


def test_subject_and_from_are_stored_decoded(start_mail_server: StartMailServer) -> None:
    server = start_mail_server()
    client = Client(server.apply(pro_settings()))
    begin_mail(client)
    client.say(b"Subject: =?ISO-2022-JP?B?GyRCJCI8ahsoQg==?=\r\nFrom: \xe6\x97\xa5 <a@x.example>\r\n\r\n.\r\n")
    assert client.hear().startswith(b"250")
    client.close()
    with MailLog(server.mail_db) as log:
        row = log.list_mails()[0]
    assert (row.subject, row.header_from) == ("あ手", "日 <a@x.example>")


def test_recipients_are_kept_as_given() -> None:
    assert json.loads(describe_recipients(BOTH).as_json) == [
        ['"a\\"b"@return.example.com', "bounce"], ["日本@mailform.example.com", "inbound"],
    ]  # fmt: skip


def test_routes_are_bits_and_inbound_addresses_are_named() -> None:
    assert [describe_recipients(some).routes for some in (BOTH[:1], BOTH[1:], BOTH)] == [1, 2, 3]
    assert describe_recipients(BOTH).inbound == ("日本@mailform.example.com",)
