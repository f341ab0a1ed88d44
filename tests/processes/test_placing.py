"""Where each composition listens."""

from typing import Any

import pytest

from cmcdesk.pipe import Listening
from cmcdesk.processes.placing import (
    NOT_APPLIED,
    BadListen,
    Placing,
    describe_placement,
    parse_listen,
    say_what_mends,
    say_what_mends_relay,
    say_what_mends_tls,
)
from cmcdesk.processes.supervisor import DOWN
from cmcdesk.rules.texts import tell


def test_the_list_walks_up_the_loopback_addresses() -> None:
    assert Placing().place(["pro", "sandbox", "transactional-email"]) == {
        "pro": ("127.0.0.1", 10026, 10025),
        "sandbox": ("127.0.0.2", 10026, 10025),
        "transactional-email": ("127.0.0.3", 10026, 10025),
    }


def test_a_long_list_goes_on_in_the_next_octet() -> None:
    names = [str(number) for number in range(256)]
    assert Placing(receiver_port=25).place(names)["255"] == ("127.0.1.0", 25, 10025)


def test_a_moved_one_leaves_the_others_where_they_are() -> None:
    placing = Placing(receiver_port=0, moved={"b": ("127.0.0.9", 2525)})
    assert placing.place(["a", "b", "c"]) == {
        "a": ("127.0.0.1", 0, 10025),
        "b": ("127.0.0.9", 2525, 10025),
        "c": ("127.0.0.3", 0, 10025),
    }


def test_the_relay_of_one_that_was_moved_to_the_host_of_another_gets_a_free_port() -> None:
    placing = Placing(moved={"a": ("127.0.0.2", 1), "c": ("127.0.0.9", 2), "d": ("127.0.0.9", 3)})
    ports = {name: spot.relay_port for name, spot in placing.place(["a", "b", "c", "d"]).items()}
    assert ports == {"a": 0, "b": 10025, "c": 10025, "d": 0}


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("pro=127.0.0.5:10026", "pro", ("127.0.0.5", 10026)),
        ("a.b=127.0.0.1:0", "a.b", ("127.0.0.1", 0)),
        ("pro=[::1]:25", "pro", ("::1", 25)),
        ("pro=localhost:25", "pro", ("127.0.0.1", 25)),
    ],
)
def test_listen(text: str, name: str, address: tuple[str, int]) -> None:
    assert parse_listen(text, allow_non_loopback=False) == (name, address)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pro", "NAME=HOST:PORT"),
        ("=127.0.0.1:25", "NAME=HOST:PORT"),
        ("pro=127.0.0.1", "NAME=HOST:PORT"),
        ("pro=mx.example.com:25", "no IP address"),
        ("pro=127.0.0.1:smtp", "no port"),
        ("pro=127.0.0.1:65536", "no port"),
        ("pro=0.0.0.0:25", "--allow-non-loopback"),
        ("pro=192.0.2.1:25", "--allow-non-loopback"),
    ],
)
def test_what_is_wrong_is_named(text: str, why: str) -> None:
    with pytest.raises(BadListen, match=why):
        parse_listen(text, allow_non_loopback=False)


def test_other_machines_are_let_in_only_on_request() -> None:
    assert parse_listen("pro=192.0.2.1:25", allow_non_loopback=True) == ("pro", ("192.0.2.1", 25))


def missing(fault: str, **other: Any) -> dict[str, Any]:
    """As the mail server tells it, with the system's own words."""
    said = "error while attempting to bind on address ('127.0.0.2', 10026): [errno 98] address already in use"
    place = {"fault": fault, "address": "127.0.0.2:10026", "holder": None, "remedy": None}
    return place | {"reason": f"127.0.0.2:10026: {said}"} | other


@pytest.mark.parametrize(
    ("fault", "ja", "en"),
    [
        ("in_use", "数秒で自動的に受信を始めます", "by itself within seconds"),
        ("no_address", "ないアドレス", "does not have that address"),
        ("denied", "権限がありません", "may not use that port"),
    ],
)
def test_the_page_says_what_mends_it_and_leaves_out_the_words_of_the_system(fault: str, ja: str, en: str) -> None:
    said = say_what_mends("pro", missing(fault))
    for text, part in ((said["ja"], ja), (said["en"], en)):
        assert text.startswith("127.0.0.2:10026: ") and part in text and "--listen pro=127.0.0.1:0" in text
        assert "error while" not in text and "rrno" not in text


def test_what_has_no_words_of_ours_is_told_in_those_of_the_system() -> None:
    said = say_what_mends("pro", missing("other", reason="127.0.0.2:10026: Something else"))
    assert said["ja"].startswith("127.0.0.2:10026: Something else。") and said["en"].startswith("127.0.0.2:10026: Some")


def test_a_command_that_adds_the_address_is_told() -> None:
    said = say_what_mends("pro", missing("no_address", remedy="sudo ifconfig lo0 alias 127.0.0.2 up"))
    assert all("sudo ifconfig lo0 alias 127.0.0.2 up" in text for text in said.values())


def test_the_port_of_implicit_tls_is_told_with_its_own_option() -> None:
    said = say_what_mends_tls(missing("in_use", holder="postfix, pid 7"))
    for text in said.values():
        assert text.startswith("127.0.0.2:10026: ") and "postfix, pid 7" in text and "--tls-port" in text
        assert "--receiver-port" not in text and "--listen" not in text


def test_who_holds_a_port_is_said_where_it_is_known() -> None:
    said = say_what_mends("pro", missing("in_use", holder="postfix, pid 7"))
    assert "別のプログラム（postfix, pid 7）" in said["ja"] and "another program (postfix, pid 7)" in said["en"]


def test_a_mail_server_that_is_not_there_needs_no_other_place() -> None:
    said = say_what_mends("pro", DOWN)
    assert "--listen" not in said["ja"] + said["en"]


def test_of_a_relay_its_own_option_is_named() -> None:
    said = say_what_mends_relay(missing("in_use", address="127.0.0.2:10025"))
    for text in said.values():
        assert "127.0.0.2:10025" in text and "--relay-port" in text and "--receiver-port" not in text


def test_a_composition_is_placed_by_the_mail_servers_last_word() -> None:
    assert describe_placement("pro", None, False).reason == tell(NOT_APPLIED)
    listening: Listening = {
        "name": "pro", "receiving": "127.0.0.1:10026", "missing": None, "receiving_tls": None, "tls_missing": None,
        "relay": None, "relay_missing": None,
    }  # fmt: skip
    placed = describe_placement("pro", listening, True)
    assert (placed.receiving, placed.reason, placed.moved) == ("127.0.0.1:10026", None, True)
