"""Lists as CSV."""

import csv
import io

import pytest
from flask import Flask

from cmcdesk.console.frame.spreadsheet import answer_csv, write_csv


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_every_first_letter_of_a_formula_is_disarmed(first: str) -> None:
    text = "".join(write_csv(("a", "b", "c"), [(f"{first}cmd|' /C calc'!A0", f"a{first}", "")]))
    assert text.startswith("\ufeffa,b,c\r\n")
    _heads, row = csv.reader(io.StringIO(text, newline=""))
    assert row == [f"'{first}cmd|' /C calc'!A0", f"a{first}", ""]


def test_it_is_a_file_in_utf_8_with_a_mark() -> None:
    with Flask(__name__).test_request_context():
        answer = answer_csv("errors.csv", ["件名"], [["お知らせ"]])
        assert answer.get_data() == "\ufeff件名\r\nお知らせ\r\n".encode()
        assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
            "text/csv",
            "attachment; filename=errors.csv",
        )
