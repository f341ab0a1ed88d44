"""How many rows a list has, and that counting has an end."""

import smtplib
from collections.abc import Callable

import pytest

from cmcdesk.console.mails import hits

from ..conftest import AddMail, Console


def test_a_search_says_how_many_match(console: Console, add_mail: AddMail, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        add_mail(b"Subject: counted-thrice\r\n\r\n")
    assert ">3 rows<" in console.get("/mails?search=counted-thrice").text
    assert ">3 件<" in console.get("/mails?search=counted-thrice", Accept_Language="ja").text
    monkeypatch.setattr(hits, "COUNTED", 2)
    assert ">At least 2<" in console.get("/mails?search=counted-thrice").text
    assert ">2 件以上<" in console.get("/mails?search=counted-thrice", Accept_Language="ja").text


def test_refusals_are_counted_too(
    console: Console, monkeypatch: pytest.MonkeyPatch, wait_for: Callable[..., object]
) -> None:
    name = console.add_composition()
    with smtplib.SMTP(*console.place(name), timeout=10) as smtp:
        smtp.ehlo()
        assert smtp.mail("a@sender.example", ["SIZE=999999999"])[0] == 552
        smtp.mail("a@sender.example")
        assert smtp.rcpt("x@foreign.example")[0] == 550
    wait_for(lambda: len(console.api(f"refusals?composition={name}").json["refusals"]) == 2)
    assert ">2 rows<" in console.get(f"/refusals?composition={name}").text
    monkeypatch.setattr(hits, "COUNTED", 1)
    assert ">At least one<" in console.get(f"/refusals?composition={name}").text
