"""Mails by CMC's send API over real HTTP, asked for as the public clients do; what comes into mail.db counts."""

import email
import email.policy
import itertools
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
import requests

from cmcdesk.console.cmc.calls import CmcRefused
from cmcdesk.console.cmc.emails import MOST_AT_ONCE, OpenCalls, find_source
from cmcdesk.store.desk.api_users import change_api_user, create_api_user, remove_api_user
from cmcdesk.store.desk.database import transaction

from ..conftest import Console
from .public_clients import CLIENTS, Asked, Client, Refused

KEY = "abcd1234"
NUMBERS = itertools.count(1)
HTML, FILE = "<p>本文</p>", ("写真.png", bytes(range(256)) * 40, "image/png")


@dataclass
class Site:
    """One composition, and an API user who may send there."""

    console: Console
    name: str
    user: str

    @property
    def host(self) -> str:
        return f"{self.name}.smtps.jp"

    def ask(self, **given: Any) -> Asked:
        least = {"to": [("受信者", "b@dest.example")], "sender": ("店", "a@shop.example")}
        return Asked(self.user, KEY, **least | given)

    def call(self, action: str = "send", host: str = "", language: str = "en", **given: Any) -> Any:
        """One call in plain JSON; its answer."""
        least = {"api_user": self.user, "api_key": KEY, "to": "b@dest.example", "from": "a@shop.example"}
        headers = {"Host": host or self.host, "Accept-Language": language}
        body = {name: value for name, value in (least | {"subject": "s", "text": "t"} | given).items() if value != ""}
        return requests.post(f"{self.console.base}/api/v2/emails/{action}.json", json=body, headers=headers, timeout=60)

    def list_mails(self, count: int) -> list[dict[str, Any]]:
        """So many as have come, oldest first."""
        query = f"mails?composition={self.name}&after=0&limit=100&wait=20&count={count}"
        return list(self.console.api(query).json["mails"])

    def read(self, mail_id: int) -> EmailMessage:
        octets = self.console.api(f"mails/{mail_id}/raw").data
        message = email.message_from_bytes(octets, policy=email.policy.default)
        assert isinstance(message, EmailMessage) and not message.defects
        return message

    def apply(self, **settings: Any) -> None:
        self.console.change(self.name, settings)
        assert self.console.api(f"compositions/{self.name}/apply", "POST").status_code == 200


@pytest.fixture
def site(console: Console) -> Site:
    name = console.add_composition(apply=False)
    site = Site(console, name, f"app{next(NUMBERS)}@example.com")
    with transaction(console.desk._services.engine) as session:
        create_api_user(session, site.user, 1.0, KEY, smtp=True)
    site.apply(relay={"interval_ms": 10})
    return site


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS.keys())
def test_each_public_client_sends(site: Site, client: Client) -> None:
    has_files = client is not CLIENTS["laravel"]
    full = site.ask(
        html=HTML,
        cc=["c@dest.example"],
        bcc=["d@dest.example"],
        reply_to=("返信", "r@shop.example"),
        headers={"X-Api-Data": "注文-7"},
    )
    asked = [site.ask(), full, site.ask(html=HTML, reply_to=("返信", "r@shop.example"), files=[FILE, FILE])]
    ids = [client(site.console.base, site.host, each) for each in asked[: 3 if has_files else 2]]
    rows = site.list_mails(len(ids))
    assert [row["message_id"] for row in rows] == ids and all(each.endswith(f"@mta01.{site.host}>") for each in ids)
    plain, rich, *filed = [site.read(row["id"]) for row in rows]
    assert (plain["From"], plain["To"], plain["Subject"]) == (
        "店 <a@shop.example>", "受信者 <b@dest.example>", "件名 subject",
    )  # fmt: skip
    assert plain.get_content() == "本文\r\nline 2\r\n" and rows[0]["sender"] == "a@shop.example"
    assert [part.get_content_type() for part in rich.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    # Ruby drops headers that are set; it, Java and Laravel know no cc
    assert rich["X-Api-Data"] in ("注文-7", None) and (client is not CLIENTS["php"] or rich["X-Api-Data"])
    known = ["b@dest.example", "c@dest.example", "d@dest.example"]
    assert [each["address"] for each in rows[1]["recipients"]] == known[: 3 if rich["Cc"] else 1]
    assert rich["Bcc"] is None and (rich["Cc"] or client not in (CLIENTS["php"], CLIENTS["npm"]))
    for message in filed:
        files = [part for part in message.walk() if part.get_filename()]
        assert [(part.get_filename(), part.get_payload(decode=True)) for part in files] == [FILE[:2]] * 2
        assert message["Reply-To"] in ("返信 <r@shop.example>", "r@shop.example")
    queued = site.console.api(f"outbound?composition={site.name}&wait=20&count={len(ids)}").json["outbound"]
    assert {row["api_user"] for row in queued} == {site.user}


@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS.keys())
def test_each_public_client_understands_a_refusal(site: Site, client: Client) -> None:
    asked = site.ask()
    asked.api_key = "wrong-key-1"
    with pytest.raises(Refused) as refused:
        client(site.console.base, site.host, asked)
    assert client is CLIENTS["npm"] or "api_user or api_key is wrong" in str(refused.value)


def test_who_may_not_send_is_told_why(site: Site) -> None:
    engine = site.console.desk._services.engine

    def refuse(status: int, language: str = "en", **given: Any) -> str:
        answer = site.call(language=language, **given)
        [error] = answer.json()["errors"]
        assert (answer.status_code, answer.headers["Content-Language"]) == (status, language)
        return f"{error['code']} {error['message']}"

    assert refuse(401, api_user="nobody@example.com").startswith("90-001")
    assert refuse(401, api_key="鍵" * 8).startswith("90-001")
    with transaction(engine) as session:
        create_api_user(session, f"new-{site.user}", 1.0, KEY)
    assert "no SMTP ticked" in refuse(403, api_user=f"new-{site.user}")
    with transaction(engine) as session:
        change_api_user(session, f"new-{site.user}", smtp=True)
    assert "反映" in refuse(403, "ja", api_user=f"new-{site.user}")
    site.apply()
    assert site.call(api_user=f"new-{site.user}").status_code == 200
    with transaction(engine) as session:  # as with SMTP: until it is reflected all stays as it was
        remove_api_user(session, f"new-{site.user}")
    assert site.call(api_user=f"new-{site.user}").status_code == 200
    site.apply(relay={"networks": ["127.0.0.9"], "access": "network_and_auth"})
    assert "554 5.7.1" in refuse(400)


def test_what_the_relay_refuses_is_an_error_of_the_api(site: Site, wait_for: Callable[..., Any]) -> None:
    site.apply(relay={"size_kb": 1})
    answer = site.call(text="x" * 3000)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (413, "90-015") and "552 5.3.4" in error["message"]
    refusals = f"refusals?composition={site.name}&gate=size"
    [refused] = wait_for(lambda: site.console.api(refusals).json["refusals"])
    assert refused["server"] == "relay"
    answer = site.call(
        "bulk", to=["b@dest.example", {"address": "c@dest.example", "long": "x" * 3000}], text="((#long#))"
    )
    assert "(mails taken before: 1)" in answer.json()["errors"][0]["message"]


def test_bulk_merges_and_gives_each_recipient_a_mail(site: Site) -> None:
    to = [{"address": f"u{at}@dest.example", "name": f"名前{at}", "code": at} for at in range(60)]
    texts = {"subject": "((#name#)) 様", "text": "((#code#)) ((#none#))", "html": "<p>((#address#))</p>"}
    answer = site.call("bulk", to=to, **texts)
    assert answer.status_code == 200, answer.text
    rows = site.list_mails(60)
    told = {row["recipients"][0]["address"]: row for row in rows}
    assert len(told) == len({row["message_id"] for row in rows}) == 60
    number = answer.json()["id"].partition("@")[0]
    assert told["u0@dest.example"]["message_id"] == answer.json()["id"]
    assert told["u7@dest.example"]["message_id"] == f"{number}.8@mta01.{site.host}>"
    message = site.read(told["u7@dest.example"]["id"])
    assert (message["Subject"], message["To"]) == ("名前7 様", "名前7 <u7@dest.example>")
    text, html = [part.get_content() for part in message.walk() if not part.is_multipart()]
    assert (text, html) == ("7 ((#none#))\r\n", "<p>u7@dest.example</p>\r\n")


def test_the_host_name_says_which_composition(site: Site) -> None:
    port = site.console.base.rpartition(":")[2]
    for host, named, status in (
        (f"{site.name.upper()}.SMTPS.JP:{port}", "", 200),
        (site.host, site.name, 200),
        (site.host, "other", 400),
        ("nobody.smtps.jp", "", 404),
        (f"127.0.0.1:{port}", site.name, 200),
        ("localhost", site.name, 200),
        ("localhost", "", 400),
        ("localhost", "nobody", 400),
    ):
        answer = site.call(host=host, server_composition=named)
        assert answer.status_code == status, (host, named, answer.text)
    for path in ("v1/emails/send.json", "v2/emails/send"):  # version 1, and a path without a format
        asked = {"api_user": site.user, "api_key": KEY, "to": "b@dest.example", "from": "a@shop.example"}
        form = asked | {"subject": "s", "text": "t", "server_composition": site.name}
        assert requests.post(f"{site.console.base}/api/{path}", data=form, timeout=30).json()["id"]


def test_only_post_and_only_json_are_answered(site: Site) -> None:
    answer = requests.get(f"{site.console.base}/api/v2/emails/send.json", timeout=30)
    assert (answer.status_code, answer.headers["Allow"], answer.json()["errors"][0]["code"]) == (405, "POST", "90-009")
    answer = requests.post(f"{site.console.base}/api/v2/emails/send.yaml", json={}, timeout=30)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "90-007")


def test_ten_calls_of_one_user_are_answered_at_a_time() -> None:
    calls = OpenCalls()
    with ExitStack() as opened:
        for _ in range(MOST_AT_ONCE):
            opened.enter_context(calls.take("a"))
        opened.enter_context(calls.take("b"))
        with pytest.raises(CmcRefused) as refused:
            opened.enter_context(calls.take("a"))
        assert refused.value.status == 429
    assert not calls.counts
    with calls.take("a"):
        pass


@pytest.mark.parametrize(
    ("peer", "source"), [("127.0.0.7", "127.0.0.7"), ("192.0.2.1", ""), ("::1", ""), (None, ""), ("x", "")]
)
def test_the_relay_sees_the_caller_where_it_is_this_machines(peer: str | None, source: str) -> None:
    assert find_source(peer) == source
