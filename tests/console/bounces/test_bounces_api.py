"""Bounces over the API: waited for, and narrowed."""

import threading
from typing import Any

import pytest

from ..conftest import Console
from .test_bounces_page import NOTICE


@pytest.fixture
def bounced(console: Console) -> str:
    """Who failed; the bounce mail is received, and perhaps not read yet."""
    address = f"Gone{id(console)}@dest.example"
    console.send(console.add_composition(), NOTICE.format(address).encode(), sender="", to="shop@back.example")
    return address


def find(console: Console, query: str) -> list[dict[str, Any]]:
    answer = console.api(f"bounces?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["bounces"]
    return found


def test_a_bounce_is_there_when_the_wait_is_over(console: Console, bounced: str) -> None:
    [bounce] = find(console, f"recipient={bounced.lower()}&wait=20")
    assert (bounce["recipient"], bounce["error_status"], bounce["status"], bounce["final"]) == (
        bounced, 2, "5.1.1", True,
    )  # fmt: skip
    assert (bounce["subject"], bounce["message_id"].strip("<>")) == ("=SUM(A1)", "m1@customer.example")
    assert console.api(f"mails/{bounce['mail_id']}").status_code == 200


def test_the_list_narrows(console: Console, bounced: str) -> None:
    mine = f"recipient={bounced}"
    [bounce] = find(console, f"{mine}&wait=20")
    for query in (
        "message_id=m1@customer.example",
        "message_id=<m1@customer.example>",
        "subject=sum(a1",
        "error_status=2",
        f"mail_id={bounce['mail_id']}",
        f"after={bounce['id'] - 1}",
        "final=all",
    ):
        assert [one["id"] for one in find(console, f"{mine}&{query}")] == [bounce["id"]], query
    for query in ("message_id=other", "subject=other", "error_status=3", "mail_id=0", "final=no", "composition=none"):
        assert find(console, f"{mine}&{query}") == [], query
    assert find(console, f"recipient={bounced[1:]}") == []  # the whole address


def test_a_wait_for_what_never_comes_ends_and_bad_ones_are_refused(console: Console) -> None:
    assert find(console, "recipient=never-sent@dest.example&wait=0.2") == []
    for query in ("wait=61", "wait=-1", "count=0", "final=perhaps", "wat=1"):
        assert console.api(f"bounces?{query}").status_code == 422, query


def test_a_wait_begun_before_the_mail_sees_it(console: Console) -> None:
    address, found = f"later{id(console)}@dest.example", []
    waiting = threading.Thread(target=lambda: found.extend(find(console, f"recipient={address}&wait=30")))
    waiting.start()
    console.send(console.add_composition(), NOTICE.format(address).encode(), sender="", to="shop@back.example")
    waiting.join(30)
    assert [one["recipient"] for one in found] == [address]
