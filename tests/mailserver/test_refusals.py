import itertools
from dataclasses import replace

from cmcdesk.mail.smtp.dialogue import Part
from cmcdesk.mailserver.refusals import ROWS_PER_SECOND, RefusalBook
from cmcdesk.store.maillog.insertion import NewRefusal

ONE = NewRefusal(100.0, "pro", "domain", 550, "5.7.1", "no", "127.0.0.1", 1, "a@x.example", "b@y.example")


def test_a_few_refusals_are_a_row_each() -> None:
    rows: list[NewRefusal] = []
    book = RefusalBook(rows.append)
    for number in range(ROWS_PER_SECOND):
        book.add(replace(ONE, recipient=f"{number}@y.example"))
    book.flush()
    assert len(rows) == ROWS_PER_SECOND
    assert all(row.count == 1 for row in rows)


def test_a_flood_is_one_more_row_a_second_with_its_count() -> None:
    rows: list[NewRefusal] = []
    book = RefusalBook(rows.append)
    for second in (100.0, 101.0):
        for _ in range(1000):
            book.add(replace(ONE, at=second + 0.5))
    book.flush()
    assert len(rows) == 2 * (ROWS_PER_SECOND + 1)
    assert sum(row.count for row in rows) == 2000
    assert book.recorded == len(rows)


def test_a_dialogue_is_asked_for_once_a_row() -> None:
    rows: list[NewRefusal] = []
    book = RefusalBook(rows.append, rows_per_second=2)
    numbers = itertools.count(1)
    for _ in range(100):
        book.add(replace(ONE), lambda: Part(0.0, next(numbers), False, ""))
    book.flush()
    assert [row.dialogue and row.dialogue.number for row in rows] == [1, 2, 3]
    assert next(numbers) == 4


def test_gates_and_compositions_are_counted_apart() -> None:
    rows: list[NewRefusal] = []
    book = RefusalBook(rows.append, rows_per_second=1)
    for composition in ("pro", "sandbox"):
        for gate in ("size", "domain"):
            for _ in range(3):
                book.add(replace(ONE, composition=composition, gate=gate))
    book.flush()
    assert sorted(row.count for row in rows) == [1] * 4 + [2] * 4
