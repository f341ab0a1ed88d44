"""The beginning of a message, for those who show it: so much text, so many fields, addresses and attachments.

A mail of 10 MB may hold ten million characters that are six each in JSON, and five each on a page. Who shows a mail
shows its beginning, says what was cut, and leads to the raw octets. What is sent to a webhook is never cut.
"""

from dataclasses import dataclass, replace
from typing import Any

from cmcdesk.mail.mime.message import Address, Attachment, Field, Message, describe_message


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is shown. Characters of the text and of the HTML, each; of all fields; of the addresses of From and of
    To, each; of a subject or a file name. Attachments by their number."""

    text: int
    fields: int
    addresses: int
    name: int
    attachments: int


PAGE = Extent(text=200_000, fields=100_000, addresses=20_000, name=1_000, attachments=200)
JSON = Extent(text=250_000, fields=100_000, addresses=50_000, name=1_000, attachments=500)
"""Of the API: at most 5 MB, with six characters for each."""
COMMAND = Extent(text=4_000_000, fields=1_000_000, addresses=1_000_000, name=10_000, attachments=2_000)
"""Of the commands, whose JSON goes to a program or a file."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A message within an extent; cut: the names of what has more than is there."""

    message: Message
    cut: tuple[str, ...]


def take_beginning(message: Message, extent: Extent) -> Beginning:
    """The beginning of a message. Pure; the tree of parts stays whole."""
    begun = replace(
        message,
        subject=message.subject[: extent.name],
        from_=_begin_addresses(message.from_, extent.addresses),
        to=_begin_addresses(message.to, extent.addresses),
        text=message.text if message.text is None else message.text[: extent.text],
        html=message.html if message.html is None else message.html[: extent.text],
        attachments=tuple(_cut_name(each, extent.name) for each in message.attachments[: extent.attachments]),
        fields=_begin_fields(message.fields, extent.fields),
    )
    names = {"subject": "subject", "from_": "from", "to": "to", "text": "text", "html": "html"}
    names |= {"attachments": "attachments", "fields": "headers"}
    cut = tuple(told for name, told in names.items() if getattr(begun, name) != getattr(message, name))
    return Beginning(begun, cut)


def describe_beginning(message: Message, extent: Extent) -> dict[str, Any]:
    """`describe_message` of a message's beginning, and "cut": what has more than is there."""
    begun = take_beginning(message, extent)
    return describe_message(begun.message) | {"cut": list(begun.cut)}


def _begin_addresses(addresses: tuple[Address, ...], room: int) -> tuple[Address, ...]:
    begun: list[Address] = []
    for each in addresses:
        if room <= 0:
            break
        fits = len(each.name) + len(each.address) < room
        begun.append(each if fits else Address(each.name[:room], each.address[:room]))
        room -= len(each.name) + len(each.address) + 1
    return tuple(begun)


def _begin_fields(fields: tuple[Field, ...], room: int) -> tuple[Field, ...]:
    begun: list[Field] = []
    for each in fields:
        if room <= 0:
            break
        begun.append(each if len(each.value) < room else replace(each, value=each.value[:room]))
        room -= len(each.name) + len(each.value) + 1
    return tuple(begun)


def _cut_name(attachment: Attachment, length: int) -> Attachment:
    return (
        attachment if len(attachment.filename) <= length else replace(attachment, filename=attachment.filename[:length])
    )
