"""The tables as a whole: no phrase may mean two things, and each must be able to decide."""

from cmcdesk.mail.bounce.phrases.phrases import find_cause, make_flat
from cmcdesk.mail.bounce.phrases.wording import faulty_rows, receiver_rows, telling_rows, vague_rows


def test_no_phrase_stands_for_two_error_statuses() -> None:
    for rows in (receiver_rows(), telling_rows(), faulty_rows(), vague_rows()):
        meanings: dict[tuple[str, ...], set[int]] = {}
        for _where, pieces, cause in rows.rows:
            meanings.setdefault(pieces, set()).add(cause.error_status)
        assert {pieces: found for pieces, found in meanings.items() if len(found) > 1} == {}


def test_every_phrase_is_decided_by_its_own_error_status_or_a_row_before_it() -> None:
    """A phrase alone must be found in its own table; that an earlier row may win is the order's purpose."""
    for rows in (receiver_rows(), telling_rows(), faulty_rows(), vague_rows()):
        for _where, pieces, _cause in rows.rows:
            assert find_cause(rows, make_flat(" x ".join(pieces))) is not None, pieces


def test_error_statuses_are_those_of_cmc() -> None:
    for rows in (receiver_rows(), telling_rows(), faulty_rows(), vague_rows()):
        assert {cause.error_status for _, _, cause in rows.rows} <= {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99}
