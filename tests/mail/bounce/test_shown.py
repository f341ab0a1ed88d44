"""Reports and notifications that people show each other."""

import pytest

from cmcdesk.mail.bounce.reader import read_bounce

FIELDS = "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n"
EVENT = '{"event":"bounce","email":"a@b.example","reason":"550 5.1.1 unknown"}'


@pytest.mark.parametrize(
    ("head", "text", "is_bounce"),
    [
        ("Subject: Web hook", f"We get this:\n\n{EVENT}\n", False),
        ("Subject: Web hook", f"{EVENT}\n", True),
        ("Subject: Undelivered mail", f"What does this mean?\n\n{FIELDS}", False),
        ("Subject: Undelivered mail", f"It was not delivered.\n\n{FIELDS}", True),
        ("Subject: Re: x\nContent-Type: message/delivery-status", FIELDS, False),
        (
            "Subject: Re: x\nContent-Type: multipart/report; boundary=b",
            f"--b\nContent-Type: message/delivery-status\n\n{FIELDS}",
            True,
        ),
    ],
)
def test_a_report_that_somebody_shows_is_not_his(head: str, text: str, is_bounce: bool) -> None:
    mail = f"Return-Path: <joe@x.example>\nFrom: Joe <joe@x.example>\n{head}\n\n{text}"
    assert read_bounce(mail.encode()).is_bounce is is_bounce
