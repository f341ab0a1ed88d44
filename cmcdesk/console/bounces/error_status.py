"""CMC's error statuses as its documents name them. The Japanese names of 11 and 99 are ours."""

from cmcdesk.rules.texts import N_, Text, same, tell
from cmcdesk.store.desk.bounces import ERROR_STATUSES

NAMES: dict[int, str] = {
    1: N_("Unknown host"),
    2: N_("Unknown user"),
    3: N_("Retransmission timeout"),
    4: N_("Rejection"),
    5: N_("Overcapacity"),
    6: N_("Forward error"),
    7: N_("Receiving server error"),
    8: N_("Oversized"),
    9: N_("Address format error"),
    10: N_("Blocked address"),
    11: N_("Unsubscribed address"),
    99: N_("Others"),
}
#: What to do about it, a sentence each (ours).
ADVICE: dict[int, str] = {
    1: N_("Check the domain's spelling and DNS (MX, A); take addresses at a domain that does not exist off the list."),
    2: N_("This mailbox does not exist: take it off the list, and do not go on sending to it."),
    3: N_("The receiving server did not take it in time: send again later, and look at that domain if it goes on."),
    4: N_(
        "Read the reason; look at reputation, SPF, DKIM and content. The recipient's postmaster may have to allow you."
    ),
    5: N_("The mailbox is full: send again in some days; if it stays so, treat the address as abandoned."),
    6: N_("The recipient forwards to where it cannot be delivered: ask them to mend their forwarding."),
    7: N_("The receiving server is at fault and nothing here can mend it: send again later."),
    8: N_("Larger than the recipient takes: make attachments smaller, or send a link to them."),
    9: N_("The address is not well-formed: look for full-width characters, spaces and stray signs, and enter it anew."),
    10: N_("Sending to this address is stopped: lift it only when the reason is gone."),
    11: N_("The recipient unsubscribed: do not send before they agree again."),
    99: N_("Read the whole text; if you can tell the kind, class it by hand."),
}
OURS = frozenset({11, 99})


def name_status(status: int) -> Text:
    """The name of a status; a number that CMC does not know is shown as it is."""
    return tell(NAMES[status]) if status in NAMES else same(str(status))


def advise(status: int) -> Text:
    """What to do about bounces of that status."""
    return tell(ADVICE.get(status, ADVICE[99]))


def list_statuses() -> list[tuple[int, Text]]:
    """All statuses, in CMC's order."""
    return [(status, name_status(status)) for status in ERROR_STATUSES]
