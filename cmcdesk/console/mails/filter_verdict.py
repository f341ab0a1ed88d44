"""Why no filter matched, or which did: a stored mail against every notification of its composition, condition by
condition, as the mail server compares (`rules/matching.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import regex

from cmcdesk.console.frame.database import db
from cmcdesk.console.webhook.pattern_test import Found, try_bodies
from cmcdesk.mail.mime.fields import SCANNED_OCTETS, scan_fields
from cmcdesk.store.desk.compositions import find_draft, find_settings
from cmcdesk.store.maillog.log import MailRow

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


def judge_filter(one: Mapping[str, Any], octets: bytes) -> FilterVerdict:
    """One notification of the settings."""
    conditions = [judge_condition(each["header"], each["pattern"], octets) for each in one["condition"]]
    return FilterVerdict(one["name"], one.get("enabled", True), conditions)


def judge_condition(header: str, pattern: str, octets: bytes) -> ConditionVerdict:
    """The first value that matches decides, else the first of that header."""
    name = header.lower()
    bodies = scan_fields(octets[:SCANNED_OCTETS], frozenset({name})).get(name, [])
    return ConditionVerdict(header, pattern, try_bodies(regex.compile(pattern), bodies))
