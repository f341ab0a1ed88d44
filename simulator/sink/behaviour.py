"""How the webhook sink is to answer, per path and over time; pure, the time comes in as an argument.

A script is a list of acts, played in turn, for example ``500x3,slow:2@10,200``:

    STATUS              answer with that status
    slow:SECONDS        answer 200 after so long
    hang-up             close the connection without an answer
    redirect:LOCATION   302 to there

each with ``xN`` (for N posts) or ``@S`` (for S seconds from its first post); an act without either stays. After the
last one the sink answers 200.
"""

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

ACT = re.compile(
    r"(?:(?P<status>[1-5]\d\d)|slow:(?P<slow>\d+(?:\.\d+)?)|(?P<hang>hang-up)|redirect:(?P<location>[^,\s@]+?))"
    r"(?:x(?P<times>\d+)|@(?P<lasting>\d+(?:\.\d+)?))?"
)


class BadScript(ValueError):
    """A script that cannot be read; the text says what was given and what is allowed."""


@dataclass(frozen=True)
class Act:
    """One way to answer; ``status`` 0 hangs up. ``times`` / ``lasting`` (seconds) None: without limit."""

    status: int = 200
    delay: float = 0.0
    location: str = ""
    times: int | None = None
    lasting: float | None = None


ANSWER_200 = Act()


def parse_script(text: str) -> tuple[Act, ...]:
    """Read a script. Raises BadScript."""
    return tuple(_parse_act(part.strip()) for part in text.split(",") if part.strip())


def _parse_act(text: str) -> Act:
    found = ACT.fullmatch(text)
    if not found:
        raise BadScript(f"{text!r}: an act is STATUS, slow:SECONDS, hang-up or redirect:LOCATION, with xN or @SECONDS")
    times, lasting = found["times"], found["lasting"]
    limits = Act(times=int(times) if times else None, lasting=float(lasting) if lasting else None)
    if found["hang"]:
        return replace(limits, status=0)
    if found["location"]:
        return replace(limits, status=302, location=found["location"])
    if found["slow"]:
        return replace(limits, delay=float(found["slow"]))
    return replace(limits, status=int(found["status"]))


class Script:
    """A script at play: remembers how far it is."""

    def __init__(self, acts: tuple[Act, ...]) -> None:
        self._acts = list(acts)
        self._posts = 0
        self._since: float | None = None

    def next_act(self, now: float) -> Act:
        """The act for a post at ``now`` (monotonic seconds)."""
        while self._acts:
            act = self._acts[0]
            since = now if self._since is None else self._since
            over = (act.times is not None and self._posts >= act.times) or (
                act.lasting is not None and now - since >= act.lasting
            )
            if not over:
                self._posts, self._since = self._posts + 1, since
                return act
            self._acts.pop(0)
            self._posts, self._since = 0, None
        return ANSWER_200


class Behaviours:
    """Which script belongs to which path; a path may end in ``*``. The latest that fits counts."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._scripts: dict[str, Script] = {}

    def put(self, path: str, text: str) -> None:
        """Set (and begin) the script of a path. Raises BadScript, then nothing has changed."""
        script = Script(parse_script(text))
        for kept in (self._texts, self._scripts):
            kept.pop(path, None)
        self._texts[path], self._scripts[path] = text, script

    def clear(self) -> None:
        """Answer 200 everywhere again."""
        self._texts.clear()
        self._scripts.clear()

    def as_data(self) -> dict[str, str]:
        """Path → script as it was given."""
        return dict(self._texts)

    def choose(self, path: str, query_script: str, now: float) -> Act:
        """The act for a post; the ``sink`` parameter of its own query wins (its first act). Raises BadScript."""
        if query_script:
            return (parse_script(query_script) or (ANSWER_200,))[0]
        for pattern in reversed(self._scripts):
            if path == pattern or ("*" in pattern and fnmatchcase(path, pattern)):
                return self._scripts[pattern].next_act(now)
        return ANSWER_200
