import json

from cmcdesk.mail.smtp.envelope import Recipient
from cmcdesk.mailserver.recipients import describe_recipients

BOTH = (Recipient('"a\\"b"@return.example.com', "bounce"), Recipient("日本@mailform.example.com", "inbound"))


def test_recipients_are_kept_as_given() -> None:
    assert json.loads(describe_recipients(BOTH).as_json) == [
        ['"a\\"b"@return.example.com', "bounce"], ["日本@mailform.example.com", "inbound"],
    ]  # fmt: skip


def test_routes_are_bits_and_inbound_addresses_are_named() -> None:
    assert [describe_recipients(some).routes for some in (BOTH[:1], BOTH[1:], BOTH)] == [1, 2, 3]
    assert describe_recipients(BOTH).inbound == ("日本@mailform.example.com",)
