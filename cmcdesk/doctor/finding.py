"""What a check finds. A check is a function of the data folder that yields findings; no finding: all is well."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cmcdesk.rules.texts import Text


@dataclass(frozen=True)
class Finding:
    """state: one word for programs; what, mend: for people; repair: mends it and says what it did, None where a person
    must. It is called while no cmcdesk runs on the folder; it may raise OSError or sqlite3.Error."""

    check: str
    state: str
    what: Text
    mend: Text
    repair: Callable[[], Text] | None = None


LOCK_SECONDS = 1.0  # that a check waits for another program's lock
Check = Callable[[Path], Iterator[Finding]]
