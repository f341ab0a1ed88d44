"""Openings of notices, as tables."""

from cmcdesk.mail.bounce.phrases.openings import DELAYED, FINAL, closed_rows, expired_rows, failed_rows, put_off_rows
from cmcdesk.mail.bounce.phrases.phrases import find_cause, make_flat


def test_rows_say_what_their_table_is_for() -> None:
    assert {
        cause.error_status for table in (failed_rows(), closed_rows(), expired_rows()) for _, _, cause in table.rows
    } == {FINAL}
    assert {cause.error_status for _, _, cause in put_off_rows().rows} == {DELAYED}


def test_every_opening_is_found_in_itself() -> None:
    for rows in (failed_rows(), put_off_rows(), closed_rows()):
        for _where, pieces, _cause in rows.rows:
            assert find_cause(rows, make_flat(" x ".join(pieces))) is not None, pieces
