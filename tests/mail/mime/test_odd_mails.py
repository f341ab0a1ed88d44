"""Some hundred odd but real mails, by the kind of oddness, each with what must be read of it."""

from typing import Any

import pytest

from cmcdesk.mail.mime.message import describe_message, read_message
from tests.mail.mime import odd_addresses, odd_charsets, odd_file_names, odd_headers, odd_parts, odd_western
from tests.mail.mime.odd_mail import Odd

ALL = odd_headers.ALL + odd_charsets.ALL + odd_western.ALL + odd_addresses.ALL + odd_parts.ALL + odd_file_names.ALL


@pytest.mark.parametrize("odd", ALL, ids=lambda odd: odd.name)
def test_odd_mail(odd: Odd) -> None:
    seen: dict[str, Any] = describe_message(read_message(odd.octets))
    seen["headers"] = {name: seen["headers"].get(name) for name in odd.want.get("headers", {})}
    assert {key: seen[key] for key in odd.want} == odd.want
