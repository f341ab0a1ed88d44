"""The book of logins: all of a quiet second, some of a flood and a count."""

import math

import pytest

from cmcdesk.rules.logins import LONGEST_ACCOUNT, LoginBook, LoginTold, Result


def make(at: float, account: str = "shop", result: Result = "failure", via: str = "relay pro") -> LoginTold:
    return {
        "at": at, "account": account, "via": via, "peer": "127.0.0.1", "code": 535, "result": result, "reason": "",
        "count": 1,
    }  # fmt: skip


def test_a_quiet_second_is_kept_as_it_is() -> None:
    book = LoginBook()
    for number in range(3):
        book.add(make(1.0 + number / 10, f"user{number}"))
    assert [each["account"] for each in book.take(1.5)] == ["user0", "user1", "user2"]
    assert book.take(2.5) == []


def test_a_flood_is_some_rows_and_one_count_of_each_kind() -> None:
    book = LoginBook(rows_per_second=2)
    for number in range(1000):
        book.add(make(7.0, f"user{number}"))
    for _ in range(5):
        book.add(make(7.9, result="success"))
    assert len(book.take(7.95)) == 2  # the counts go on growing until their second is over
    failed, right = book.take(8.0)
    assert (failed["count"], failed["account"], failed["peer"]) == (998, "", "127.0.0.1")
    assert (right["count"], right["account"], right["result"]) == (5, "shop", "success")


def test_the_next_second_begins_anew() -> None:
    book = LoginBook(rows_per_second=1)
    for at in (1.0, 1.1, 2.0, 2.1):
        book.add(make(at))
    assert [each["count"] for each in book.take(2.2)] == [1, 1, 1]
    assert [each["count"] for each in book.take(math.inf)] == [1]


@pytest.mark.parametrize("account", ["x" * 5000, ""])
def test_an_account_is_no_way_to_fill_the_disk(account: str) -> None:
    book = LoginBook()
    book.add(make(1.0, account))
    assert len(book.take(1.0)[0]["account"]) <= LONGEST_ACCOUNT
