"""How an endpoint of the catcher answers."""

import pytest

from cmcdesk.catcher.answer import Answer, BadAnswer, read_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [("200", Answer()), (" 500 ", Answer(500)), ("200@10", Answer(200, 10.0)), ("503@0.5", Answer(503, 0.5)),
     ("hang_up", Answer(0))],
)  # fmt: skip
def test_what_is_written_is_read_and_written_again(text: str, answer: Answer) -> None:
    assert read_answer(text) == answer
    assert read_answer(str(answer)) == answer


@pytest.mark.parametrize("text", ["", "100", "600", "2000", "200@", "200@121", "200@-1", "hang-up", "２００", "200 ok"])
def test_what_is_no_answer_is_told_with_what_is_allowed(text: str) -> None:
    with pytest.raises(BadAnswer, match="hang_up, or a status from 200 to 599"):
        read_answer(text)
