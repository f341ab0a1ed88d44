"""One mail, from all sides, and nothing in it can act."""

import gc
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from cmcdesk.console.mails import mail_page
from cmcdesk.mail.mime.structure import MimePart
from cmcdesk.mailserver.tally import DIALOGUES_PER_SECOND

from ..conftest import AddMail, Console

HTML = (
    b"Subject: html\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p onclick='x()'>hello</p><script>parent.x()</script><img src='https://evil.example/p.png'>\r\n"
)
ATTACHED = (
    b'Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nbody\r\n--b\r\n'
    b"Content-Type: text/html; name*=UTF-8''%E8%A6%8B%E7%A9%8D.html\r\nContent-Disposition: attachment\r\n\r\n"
    b"<script>x</script>\r\n--b--\r\n"
)


@pytest.mark.parametrize("part", ["text", "headers", "parts", "raw", "dialogue", "", "sideways"])
def test_every_side_shows(console: Console, add_mail: AddMail, part: str) -> None:
    page = console.get(f"/mails/{add_mail(ATTACHED)}?part={part}").text
    assert "見積.html" in page and "a@sender.example" in page


def test_html_is_served_for_a_sandbox_alone(console: Console, add_mail: AddMail) -> None:
    mail_id = add_mail(HTML)
    page = console.get(f"/mails/{mail_id}").text
    assert f'<iframe class="message-frame" sandbox src="/mails/{mail_id}/html"' in page, "the part it has, opened first"
    answer = console.get(f"/mails/{mail_id}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy.split("; ") and "script-src" not in policy
    assert "img-src data:" in policy and "frame-ancestors 'self'" in policy
    assert console.get(f"/mails/{add_mail()}/html").status_code == 404


def test_attachments_come_as_files_with_their_names(console: Console, add_mail: AddMail) -> None:
    mail_id = add_mail(ATTACHED)
    answer = console.get(f"/mails/{mail_id}/attachments/1")
    assert answer.data.strip() == b"<script>x</script>" and answer.mimetype == "application/octet-stream"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert unquote(answer.headers["Content-Disposition"]).endswith("UTF-8''見積.html")
    assert [console.get(f"/mails/{mail_id}/attachments/{n}").status_code for n in (0, 2)] == [404, 404]


def test_the_eml_is_octet_for_octet(console: Console, add_mail: AddMail) -> None:
    answer = console.get(f"/mails/{add_mail(ATTACHED)}/raw.eml")
    assert answer.data == ATTACHED and "attachment" in answer.headers["Content-Disposition"]


def test_mbox_holds_what_was_searched_for(console: Console, add_mail: AddMail) -> None:
    for number in range(3):
        add_mail(f"Subject: boxed {number}\r\n\r\n".encode())
    box = console.get("/mails/export.mbox?search=boxed").data
    assert box.count(b"\nFrom ") == 2 and box.index(b"boxed 0") < box.index(b"boxed 2")


def test_the_mbox_of_a_search_goes_on_over_its_pages(
    console: Console, add_mail: AddMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cmcdesk.console.mails.mail_export.EXPORTED_AT_ONCE", 2)
    texts = ["stepwise-1", "other", "stepwise-2", "stepwise-3", "other", "stepwise-4"]
    for text in texts:
        add_mail(f"Subject: {text}\r\n\r\nunlike\r\n".encode())
    for where in ("fields", "all"):
        box = console.get(f"/mails/export.mbox?search=stepwise&search_in={where}").data
        found = [line for line in box.splitlines() if line.startswith(b"Subject: ")]
        assert found == [f"Subject: stepwise-{number}".encode() for number in range(1, 5)]


def test_an_unknown_mail_is_404(console: Console) -> None:
    for path in ("", "/html", "/raw.eml", "/attachments/1"):
        assert console.get(f"/mails/999999999{path}").status_code == 404


LONG = (
    b"Subject: long\r\nMIME-Version: 1.0\r\nX-Long: "
    + b"x" * 200_000
    + b'\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\n\r\n"
    + b">\r\n" * 400_000
    + b"\r\n--b\r\nContent-Type: text/html\r\n\r\n"
    + b"h" * 2_000_000
    + b"\r\n--b\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n" * 1000
    + b"--b--\r\n"
)


@pytest.mark.parametrize(
    ("language", "told", "link"),
    [
        ("en", "Cut here: only the beginning is shown.", "The whole mail (.eml)"),
        ("ja", "ここで切っています。", "メール全体（.eml）"),
    ],
)
@pytest.mark.parametrize("part", ["text", "html", "headers", "parts", "raw"])
def test_every_side_of_a_large_mail_is_cut_says_so_and_leads_to_all_of_it(
    console: Console, add_mail: AddMail, part: str, language: str, told: str, link: str
) -> None:
    mail_id = add_mail(LONG)
    page = console.get(f"/mails/{mail_id}?part={part}", accept_language=language).text
    _beginning, _, rest = page.partition(told)
    assert rest and len(page.encode()) < 5_000_000
    assert f'<a href="/mails/{mail_id}/raw.eml" download>{link}</a>' in rest
    assert page.count(told) == 2  # of this side, and of the attachments
    assert console.get(f"/mails/{mail_id}/raw.eml").data == LONG
    assert len(console.get(f"/mails/{mail_id}/html").data) <= 4_500_000


def test_a_mail_that_is_shown_whole_says_nothing_of_a_cut(console: Console, add_mail: AddMail) -> None:
    for part in ("text", "headers", "parts", "raw"):
        assert "cut-here" not in console.get(f"/mails/{add_mail(ATTACHED)}?part={part}").text


def test_a_page_leaves_nothing_large_behind_for_the_garbage_collector(console: Console, add_mail: AddMail) -> None:
    mail_id = add_mail(LONG)
    paths = [f"/mails/{mail_id}?part={part}" for part in ("text", "html", "headers", "parts", "raw")]
    paths += [f"/mails/{mail_id}/html", f"/mails/{mail_id}/attachments/9999"]
    gc.collect()
    gc.disable()
    try:
        for path in [*paths, f"/mails/{add_mail(LONG.replace(b'text/html', b'text/plain'))}/html"]:
            console.get(path)
            left = [one for one in gc.get_objects() if type(one) is MimePart and len(one.octets) > 100_000]
            assert not left, path
    finally:
        gc.enable()


def test_a_mail_leads_to_its_neighbours_of_the_same_search(console: Console, add_mail: AddMail) -> None:
    first = add_mail(b"Subject: neighbour\r\n\r\n")
    add_mail(b"Subject: between\r\n\r\n")
    second = add_mail(b"Subject: neighbour\r\n\r\n")
    page = console.get(f"/mails/{second}?search=neighbour&part=raw").text
    assert f'href="/mails/{first}?search=neighbour&amp;part=raw"' in page and 'id="newer"' not in page
    assert 'href="/mails?search=neighbour"' in page, "the way back keeps the search"
    page = console.get(f"/mails/{first}?search=neighbour").text
    assert f'id="newer" href="/mails/{second}?search=neighbour"' in page and 'id="older"' not in page


def test_what_was_said_up_to_its_250_is_shown(
    console: Console, add_mail: AddMail, wait_for: Callable[..., object]
) -> None:
    mail_id = add_mail(ATTACHED)
    wait_for(lambda: console.api(f"mails/{mail_id}").json["dialogue"])
    dialogue = console.api(f"mails/{mail_id}").json["dialogue"]
    assert [line["by"] for line in dialogue["lines"][-3:]] == ["server", "client", "server"]
    assert dialogue["lines"][-2]["octets"] == len(ATTACHED) and dialogue["lines"][-1]["text"].startswith("250 2.0.0 ")
    page = console.get(f"/mails/{mail_id}?part=dialogue").text
    assert "mail FROM:&lt;a@sender.example&gt;" in page and "250 2.0.0 Message stored" in page
    assert 'class="server refused"' not in page
    other = console.get(f"/mails/{mail_id}?part=text").text
    assert f'href="/mails/{mail_id}?part=dialogue"' in other and "Message stored" not in other


def test_a_mail_whose_dialogue_was_not_kept_says_so(
    console: Console, add_mail: AddMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_id = add_mail(ATTACHED)
    monkeypatch.setattr(mail_page, "read_mail_dialogue", lambda log, mail: None)
    assert f"up to {DIALOGUES_PER_SECOND} mails a second" in console.get(f"/mails/{mail_id}?part=dialogue").text
