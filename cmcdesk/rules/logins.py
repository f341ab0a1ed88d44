"""Logins, bounded: who showed a key to a mail server or opened the console, and whether it was right. A flood of wrong
keys becomes some rows a second and a count, so that it cannot fill the disk. Times are those of the logins: no clock
here."""

import math
from typing import Literal

from typing_extensions import TypedDict

ROWS_PER_SECOND = 10  # ours; what comes above that in the same second is counted in one row of its kind
LONGEST_ACCOUNT = 64  # characters; an API user's name has no more

Result = Literal["success", "failure"]


class LoginTold(TypedDict):
    """One login, or `count` of one second. via: "console", "relay NAME", "receiving NAME"; code: SMTP reply or HTTP
    status; account, peer: "" where those that were counted differ."""

    at: float
    account: str
    via: str
    peer: str
    code: int
    result: Result
    reason: str
    count: int


class LoginBook:
    """Takes logins and gives those that are to be kept; not for several threads at once."""

    def __init__(self, rows_per_second: int = ROWS_PER_SECOND) -> None:
        self._most = rows_per_second
        self._second: float = -math.inf
        self._rows = 0
        self._ready: list[LoginTold] = []
        self._counted: dict[tuple[str, Result], LoginTold] = {}

    def add(self, login: LoginTold) -> None:
        """One that was just now; its account is cut where it is too long to be one."""
        self._begin(int(login["at"]))
        login["account"] = login["account"][:LONGEST_ACCOUNT]
        self._rows += 1
        if self._rows <= self._most:
            self._ready.append(login)
            return
        kept = self._counted.setdefault((login["via"], login["result"]), login)
        if kept is not login:
            kept["count"] += login["count"]
            kept["account"] = kept["account"] if kept["account"] == login["account"] else ""
            kept["peer"] = kept["peer"] if kept["peer"] == login["peer"] else ""

    def take(self, now: float) -> list[LoginTold]:
        """What is to be kept and was not given yet; a count when its second is over. now: math.inf at the end."""
        self._begin(math.floor(now) if now < math.inf else now)
        taken, self._ready = self._ready, []
        return taken

    def _begin(self, second: float) -> None:
        if second > self._second:
            self._ready += self._counted.values()
            self._counted, self._rows, self._second = {}, 0, second
