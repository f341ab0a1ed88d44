"""Waiting for what a running console has or will have: a mail, a webhook delivery, a bounce. By the API's own `wait`,
so nothing sleeps; `cmcdesk wait` and the pytest plugin share it.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cmcdesk.commands.running_console import RunningConsole

Kind = Literal["mail", "webhook", "bounce"]
Found = dict[str, Any]  # what the API answers

STEP_SECONDS = 20.0  # of one request; the API allows 60
PAGE = 500  # the API's most


@dataclass(frozen=True)
class Listing:
    """How the API lists a kind. position: the key that `after` compares; detail: the path of one in full, by its id;
    comes_in_order: none comes to fit behind a later one."""

    path: str
    position: str
    detail: str = ""
    comes_in_order: bool = True


LISTINGS: dict[Kind, Listing] = {
    "mail": Listing("mails", "id", "mails/{id}"),
    "webhook": Listing("deliveries", "number", "deliveries/{id}", comes_in_order=False),
    "bounce": Listing("bounces", "id"),
}


@dataclass(frozen=True)
class Wanted:
    """What is waited for. query: parameters of the API; headers: name → pattern that is searched in the decoded value
    (mails alone); after: only what came behind it; after_mail: only of mails behind it."""

    kind: Kind
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    after: int = 0
    after_mail: int = 0


def wait_for(console: RunningConsole, wanted: Wanted, count: int, seconds: float) -> list[Found]:
    """The first `count` that fit, oldest first, each in full; fewer where the time is over. Raises ConsoleRefused,
    NotRunning."""
    ends = time.monotonic() + seconds
    found: list[Found] = []
    after, seen = wanted.after, set[Any]()
    listing = LISTINGS[wanted.kind]
    while True:
        left = max(0.0, ends - time.monotonic())
        asked = {"after": after, "wait": f"{min(left, STEP_SECONDS):.3f}", "count": len(seen) + 1, "limit": PAGE}
        listed: list[Found] = console.call("GET", listing.path, **asked, **wanted.query)[listing.path]
        rows = [row for row in listed if row["id"] not in seen]
        for row in _choose_fitting(console, wanted, rows):
            found.append(row)
            if len(found) >= count:
                return found
        seen.update(row["id"] for row in rows)
        if len(listed) == PAGE or (listed and listing.comes_in_order):
            after, seen = max(row[listing.position] for row in listed), set()
        if not rows and left <= 0:
            return found


def list_found(console: RunningConsole, wanted: Wanted) -> list[Found]:
    """All that fit now, oldest first, each in full."""
    return wait_for(console, wanted, count=1_000_000, seconds=0)


def find_newest(console: RunningConsole, kind: Kind) -> int:
    """The position behind which only new ones come; 0: there is none yet."""
    listing = LISTINGS[kind]
    rows = console.call("GET", listing.path, limit=1)[listing.path]
    return int(rows[0][listing.position]) if rows else 0


def read_header_patterns(given: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    """Name in lower case → compiled pattern. Raises ValueError for a pattern that is none."""
    patterns = {}
    for name, text in given.items():
        try:
            patterns[name.lower()] = re.compile(text)
        except re.error as error:
            raise ValueError(f"{name}: {text!r}: {error}") from None
    return patterns


def _choose_fitting(console: RunningConsole, wanted: Wanted, rows: list[Found]) -> Iterator[Found]:
    patterns = read_header_patterns(wanted.headers)
    detail = LISTINGS[wanted.kind].detail
    for row in rows:
        if (row.get("mail_id") or wanted.after_mail + 1) <= wanted.after_mail:
            continue  # of a mail from before
        full = console.call("GET", detail.format(id=row["id"])) if detail else row
        if not patterns or has_headers(full["message"]["headers"], patterns):
            yield full


def has_headers(headers: Mapping[str, str | list[str]], patterns: Mapping[str, re.Pattern[str]]) -> bool:
    """Whether each pattern is found in one of the header fields of its name (in lower case)."""
    values: dict[str, list[str]] = {}
    for name, value in headers.items():
        values.setdefault(name.lower(), []).extend([value] if isinstance(value, str) else value)
    return all(any(pattern.search(value) for value in values.get(name, ())) for name, pattern in patterns.items())


def keep_asking(ask: Callable[[], Any], seconds: float, pause: float = 0.05) -> Any:
    """What `ask` gives as soon as it is true, or its last word when the time is over: for what has no `wait`, such as
    a console that does not run yet."""
    ends = time.monotonic() + seconds
    while not (said := ask()) and time.monotonic() < ends:
        time.sleep(pause)
    return said
