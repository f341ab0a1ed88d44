"""Why no filter matched, or which did: a stored mail against every notification of its composition, condition by
condition, as the mail server compares (`rules/matching.py`); and the pattern tester, for a typed value and for the
stored mails.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from cmcdesk.console.frame.database import db
from cmcdesk.mail.mime.fields import LATE_OCTETS, scan_fields
from cmcdesk.rules.matching import FIELDS_SEARCHED, TIME_LIMIT, decode_field_body
from cmcdesk.rules.stored_settings import StoredFilter
from cmcdesk.store.desk.compositions import find_draft, find_settings
from cmcdesk.store.maillog.log import MailLog, MailRow

LOOKED_AT = 200  # stored mails, newest first: a page must answer at once, also with a million of them
SHOWN = 30

Verdict = Literal["match", "no_match", "no_header", "timeout"]


@dataclass(frozen=True)
class Found:
    """What became of one value: its text in three pieces, the middle one being what matched ("" where nothing did).

    whole: whether the pattern matches the value as a whole too, as a filter of CMC's that is documented compares."""

    verdict: Verdict
    before: str
    matched: str = ""
    after: str = ""
    whole: bool = False

    @property
    def differs(self) -> bool:
        """Whether the two ways to compare come to different verdicts."""
        return self.verdict == "match" and not self.whole


@dataclass(frozen=True)
class FoundMail:
    """One stored mail and the value that decided."""

    row: MailRow
    found: Found


def try_value(pattern: "regex.Pattern[str]", value: str) -> Found:
    """Search one value as the mail server does: anywhere in it, with regard to case, for at most 20 ms; and try it as a
    whole."""
    try:
        match = pattern.search(value, timeout=TIME_LIMIT)
        whole = match is not None and pattern.fullmatch(value, timeout=TIME_LIMIT) is not None
    except TimeoutError:
        return Found("timeout", value)
    if match is None:
        return Found("no_match", value)
    return Found("match", value[: match.start()], match[0], value[match.end() :], whole)


def try_mails(log: MailLog, header: str, pattern: "regex.Pattern[str]") -> list[FoundMail]:
    """The newest stored mails, those that match first."""
    tried = [FoundMail(row, _try_mail(log, row, header, pattern)) for row in log.list_mails(limit=LOOKED_AT)]
    return sorted(tried, key=lambda each: each.found.verdict != "match")[:SHOWN]


def _try_mail(log: MailLog, row: MailRow, header: str, pattern: "regex.Pattern[str]") -> Found:
    name = header.lower()
    bodies = scan_fields(log.get_beginning(row.id, LATE_OCTETS), frozenset({name})).get(name, [])
    return try_bodies(pattern, bodies)


def try_bodies(pattern: "regex.Pattern[str]", bodies: Sequence[bytes]) -> Found:
    """The raw bodies of the fields of one name in one mail: the first that matches decides, else the first. As many as
    a condition looks at."""
    results = list(_try_all(pattern, (decode_field_body(body) for body in bodies[:FIELDS_SEARCHED])))
    if not results:
        return Found("no_header", "")
    return next((each for each in results if each.verdict == "match"), results[0])


def _try_all(pattern: "regex.Pattern[str]", values: Iterator[str]) -> Iterator[Found]:
    for value in values:
        found = try_value(pattern, value)
        yield found
        if found.verdict != "no_match":
            return


Which = Literal["received", "saved"]
Reason = Literal["", "no_settings", "no_inbound_recipient", "no_filter"]


@dataclass(frozen=True)
class ConditionVerdict:
    """One condition and what became of it; found: of the value that decided."""

    header: str
    pattern: str
    found: Found


@dataclass(frozen=True)
class FilterVerdict:
    """One notification. fires: it is switched on and all of its conditions match."""

    name: str
    enabled: bool
    conditions: list[ConditionVerdict]

    @property
    def is_matched(self) -> bool:
        """Whether all conditions match, switched on or not."""
        return all(each.found.verdict == "match" for each in self.conditions)

    @property
    def fires(self) -> bool:
        """Whether a webhook is called, for a mail that has a recipient of an inbound domain."""
        return self.enabled and self.is_matched


@dataclass(frozen=True)
class Judgment:
    """All of it. reason: why no condition counts at all, "" where they do."""

    which: Which
    reason: Reason
    filters: list[FilterVerdict]


def judge_mail(row: MailRow, octets: bytes, which: Which) -> Judgment:
    """Against the settings under which it was received, or those that are saved now."""
    settings = (
        find_settings(db.session(), row.composition, row.revision)
        if which == "received"
        else find_draft(db.session(), row.composition)
    )
    if settings is None:
        return Judgment(which, "no_settings", [])
    filters = [judge_filter(one, octets) for one in settings.get("inbound_webhook", ())]
    if not any(each.route == "inbound" for each in row.recipients):
        return Judgment(which, "no_inbound_recipient", filters)
    return Judgment(which, "" if filters else "no_filter", filters)


def judge_filter(one: StoredFilter, octets: bytes) -> FilterVerdict:
    """One notification of the settings."""
    conditions = [judge_condition(each["header"], each["pattern"], octets) for each in one["condition"]]
    return FilterVerdict(one["name"], one.get("enabled", True), conditions)


def judge_condition(header: str, pattern: str, octets: bytes) -> ConditionVerdict:
    """The first value that matches decides, else the first of that header."""
    name = header.lower()
    bodies = scan_fields(octets[:LATE_OCTETS], frozenset({name})).get(name, [])
    return ConditionVerdict(header, pattern, try_bodies(regex.compile(pattern), bodies))
