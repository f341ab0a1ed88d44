"""One refusal: who, when, which reply, and what was said."""

import smtplib
from collections.abc import Callable
from typing import Any

import pytest

from ..conftest import Console


@pytest.fixture
def refusal_id(console: Console, composition: Callable[[Console], str], wait_for: Callable[..., Any]) -> int:
    """A refusal after credentials that nobody asked for, a stranger's markup, and a mail."""
    name = composition(console)
    with smtplib.SMTP(*console.place(name), timeout=10) as smtp:
        smtp.docmd("<script>alert(1)</script>")
        smtp.docmd("AUTH PLAIN", "c2VjcmV0")
        smtp.sendmail("a@sender.example", ["info@test.example"], b"Subject: taken\r\n\r\n" + b"x" * 2000 + b"\r\n")
        smtp.mail("who@sender.example")
        assert smtp.rcpt("page@foreign.example")[0] == 550

    def find() -> int | None:
        listed = console.api(f"refusals?composition={name}&gate=domain").json["refusals"]
        return next((each["id"] for each in listed if each["recipient"] == "page@foreign.example"), None)

    found: int = wait_for(find)
    return found


def test_the_page_shows_who_and_what_was_said(console: Console, refusal_id: int) -> None:
    page = console.get(f"/refusals/{refusal_id}").text
    assert "who@sender.example" in page and "page@foreign.example" in page and "127.0.0.1" in page
    assert page.index("AUTH PLAIN ***") < page.index("… 2,020 octets …") < page.index("rcpt TO:&lt;page@foreign")
    assert "c2VjcmV0" not in page and "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    assert '<li class="server refused">' in page and 'tabindex="0"' in page
    assert "… 2,020 バイト …" in console.get(f"/refusals/{refusal_id}", Accept_Language="ja").text


def test_the_list_leads_to_it(console: Console, refusal_id: int) -> None:
    assert f'href="/refusals/{refusal_id}">550 5.7.1' in console.get("/refusals").text


def test_a_refusal_that_is_not_there(console: Console) -> None:
    assert console.get(f"/refusals/{10**30}").status_code == console.get("/refusals/0").status_code == 404
