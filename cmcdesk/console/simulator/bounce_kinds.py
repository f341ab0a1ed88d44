"""The simulator's catalogue of bounces for people: by the system that writes them, each kind by its cause in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from cmcdesk.console.bounces.error_status import name_status
from cmcdesk.console.frame.language import pick_text
from cmcdesk.rules.texts import N_

SENDERS = {
    "postfix": "Postfix",
    "exim": "Exim",
    "sendmail": "Sendmail",
    "qmail": "qmail",
    "exchange": "Microsoft Exchange",
    "office365": "Microsoft 365",
    "gmail": "Gmail",
    "yahoo": "Yahoo",
    "yahoo-japan": "Yahoo! JAPAN",
    "docomo": "NTT docomo",
    "au": "au",
    "softbank": "SoftBank / Y!mobile",
    "ses": "Amazon SES",
    "biglobe": "BIGLOBE",
    "domino": "HCL Domino",
    "opensmtpd": "OpenSMTPD",
    "courier": "Courier",
    "oracle": "Oracle Communications Messaging",
}
NO_BOUNCE = 1000  # behind all causes

# The catalogue's word for what happened → in words.
HAPPENED: dict[str, str] = {
    "account-closed": N_("the account was closed"),
    "account-disabled": N_("the account is disabled"),
    "authentication-required": N_("sending there needs authentication"),
    "auto-reply": N_("an automatic reply"),
    "bad-address": N_("the address is not well formed"),
    "banned-address": N_("the sender's address is banned"),
    "complaint": N_("a spam complaint (ARF)"),
    "delayed": N_("a warning of delay, not final"),
    "expired": N_("its time ran out"),
    "forwarded-user-unknown": N_("there is no such user where it is forwarded to"),
    "forwarding-loop": N_("a loop of forwards"),
    "group-restricted": N_("the group takes mail of its members alone"),
    "hop-count": N_("too many hops"),
    "illegal-host": N_("the host name is not allowed"),
    "invalid-content": N_("the content is invalid"),
    "invalid-recipient": N_("the recipient is invalid"),
    "local-configuration": N_("an error in the server's configuration"),
    "looping": N_("the mail loops"),
    "mail-loop": N_("the mail loops"),
    "mailbox-volume": N_("the mailbox is over its volume"),
    "net-mailbox-full": N_("the mailbox is full (au one net)"),
    "net-unknown-host": N_("no such host (au one net)"),
    "no-mailbox": N_("there is no such mailbox"),
    "not-local": N_("the domain is not the server's own"),
    "null-mx": N_("the domain takes no mail (null MX)"),
    "old-unknown-user": N_("no such user, in the words of an old version"),
    "out-of-office": N_("an out-of-office notice"),
    "over-quota": N_("the mailbox is over its quota"),
    "policy": N_("refused by policy"),
    "rcpthosts": N_("the domain is not in the list of allowed hosts"),
    "relay-denied": N_("relaying denied"),
    "restricted": N_("the recipient takes mail of some senders alone"),
    "retry-timeout": N_("tried again until the time was over"),
    "sender-domain": N_("the sender's domain is refused"),
    "suppressed": N_("the address is on the suppression list"),
    "three-recipients": N_("three recipients failed"),
    "too-big": N_("the mail is too big"),
    "too-many-hops": N_("too many hops"),
    "two-recipients": N_("two recipients failed"),
    "unable-to-relay": N_("unable to relay"),
    "unknown-host": N_("no such host"),
    "unknown-local-user": N_("no such local user"),
    "unknown-user": N_("no such user"),
    "unrouteable": N_("no route to the domain"),
    "ymobile-over-quota": N_("the mailbox is over its quota (Y!mobile)"),
}


@dataclass(frozen=True)
class KindShown:
    """One kind of bounce: the simulator's name of it, and what it is in words."""

    name: str
    label: str


@dataclass(frozen=True)
class SenderShown:
    """All that one system writes, by cause."""

    label: str
    kinds: tuple[KindShown, ...]


def group_kinds(catalogue: Iterable[dict[str, Any]]) -> list[SenderShown]:
    """`cmcsim bounce --list --details` in the language of the request, senders in the catalogue's order."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for kind in catalogue:
        groups.setdefault(kind["sender"], []).append(kind)
    return [
        SenderShown(
            name_sender(sender), tuple(KindShown(kind["name"], name_kind(kind)) for kind in sorted_by_cause(kinds))
        )
        for sender, kinds in groups.items()
    ]


def sorted_by_cause(kinds: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order of CMC's error statuses, what is no bounce last."""
    return sorted(kinds, key=lambda kind: (kind["error_status"] or NO_BOUNCE, not kind["final"]))


def name_sender(sender: str) -> str:
    """The system's name as its maker writes it."""
    return SENDERS.get(sender) or (_("No bounces (answers and complaints)") if sender == "replies" else sender)


def name_kind(kind: dict[str, Any]) -> str:
    """Cause by CMC's name, then what happened, and the language of a notice that is not English."""
    word, _dash, language = kind["name"].partition("/")[2].rpartition("-")
    if language != kind["language"]:
        word = kind["name"].partition("/")[2]
    happened: str = pick_text(HAPPENED[word]) if word in HAPPENED else word
    cause = pick_text(name_status(kind["error_status"])) if kind["error_status"] else ""
    parts = [f"{cause}: {happened}" if cause else happened]
    if kind["language"] != "en":
        parts.append(name_language(kind["language"]))
    return ", ".join(parts)


def name_language(code: str) -> str:
    """Of the notice's text."""
    names: dict[str, str] = {"ja": _("in Japanese"), "de": _("in German"), "fr": _("in French")}
    return names.get(code, code)
