"""配信停止: addresses that failed too often get no mail. What the batch of a composition goes by, when it runs: pure.

That there is a batch, its time (00:00), a watch period in days and, for each error status, whether it counts and how
often, is CMC's. Its initial values, its limits, its time zone and how addresses are compared are ours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from cmcdesk.rules.domains import NotADomain, parse_domain
from cmcdesk.rules.received import TOKYO
from cmcdesk.rules.texts import Text, tell

BLOCK_REASONS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 99)  # CMC's error statuses that a condition can be about
SUPPRESSED = 10  # CMC's error status of a mail that was turned away, 配信停止アドレス
MOST_OCCURRENCES = 100  # ours
MOST_WATCH_DAYS = 3650  # ours
RCPT = "RCPT TO"  # what the refusal says it answers, though no server was asked
REMEMBERED_ADDRESSES = 10_000
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_REPORT_ID = re.compile(r"<?[0-9a-f]{20}@mta01\.[a-z0-9.-]+\.smtps\.jp>?")


@dataclass(frozen=True, slots=True)
class BlockCondition:
    """Of one error status: whether it counts, and after how many failed mails an address is suppressed."""

    enabled: bool = False
    occurrences: int = 3


def _make_initial() -> dict[int, BlockCondition]:
    """Ours: an address that does not exist is suppressed after its first error; nothing else is."""
    return {status: BlockCondition(status == 2, 1 if status == 2 else 3) for status in BLOCK_REASONS}


@dataclass(frozen=True, slots=True)
class BlockTerms:
    """実行設定. run_at: "HH:MM" in Tokyo; watch_days: after so many days an address is freed, None: never."""

    run_at: str = "00:00"
    watch_days: int | None = None
    conditions: Mapping[int, BlockCondition] = field(default_factory=_make_initial)

    def list_unticked(self, before: "BlockTerms") -> list[int]:
        """Error statuses that counted before and count no more."""
        return [
            status
            for status in BLOCK_REASONS
            if before.conditions[status].enabled and not self.conditions[status].enabled
        ]


@dataclass(frozen=True, slots=True)
class TermsError:
    """One thing that is wrong: field, what was given, what is allowed."""

    field: str
    given: str
    message: Text


class BadTerms(ValueError):
    """Terms that cannot be taken, with all errors."""

    def __init__(self, errors: list[TermsError]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.message['en']} (given: {one.given!r})" for one in errors))
        self.errors = errors


def read_terms(run_at: str, watch_days: str, conditions: Mapping[int, tuple[bool, str]]) -> BlockTerms:
    """Terms as they were typed; watch_days "": no watch period; conditions: error status → whether it is ticked, and
    its number. A status that is not named keeps its initial value. Raises BadTerms."""
    errors: list[TermsError] = []
    if not _CLOCK.fullmatch(run_at):
        errors.append(TermsError("run_at", run_at, tell("must be a time from 00:00 to 23:59, as HH:MM")))
    days = _read_whole("watch_days", watch_days, MOST_WATCH_DAYS, errors) if watch_days else None
    made = _make_initial()
    for status, (enabled, given) in conditions.items():
        name = f"conditions.{status}"
        if status not in made:
            listed = ", ".join(map(str, BLOCK_REASONS))
            errors.append(TermsError(name, str(status), tell("must be one of %(listed)s", listed=listed)))
            continue
        count = _read_whole(f"{name}.occurrences", given, MOST_OCCURRENCES, errors)
        made[status] = BlockCondition(enabled, count)
    if errors:
        raise BadTerms(errors)
    return BlockTerms(run_at, days, made)


def _read_whole(name: str, given: str, highest: int, errors: list[TermsError]) -> int:
    if given.isascii() and given.isdigit() and len(given) < 10 and 1 <= int(given) <= highest:
        return int(given)
    message = tell("must be a whole number from %(lowest)s to %(highest)s", lowest=1, highest=highest)
    errors.append(TermsError(name, given, message))
    return 1


def find_next_run(run_at: str, after: float) -> float:
    """The first time after `after` (unix seconds) that a clock in Tokyo shows run_at."""
    hour, minute = map(int, run_at.split(":"))
    at = datetime.fromtimestamp(after, TOKYO).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (at if at.timestamp() > after else at + timedelta(days=1)).timestamp()


def fold_address(address: str) -> str:
    """An address as addresses are compared here: lower case, its domain in A-labels; "" for what is none."""
    local, at, domain = address.strip("<> ").lower().rpartition("@")
    return f"{local}@{_fold_domain(domain)}" if at and local else ""


@lru_cache(REMEMBERED_ADDRESSES)
def _fold_domain(domain: str) -> str:
    try:
        return parse_domain(domain)
    except NotADomain:
        return domain


def write_refusal(address: str) -> str:
    """As CMC's events word it."""
    return f"Recipient address <{address}> is suppressed to send mail."


def is_own_report(message_id: str, sender: str) -> bool:
    """Whether a mail is a report of this MTA on a mail that it could not send: that error was counted when it
    happened (`outbound/report.py` writes the Message-ID)."""
    return not sender and _REPORT_ID.fullmatch(message_id) is not None
