"""How an endpoint of the catcher answers: pure."""

import re
from dataclasses import dataclass

SLOWEST_SECONDS = 120.0  # an attempt gives up after 30
ALLOWED = (
    "hang_up, or a status from 200 to 599, alone or with the seconds to wait before it (0 to 120), as in 500 or 200@10"
)
WRITTEN = re.compile(r"(?P<status>[2-5]\d\d)(?:@(?P<seconds>\d{1,3}(?:\.\d{1,3})?))?", re.ASCII)


class BadAnswer(ValueError):
    """What was written is no answer."""


@dataclass(frozen=True)
class Answer:
    """status: of the answer, 0 to close the connection without one; seconds: to wait before."""

    status: int = 200
    seconds: float = 0.0

    def __str__(self) -> str:
        if not self.status:
            return "hang_up"
        return f"{self.status}@{self.seconds:g}" if self.seconds else str(self.status)


def read_answer(text: str) -> Answer:
    """ "hang_up", "500" or "200@10" (after 10 seconds). Raises BadAnswer."""
    if text.strip() == "hang_up":
        return Answer(0)
    found = WRITTEN.fullmatch(text.strip())
    seconds = float(found["seconds"] or 0) if found else 0.0
    if found is None or seconds > SLOWEST_SECONDS:
        raise BadAnswer(f"{text!r}: {ALLOWED}")
    return Answer(int(found["status"]), seconds)
