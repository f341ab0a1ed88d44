"""A list as CSV for spreadsheets: UTF-8 with a mark, CRLF, written while it is read; no cell starts a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from flask import Response, stream_with_context

#: What a spreadsheet reads as a formula (OWASP, CSV Injection); Japanese Excel the full-width forms too.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def answer_csv(name: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """The download; name: of the file. What `rows` looks up is looked up in the context of the request."""
    answer = Response(stream_with_context(write_csv(heads, rows)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def write_csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file in pieces."""
    yield "\ufeff" + _write_line(heads)
    for row in rows:
        yield _write_line(row)


def _write_line(values: Sequence[str]) -> str:
    """A value that would be run as a formula gets a ' before it."""
    line = io.StringIO()
    csv.writer(line).writerow([f"'{value}" if value.startswith(FORMULA_STARTS) else value for value in values])
    return line.getvalue()
