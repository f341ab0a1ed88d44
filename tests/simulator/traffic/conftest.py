"""Bounces and forms from fixed seeds, and their parsed form."""

import random
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from simulator.traffic.bounces import BounceOptions, make_bounce
from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]


@pytest.fixture
def bounce() -> Bounce:
    """`bounce(kind, seed=1, **options)`: a bounce of the catalogue; options are those of BounceOptions."""

    def make(kind: str, seed: int = 1, **options: object) -> Mail:
        return make_bounce(random.Random(seed), kind, BounceOptions(**options))  # type: ignore[arg-type]

    return make


@pytest.fixture
def parse() -> Parse:
    """`parse(mail)`: the mail as Python's email package sees it."""

    def read(mail: Mail) -> EmailMessage:
        message = message_from_bytes(mail.octets, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    return read


@pytest.fixture
def report_of(parse: Parse) -> Callable[[Mail], list[dict[str, str]]]:
    """`report_of(mail)`: the field groups of its delivery-status part (RFC 3464), names in lower case."""

    def read(mail: Mail) -> list[dict[str, str]]:
        part = next(part for part in parse(mail).walk() if part.get_content_type() == "message/delivery-status")
        groups = part.get_payload()
        assert isinstance(groups, list)
        fields = [{name.lower(): " ".join(str(value).split()) for name, value in group.items()} for group in groups]
        return [group for group in fields if group]

    return read


@pytest.fixture
def text_of(parse: Parse) -> Callable[[Mail], str]:
    """`text_of(mail)`: the first text part, decoded, line ends as "\\n"."""

    def read(mail: Mail) -> str:
        part = next(part for part in parse(mail).walk() if part.get_content_type() == "text/plain")
        return str(part.get_content()).replace("\r\n", "\n")

    return read
