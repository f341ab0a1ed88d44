"""What is waited for is found once, in full, whatever comes beside it or late."""

import smtplib
import threading
import time

import pytest

from cmcdesk.commands.running_console import ConsoleRefused, RunningConsole
from cmcdesk.commands.waiting import (
    Wanted,
    find_newest,
    has_headers,
    keep_asking,
    list_found,
    read_header_patterns,
    wait_for,
)
from cmcdesk.testing.plugin import Cmcdesk
from cmcdesk.testing.server import CmcdeskServer


@pytest.fixture
def console(cmcdesk_server: CmcdeskServer) -> RunningConsole:
    return cmcdesk_server.console


def send(cmcdesk: Cmcdesk, subject: str, ticket: str) -> None:
    octets = f"Subject: {subject}\r\nX-Ticket: {ticket}\r\n\r\ntext\r\n".encode()
    with smtplib.SMTP(cmcdesk.host, cmcdesk.port, timeout=10) as smtp:
        smtp.sendmail("a@sender.example", ["info@mailform.example.com"], octets)


def test_mails_are_found_by_a_header_behind_others(cmcdesk: Cmcdesk, console: RunningConsole) -> None:
    after = find_newest(console, "mail")
    for number in range(3):
        send(cmcdesk, "order", f"T-{number}")
    wanted = Wanted("mail", {"subject": "ORDER"}, {"x-ticket": "^T-[12]$"}, after)
    found = wait_for(console, wanted, 2, 10)
    assert [mail["message"]["headers"]["X-Ticket"] for mail in found] == ["T-1", "T-2"]
    assert len(list_found(console, Wanted("mail", {}, {}, after))) == 3


def test_one_that_comes_late_is_waited_for(cmcdesk: Cmcdesk, console: RunningConsole) -> None:
    after = find_newest(console, "mail")
    late = threading.Timer(0.2, send, (cmcdesk, "late", "L"))
    late.start()
    [mail] = wait_for(console, Wanted("mail", {"subject": "late"}, {}, after), 1, 10)
    assert mail["subject"] == "late"
    late.join()


def test_when_the_time_is_over_there_is_what_there_is(cmcdesk: Cmcdesk, console: RunningConsole) -> None:
    after = find_newest(console, "mail")
    send(cmcdesk, "one", "1")
    began = time.monotonic()
    found = wait_for(console, Wanted("mail", {}, {}, after), 2, 0.3)
    assert len(found) == 1 and 0.3 <= time.monotonic() - began < 5


def test_what_the_api_refuses_is_told(console: RunningConsole) -> None:
    with pytest.raises(ConsoleRefused, match="unknown"):
        wait_for(console, Wanted("mail", {"unknown": "x"}), 1, 0)


def test_header_names_have_no_case_and_one_of_several_values_is_enough() -> None:
    headers: dict[str, str | list[str]] = {"Received": ["from a", "from b"], "X-Id": "42"}
    assert has_headers(headers, read_header_patterns({"RECEIVED": "b$", "x-id": "4"}))
    assert not has_headers(headers, read_header_patterns({"X-Id": "^4$"}))
    assert not has_headers(headers, read_header_patterns({"X-No": ""}))
    with pytest.raises(ValueError, match=r"X-Id: '\('"):
        read_header_patterns({"X-Id": "("})


def test_asking_ends_with_the_first_true_word_or_the_time() -> None:
    words = iter([None, 0, "yes", "no"])
    assert keep_asking(lambda: next(words), 10, 0.001) == "yes"
    assert keep_asking(lambda: "", 0) == ""
