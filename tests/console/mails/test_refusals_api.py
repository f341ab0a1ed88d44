"""One refusal over the API, with its session's dialogue."""

import smtplib
from collections.abc import Callable
from typing import Any

from ..conftest import Console


def refuse(console: Console, name: str, wait_for: Callable[..., Any], recipient: str) -> dict[str, Any]:
    """A refusal of a foreign recipient, after a mail that was taken; as the list gives it."""
    with smtplib.SMTP(*console.place(name), timeout=10) as smtp:
        smtp.sendmail("a@sender.example", ["info@test.example"], b"Subject: taken\r\n\r\nxyz\r\n")
        smtp.mail("a@sender.example")
        assert smtp.rcpt(recipient)[0] == 550
    found: dict[str, Any] = wait_for(lambda: find(console, name, recipient))
    return found


def find(console: Console, name: str, recipient: str) -> dict[str, Any] | None:
    listed = console.api(f"refusals?composition={name}&gate=domain").json["refusals"]
    return next((each for each in listed if each["recipient"] == recipient), None)


def test_one_refusal_with_what_was_said(
    console: Console, composition: Callable[[Console], str], wait_for: Callable[..., Any]
) -> None:
    listed = refuse(console, composition(console), wait_for, "one@foreign.example")
    one = console.api(f"refusals/{listed['id']}").json
    dialogue = one.pop("dialogue")
    assert one == listed
    lines = dialogue["lines"]
    assert not dialogue["is_cut"] and dialogue["began_at"].endswith("Z") and dialogue["began_at"] <= listed["at"]
    assert lines[0]["by"] == "server" and lines[0]["text"].startswith("220 ")
    assert {"by": "client", "text": None, "octets": 23} in [
        {k: v for k, v in each.items() if k != "at"} for each in lines
    ]
    assert [(each["by"], each["text"]) for each in lines[-2:]] == [
        ("client", "rcpt TO:<one@foreign.example>"),
        ("server", "550 5.7.1 Recipient domain is not in the list of acceptable domains"),
    ]
    assert [each["at"] for each in lines] == sorted(each["at"] for each in lines)
    assert set(lines[0]) == {"at", "by", "text", "octets"}


def test_a_refused_connection_has_one_line(console: Console, wait_for: Callable[..., Any]) -> None:
    name = console.add_composition(max_sessions=1)
    with smtplib.SMTP(*console.place(name), timeout=10):
        second = smtplib.SMTP(timeout=10)
        assert second.connect(*console.place(name))[0] == 421
        second.close()
    path = f"refusals?composition={name}&gate=sessions"
    wait_for(lambda: console.api(path).json["refusals"])
    one = console.api(f"refusals/{console.api(path).json['refusals'][0]['id']}").json
    assert one["dialogue"]["lines"] == [
        {"at": 0.0, "by": "server", "text": "421 4.7.0 Too many sessions, try again later", "octets": None}
    ]


def test_a_refusal_that_is_not_there(console: Console) -> None:
    answer = console.api(f"refusals/{10**30}")
    assert answer.status_code == 404 and answer.json["errors"][0]["field"] == "id"
