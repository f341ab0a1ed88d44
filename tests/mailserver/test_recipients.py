import json

from cmcdesk.mail.envelope import Recipient
from cmcdesk.mailserver.recipients import recipients_as_json, route_bits

BOTH = (Recipient('"a\\"b"@return.example.com', "bounce"), Recipient("日本@mailform.example.com", "inbound"))


def test_recipients_are_kept_as_given() -> None:
    assert json.loads(recipients_as_json(BOTH)) == [
        ['"a\\"b"@return.example.com', "bounce"], ["日本@mailform.example.com", "inbound"],
    ]  # fmt: skip


def test_routes_are_bits() -> None:
    assert [route_bits(BOTH[:1]), route_bits(BOTH[1:]), route_bits(BOTH)] == [1, 2, 3]
