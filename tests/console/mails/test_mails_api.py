"""Mails and refusals over the API."""

import smtplib
import threading
from collections.abc import Callable
from typing import Any

import pytest

from cmcdesk.processes.paths import mail_db, search_db
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.search.search_index import SearchIndex

from ..conftest import AddMail, Console

JAPANESE = "Subject: =?UTF-8?B?44GK5ZWP44GE5ZCI44KP44Gb?=\r\nFrom: 山田 <y@sender.example>\r\n\r\n本文\r\n".encode()


def test_one_mail_with_what_was_read_from_it(console: Console, add_mail: AddMail) -> None:
    mail = console.api(f"mails/{add_mail(JAPANESE)}").json
    assert mail["subject"] == "お問い合わせ" and mail["sender"] == "a@sender.example"
    assert mail["recipients"] == [{"address": "info@test.example", "route": "inbound"}]
    assert mail["received_at"].endswith("Z") and mail["size"] == len(JAPANESE)
    assert mail["message"]["text"].strip() == "本文" and mail["message"]["from"] == ["y@sender.example"]


def test_the_raw_octets_are_what_data_carried(console: Console, add_mail: AddMail) -> None:
    octets = b"Subject: x\r\n\r\n.leading dot\r\nlast\r\n"
    answer = console.api(f"mails/{add_mail(octets)}/raw")
    assert answer.data == octets and answer.mimetype == "message/rfc822"


def test_pages_follow_by_id_both_ways(console: Console, add_mail: AddMail) -> None:
    ids = [add_mail() for _ in range(3)]
    first = console.api("mails?limit=2").json
    assert [mail["id"] for mail in first["mails"]] == ids[:0:-1] and first["next"] == ids[1]
    assert console.api(f"mails?limit=1&before={first['next']}").json["mails"][0]["id"] == ids[0]
    assert [mail["id"] for mail in console.api(f"mails?after={ids[0]}").json["mails"]] == ids[1:]


def test_search_narrows(console: Console, add_mail: AddMail) -> None:
    name = console.add_composition()
    mail_id = add_mail(b"Subject: needle 100% _x\r\n\r\n\r\n", name)
    assert [mail["id"] for mail in console.api("mails?search=100%25 _").json["mails"]] == [mail_id]
    assert console.api("mails?search=100%25 y").json["mails"] == []
    assert console.api(f"mails?composition={name}&route=bounce").json["mails"] == []


def test_search_in_the_text_or_everywhere(console: Console, add_mail: AddMail, wait_for: Callable[..., object]) -> None:
    head = b"Subject: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    in_text = add_mail(head % b"plain" + "見積もりは zebra-4711 まで\r\n".encode())
    in_subject = add_mail(head % b"zebra-4711" + b"nothing\r\n")

    def search(query: str) -> list[int]:
        return [mail["id"] for mail in console.api(f"mails?{query}").json["mails"]]

    def check() -> None:
        assert search("search=zebra-4711") == search("search=zebra-4711&search_in=fields") == [in_subject]
        assert search("search=zebra-4711&search_in=text") == [in_text]
        assert search("search=zebra-4711&search_in=all") == [in_subject, in_text]
        assert in_text in search("search=見積&search_in=text")
        assert search("search=zebra-4711&search_in=text&route=bounce") == []

    check()  # at once, before the worker has come to them
    wait_for(lambda: is_indexed(console, in_subject))
    check()
    assert console.api(f"mails/{in_text}", "DELETE").status_code == 200
    assert search("search=zebra-4711&search_in=text") == []


def test_pages_of_a_search_follow_to_the_end(console: Console, add_mail: AddMail) -> None:
    ids = [add_mail(b"Subject: paged-0815\r\n\r\n") for _ in range(3)]
    found, query = [], "mails?search=paged-0815&limit=1"
    page = console.api(query).json
    while page["next"] is not None:
        found += [mail["id"] for mail in page["mails"]]
        page = console.api(f"{query}&before={page['next']}").json
    assert found + [mail["id"] for mail in page["mails"]] == ids[::-1]
    assert console.api(f"mails?search=paged-0815&search_in=all&after={ids[0]}").json["mails"][0]["id"] == ids[1]
    assert console.api(f"mails?search=paged-0815&search_in=text&after={ids[0]}").json["mails"] == []
    upwards = console.api(f"mails?search=paged-0815&after={ids[0]}&before={ids[2]}").json
    assert [mail["id"] for mail in upwards["mails"]] == [ids[1]] and upwards["next"] is None
    assert console.api(f"mails?search=paged-0815&before={10**30}").json["mails"][0]["id"] == ids[2]


def is_indexed(console: Console, mail_id: int) -> bool:
    """Whether the worker has indexed this mail."""
    folder = console.desk._services.folder
    with MailLog(mail_db(folder)) as log, SearchIndex(search_db(folder), log.log_id) as index:
        return index.indexed_up_to()[0] >= mail_id


def test_the_long_poll_answers_when_a_mail_comes(console: Console, add_mail: AddMail) -> None:
    after = add_mail()
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(console.api(f"mails/wait?after={after}&timeout=20").json))
    waiting.start()
    mail_id = add_mail()
    waiting.join(20)
    assert [mail["id"] for mail in answers[0]["mails"]] == [mail_id]


def test_the_long_poll_ends_with_its_time(console: Console, add_mail: AddMail) -> None:
    after = add_mail()
    assert console.api(f"mails/wait?after={after}&timeout=0.1").json == {"mails": [], "next": None}


@pytest.mark.parametrize(
    "query", ["limit=0", "search_in=nowhere", "limit=x", "route=sideways", "before=x", "colour=red"]
)
def test_a_wrong_query_is_told(console: Console, query: str) -> None:
    answer = console.api(f"mails?{query}")
    assert answer.status_code == 422 and answer.json["errors"][0]["field"] == query.partition("=")[0]


def test_a_deleted_mail_is_gone(console: Console, add_mail: AddMail) -> None:
    mail_id = add_mail()
    assert console.api(f"mails/{mail_id}", "DELETE").json == {"purged": 1}
    for path in (f"mails/{mail_id}", f"mails/{mail_id}/raw"):
        answer = console.api(path)
        assert answer.status_code == 404 and answer.json["errors"][0]["given"] == str(mail_id)


def test_refusals_name_gate_and_reply(console: Console, wait_for: Callable[..., object]) -> None:
    name = console.add_composition()
    with smtplib.SMTP(*console.place(name), timeout=10) as smtp, pytest.raises(smtplib.SMTPRecipientsRefused):
        smtp.sendmail("a@sender.example", ["x@foreign.example"], b"Subject: x\r\n\r\n")
    path = f"refusals?composition={name}&gate=domain"
    wait_for(lambda: console.api(path).json["refusals"])
    refusal = console.api(path).json["refusals"][0]
    assert (refusal["code"], refusal["enhanced_status"], refusal["recipient"]) == (550, "5.7.1", "x@foreign.example")
    assert refusal["count"] == 1 and refusal["at"].endswith("Z")
    assert console.api(f"refusals?composition={name}&gate=size").json == {"refusals": [], "next": None}


def test_the_list_narrows_by_recipient_subject_and_message_id(console: Console, add_mail: AddMail) -> None:
    add_mail(b"Subject: =?utf-8?b?5rOo5paH?= A-7\r\nMessage-ID: <seven@x.example>\r\n\r\ntext\r\n")

    def subjects(query: str) -> list[str]:
        return [each["message_id"] for each in console.api(f"mails?{query}").json["mails"]]

    for query in (
        "message_id=seven@x.example",
        "message_id=<seven@x.example>",
        "subject=注文 a-7",
        "subject=a-7&search=seven",
    ):
        assert subjects(query) == ["<seven@x.example>"], query
    assert "<seven@x.example>" in subjects("recipient=INFO@test.example")
    for query in (
        "message_id=seven@x",
        "subject=A-8",
        "recipient=nfo@test.example",
        "recipient=x&message_id=seven@x.example",
    ):
        assert subjects(query) == [], query


def test_a_mail_is_waited_for_by_what_it_says(console: Console, add_mail: AddMail) -> None:
    found: list[str] = []

    def wait() -> None:
        answer = console.api("mails?subject=waited-for&wait=30").json["mails"]
        found.extend(each["subject"] for each in answer)

    waiting = threading.Thread(target=wait)
    waiting.start()
    add_mail(b"Subject: other\r\n\r\n")
    add_mail(b"Subject: waited-for\r\n\r\n")
    waiting.join(30)
    assert found == ["waited-for"]


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
