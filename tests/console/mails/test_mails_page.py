"""メール and 受信拒否: lists that stay instant and tell what is new."""

import csv
import io
import re
import smtplib
from collections.abc import Callable
from typing import Any

import pytest

from cmcdesk.console.mails import mails_page
from cmcdesk.rules.gates import GATES
from cmcdesk.rules.texts import tell

from ..conftest import AddMail, Console


def test_the_newest_come_first_and_new_ones_are_marked(console: Console, add_mail: AddMail) -> None:
    ids = [add_mail() for _ in range(3)]
    rows = console.get(f"/mails?seen={ids[0]}", HX_Request="true").text
    assert "<html" not in rows and rows.index(f'data-mail="{ids[2]}"') < rows.index(f'data-mail="{ids[1]}"')
    assert f'data-mail="{ids[1]}" class="arrived"' in rows and f'data-mail="{ids[0]}" class' not in rows
    assert f'name="seen" value="{ids[2]}"' in rows


def test_pages_follow_by_id(console: Console, add_mail: AddMail) -> None:
    ids = [add_mail() for _ in range(2)]
    page = console.get(f"/mails?before={ids[1]}").text
    assert f'data-mail="{ids[0]}"' in page and f'data-mail="{ids[1]}"' not in page
    assert 'hx-trigger="cmc:mails' not in page, "only the first page is live"


def test_search_and_the_way_back(console: Console, add_mail: AddMail) -> None:
    add_mail("Subject: 見積もり依頼\r\n\r\n".encode())
    assert "見積もり依頼" in console.get("/mails?search=見積もり").text
    empty = console.get("/mails?search=nothing-like-this").text
    assert "No mail matches." in empty and 'value="nothing-like-this"' in empty


def test_a_search_in_the_text_says_up_to_when_it_is_indexed(
    console: Console, add_mail: AddMail, wait_for: Callable[..., object]
) -> None:
    mail_id = add_mail("Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n稀少語彙\r\n".encode())
    path = "/mails?search=稀少語彙&search_in=text"
    assert f'data-mail="{mail_id}"' in console.get(path).text and "稀少語彙" not in console.get("/mails").text
    wait_for(lambda: "Indexed up to 20" in console.get(path).text)
    page = console.get(path + "&composition=").text
    assert '<option value="text" selected' in page and "search_in=text" in page
    assert "稀少語彙".encode() in console.get("/mails/export.mbox?search=稀少語彙&search_in=text").data
    assert "索引済み" in console.get(path, Accept_Language="ja").text


def test_a_search_that_ended_early_offers_to_go_on(
    console: Console, add_mail: AddMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = add_mail(b"Subject: early\r\n\r\nqq\r\n"), add_mail()
    monkeypatch.setattr("cmcdesk.store.search.mail_search.SCAN_SECONDS", 0.0)
    monkeypatch.setattr("cmcdesk.store.search.mail_search.READ_AT_ONCE", 1)
    page = console.get("/mails?search=qq&search_in=text").text
    assert "No match among the mails looked through so far." in page and f"before={second}" in page
    assert f'data-mail="{first}"' in console.get(f"/mails?search=qq&search_in=text&before={second}").text


@pytest.mark.parametrize(
    "query",
    [
        "search_in=sideways",
        "search=xyz&search_in=all",
        'search="(*&search_in=text',
        "before=x",
        "kind=sideways",
        "composition=<b>",
        "search=%",
        "seen=-1",
        "search=" + "x" * 999,
    ],
)
def test_what_is_typed_into_an_address_never_breaks(console: Console, query: str) -> None:
    assert console.get(f"/mails?{query}").status_code == console.get(f"/refusals?{query}").status_code == 200


def test_a_strangers_text_is_text(console: Console, add_mail: AddMail) -> None:
    add_mail(b"Subject: <script>alert(1)</script>\r\n\r\n")
    page = console.get("/mails").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_refusals_show_gate_reply_and_who(
    console: Console, composition: Callable[[Console], str], wait_for: Callable[..., object]
) -> None:
    name = composition(console)
    with smtplib.SMTP(*console.place(name), timeout=10) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused):
        smtp.sendmail("who@sender.example", ["x@elsewhere.example"], b"Subject: x\r\n\r\n")
    wait_for(lambda: "x@elsewhere.example" in console.get(f"/refusals?composition={name}&kind=domain").text)
    row = " ".join(console.get(f"/refusals?composition={name}", HX_Request="true").text.split())
    assert "550 5.7.1" in row and "who@sender.example" in row and "127.0.0.1" in row
    assert "Nothing was refused." in console.get("/refusals?kind=size&composition=nothing").text


def test_chosen_refusals_are_written_out_with_what_was_said(
    console: Console, composition: Callable[[Console], str], wait_for: Callable[..., object]
) -> None:
    name = composition(console)
    for recipient in ("=1@elsewhere.example", "2@elsewhere.example", "3@elsewhere.example"):
        with smtplib.SMTP(*console.place(name), timeout=10) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail("who@sender.example", [recipient], b"Subject: x\r\n\r\n")
    path = f"refusals?composition={name}"
    wait_for(lambda: '"3@elsewhere.example"' in console.api(path).text)
    ids = [refusal["id"] for refusal in console.api(path).json["refusals"][:3]]
    page = console.get(f"/refusals?composition={name}").text
    assert all(f'name="refusal" value="{number}"' in page for number in ids)
    answer = console.post("/refusals/chosen", {"refusal": [str(ids[0]), str(ids[2]), "x", str(10**30)]})
    assert re.search(r"filename=refusals-all-\d{8}-\d{4}\.csv", answer.headers["Content-Disposition"])
    heads, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    told = [dict(zip(heads, row, strict=True)) for row in rows]
    assert sorted(row["Recipient"] for row in told) == ["'=1@elsewhere.example", "3@elsewhere.example"]
    assert all(row["Reply"].startswith("550 5.7.1 ") and row["Gate"] == "Domain" for row in told)
    assert all("C: rcpt TO:<" in row["SMTP dialogue of the session"] for row in told)


def test_deleting_one_and_all(console: Console, add_mail: AddMail) -> None:
    mail_id = add_mail()
    assert console.post(f"/mails/{mail_id}/delete").location == "/mails"
    assert console.get(f"/mails/{mail_id}").status_code == 404
    add_mail()
    assert console.post("/mails/clear", {"word": "no"}).status_code == 400
    assert 'data-word="delete"' in console.get("/mails/clear", HX_Request="true").text
    assert console.post("/mails/clear", {"word": "delete"}).headers["HX-Redirect"] == "/mails"
    assert "No mail has been received yet." in console.get("/mails").text


@pytest.mark.parametrize(("language", "names"), [("ja", "ja"), ("en", "en")])
def test_the_gates_that_are_recorded_are_offered_and_no_others(console: Console, language: str, names: str) -> None:
    page = console.get("/refusals", Accept_Language=language).text
    offered = re.findall(r'<option value="([a-z]+)">([^<]+)</option>', page.partition('name="kind"')[2])
    assert offered == [(gate, tell(name)[names]) for gate, name in GATES.items()]


def test_the_api_refuses_a_gate_that_is_never_recorded(console: Console) -> None:
    assert console.api("refusals?gate=size").status_code == 200
    assert console.api("refusals?gate=sender").status_code == 422


@pytest.mark.parametrize(
    ("path", "led"),
    [
        ("/refusals?composition=none", ['href="/refusals"', 'href="/simulator?preset=domain"']),
        ("/api-settings/webhook/log?composition=none", ['href="/api-settings/webhook/log"', "/webhook/inbound?"]),
    ],
)
def test_an_empty_list_leads_on(console: Console, path: str, led: list[str]) -> None:
    empty = console.get(path, HX_Request="true").text
    assert all(link in empty for link in led)


def test_a_search_says_how_many_match(console: Console, add_mail: AddMail, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        add_mail(b"Subject: counted-thrice\r\n\r\n")
    assert ">3 rows<" in console.get("/mails?search=counted-thrice").text
    assert ">3 件<" in console.get("/mails?search=counted-thrice", Accept_Language="ja").text
    monkeypatch.setattr(mails_page, "COUNTED", 2)
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
    monkeypatch.setattr(mails_page, "COUNTED", 1)
    assert ">At least one<" in console.get(f"/refusals?composition={name}").text


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
    page = " ".join(console.get("/refusals").text.split())
    assert f'href="/refusals/{refusal_id}">550 5.7.1' in page


def test_a_refusal_that_is_not_there(console: Console) -> None:
    assert console.get(f"/refusals/{10**30}").status_code == console.get("/refusals/0").status_code == 404


def test_relayed_mails_and_refusals_of_the_relay_are_told_as_such(console: Console) -> None:
    name = console.add_composition(apply=False)
    console.change(name, {"relay": {"interval_ms": 10, "networks": ["127.0.0.9"]}})
    assert console.api(f"compositions/{name}/apply", "POST").status_code == 200
    with smtplib.SMTP(*console.relay(name), timeout=10, source_address=("127.0.0.9", 0)) as smtp:
        smtp.sendmail("a@shop.example", ["b@dest.example"], "Subject: of the relay\r\n\r\nx\r\n")
    with smtplib.SMTP(*console.relay(name), timeout=10) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused):
        smtp.sendmail("a@shop.example", ["b@dest.example"], "x")
    [mail] = console.api(f"mails/wait?composition={name}&timeout=10").json["mails"]
    assert mail["recipients"] == [{"address": "b@dest.example", "route": "relay"}]
    for kind, is_there in (("relay", True), ("inbound", False), ("", True)):
        assert ("of the relay" in console.get(f"/mails?composition={name}&kind={kind}").text) == is_there, kind
    assert [one["id"] for one in console.api(f"mails?composition={name}&route=relay").json["mails"]] == [mail["id"]]
    page = console.get(f"/mails/{mail['id']}?part=filters").text
    assert '<span class="tag">Relay</span>' in page and "given to the relay server" in page
    [refused] = console.api(f"refusals?composition={name}&gate=relay").json["refusals"]
    assert (refused["server"], refused["code"], refused["recipient"]) == ("relay", 554, "b@dest.example")
    for path in (f"/refusals?composition={name}&kind=relay", f"/refusals/{refused['id']}"):
        assert re.search(r'<span\s+class="tag">Relay</span>', console.get(path).text), path
