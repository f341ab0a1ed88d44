"""Where each composition listens."""

import pytest

from cmcdesk.placing import BadListen, Placing, parse_listen, say_what_mends


def test_the_list_walks_up_the_loopback_addresses() -> None:
    assert Placing().place(["pro", "sandbox", "transactional-email"]) == {
        "pro": ("127.0.0.1", 10026),
        "sandbox": ("127.0.0.2", 10026),
        "transactional-email": ("127.0.0.3", 10026),
    }


def test_a_long_list_goes_on_in_the_next_octet() -> None:
    names = [str(number) for number in range(256)]
    assert Placing(receiver_port=25).place(names)["255"] == ("127.0.1.0", 25)


def test_a_moved_one_leaves_the_others_where_they_are() -> None:
    placing = Placing(receiver_port=0, moved={"b": ("127.0.0.9", 2525)})
    assert placing.place(["a", "b", "c"]) == {"a": ("127.0.0.1", 0), "b": ("127.0.0.9", 2525), "c": ("127.0.0.3", 0)}


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("pro=127.0.0.5:10026", "pro", ("127.0.0.5", 10026)),
        ("a.b=127.0.0.1:0", "a.b", ("127.0.0.1", 0)),
        ("pro=[::1]:25", "pro", ("::1", 25)),
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


@pytest.mark.parametrize(
    ("reason", "mends"),
    [
        ("127.0.0.1:10026: Address already in use", "End the program that has it"),
        (
            "127.0.0.2:10026: Can't assign requested address (add the address: …)",
            "Or move it: cmcdesk serve --listen pro=",
        ),
    ],
)
def test_the_page_says_what_mends_it(reason: str, mends: str) -> None:
    said = say_what_mends("pro", reason)
    assert said.startswith(reason) and mends in said and "--listen pro=127.0.0.1:0" in said
